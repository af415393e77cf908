//! Who signs in: anybody, by a name of their own choice. An application asks for a password here.

use std::{borrow::Cow, convert::Infallible, time::Duration};

use axum::http::{HeaderMap, header::USER_AGENT};
use session_core::{ConfigError, Lifetime, SignIn, async_trait};
use session_http::Users;

/// How long a guest is remembered.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// As many characters as a name has at most.
const LONGEST: usize = 64;

#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) name: String,
}

pub(crate) struct Guests;

#[async_trait]
impl Users for Guests {
    type User = Guest;
    type Error = Infallible;

    fn id(guest: &Guest) -> Cow<'_, str> {
        (&guest.name).into()
    }

    async fn find(&self, id: &str) -> Result<Option<Guest>, Infallible> {
        let name = id.to_owned();
        Ok(Some(Guest { name }))
    }
}

impl Guest {
    /// `None` if that is no name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        let is_name = !name.is_empty()
            && name.chars().count() <= LONGEST
            && !name.chars().any(char::is_control);
        is_name.then(|| Self {
            name: name.to_owned(),
        })
    }
}

/// What is known of the device that signs in, and whether it is to be remembered.
pub(crate) fn how(headers: &HeaderMap, remember: bool) -> Result<SignIn, ConfigError> {
    let mut how = SignIn::new();
    if let Some(agent) = headers.get(USER_AGENT).and_then(|it| it.to_str().ok()) {
        how = how.user_agent(agent);
    }
    if remember {
        how = how.remember(Lifetime::new(None, Some(REMEMBERED))?);
    }
    Ok(how)
}
