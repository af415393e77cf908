use std::{fmt, marker::PhantomData};

use rand::Rng as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Session, SessionError, Timestamp};

/// Messages for the visitor's next page, each shown exactly once: also after a redirect, and after the session
/// was [destroyed](Session::destroy) by a logout. Then a fresh session holds them, and goes with them.
///
/// Each message is a value of its own in the session, so that two requests which leave one at the same time
/// leave two. Whoever takes them stores at once that they are gone: of two pages that load at the same
/// time, one shows them.
///
/// ```
/// use session_core::{Flash, Message, Session, SessionError};
///
/// const FLASH: Flash = Flash::new("flash");
///
/// # async fn example(session: Session) -> Result<(), SessionError> {
/// // One request, which answers with a redirect:
/// FLASH.push(&session, &Message::success("Your order is on its way."))?;
/// // The next one:
/// for message in FLASH.take(&session).await? {
///     println!("{}: {}", message.level, message.text);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Messages may be of a type of your own: `Flash<MyMessage>`.
pub struct Flash<T = Message> {
    name: &'static str,
    message: PhantomData<fn(&T) -> T>,
}

/// A text with its level.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// How it is meant.
    pub level: Level,
    /// What it says. Text, not HTML: whoever shows it escapes it.
    pub text: String,
}

/// How a message is meant. As text, and as stored: its name in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// For developers.
    Debug,
    /// Something to know.
    Info,
    /// It worked.
    Success,
    /// It worked, but.
    Warning,
    /// It did not work.
    Error,
}

impl<T> Flash<T> {
    /// Messages under keys that begin with this and a colon.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            message: PhantomData,
        }
    }
}

impl<T: Serialize + DeserializeOwned> Flash<T> {
    /// Leaves a message. It is stored with the session's other changes.
    ///
    /// # Errors
    /// [`SessionError::Encode`] if it has no stored form.
    pub fn push(self, session: &Session, message: &T) -> Result<(), SessionError> {
        // By when they were left, and those of one request by their number; then by chance, for those of
        // another one.
        let now = Timestamp::now().as_unix_millis();
        let (number, chance) = (session.len(), rand::rng().next_u32());
        let key = format!("{}:{now:012x}-{number:04x}-{chance:08x}", self.name);
        session.insert(key, message).map(drop)
    }

    /// Takes all messages, those that were left first at the front. What cannot be read is dropped, and a
    /// session that has ended meanwhile has none.
    ///
    /// Call it where they are shown, and not for a `HEAD` request, which shows nothing.
    ///
    /// # Errors
    /// Those of [`Session::update`]; none if there are no messages and nothing else is to be stored.
    pub async fn take(self, session: &Session) -> Result<Vec<T>, SessionError> {
        let taken = session.update(|session| {
            let mut messages = Vec::new();
            for key in self.keys(session) {
                // Of another type after a deploy, it would else stay for ever.
                messages.extend(session.get(&key).unwrap_or_default());
                session.remove(&key);
            }
            Ok(messages)
        });
        match taken.await {
            Err(SessionError::Ended) => Ok(Vec::new()),
            taken => taken,
        }
    }

    /// Whether there are any.
    pub fn is_empty(self, session: &Session) -> bool {
        self.keys(session).is_empty()
    }

    fn keys(self, session: &Session) -> Vec<String> {
        let is_one = |key: &String| {
            let rest = key.strip_prefix(self.name);
            rest.is_some_and(|rest| rest.starts_with(':'))
        };
        let mut keys: Vec<String> = session.keys().into_iter().filter(is_one).collect();
        keys.sort_unstable();
        keys
    }
}

impl<T> Clone for Flash<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Flash<T> {}

impl<T> fmt::Debug for Flash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Flash").field(&self.name).finish()
    }
}

impl Message {
    /// A message of this level.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { level, text }
    }

    /// Something to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Level::Info, text)
    }

    /// It worked.
    pub fn success(text: impl Into<String>) -> Self {
        Self::new(Level::Success, text)
    }

    /// It worked, but.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Level::Warning, text)
    }

    /// It did not work.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Level::Error, text)
    }
}

impl Level {
    /// Its name in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
