use std::{fmt, sync::Arc};

use axum_core::response::{IntoResponse as _, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, LOCATION},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a visitor is answered who is not signed in, where only users are served.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Anonymous {
    /// 401, with one sentence of text. The default.
    #[default]
    Unauthorized,
    /// 303 to this path, a sign-in page's, with the path and query of a `GET` that was refused as the
    /// query parameter `next`. See [`safe_next`](crate::safe_next) for the way back.
    Redirect(Arc<str>),
    /// The application's own answer, given the path and query of a `GET` that was refused.
    Own(Answer),
}

/// Makes an answer.
type Answer = Arc<dyn Fn(Option<&str>) -> Response + Send + Sync>;

/// What may stand in a query's value as it is (RFC 3986 §3.4), but for what separates parameters.
const AS_IT_IS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

impl Anonymous {
    /// See [`Self::Redirect`].
    pub fn redirect(to: &str) -> Self {
        Self::Redirect(to.into())
    }

    /// See [`Self::Own`].
    pub fn own(answer: impl Fn(Option<&str>) -> Response + Send + Sync + 'static) -> Self {
        Self::Own(Arc::new(answer))
    }

    pub(super) fn response(&self, to: Option<&str>) -> Response {
        let mut response = match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Sign in first.").into_response(),
            Self::Redirect(page) => redirect(page, to),
            Self::Own(answer) => answer(to),
        };
        // Of another visitor it would be wrong.
        let headers = response.headers_mut();
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        response
    }
}

fn redirect(page: &str, to: Option<&str>) -> Response {
    let location = match to {
        Some(to) => {
            let separator = if page.contains('?') { '&' } else { '?' };
            let next = utf8_percent_encode(to, AS_IT_IS);
            format!("{page}{separator}next={next}")
        }
        None => page.to_owned(),
    };
    match HeaderValue::try_from(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        // Of a page with bytes that no header has.
        Err(_) => StatusCode::UNAUTHORIZED.into_response(),
    }
}

impl fmt::Debug for Anonymous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized => f.write_str("Unauthorized"),
            Self::Redirect(to) => f.debug_tuple("Redirect").field(to).finish(),
            Self::Own(_) => f.write_str("Own"),
        }
    }
}
