use std::{fmt, time::Duration};

use crate::SessionId;

/// What the client must be told about its token once a request's session is stored.
#[derive(Clone, Default, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a transport must carry out each of them"
)]
pub enum TokenInstruction {
    /// Nothing: the token it has, or has not, is right.
    #[default]
    Keep,
    /// Hold this token from now on.
    Set(Token),
    /// Forget the token.
    Remove,
}

/// The opaque text that a client holds, and for how long. Secret, so `Debug` does not show it.
#[derive(Clone)]
pub struct Token {
    pub(crate) id: SessionId,
    pub(crate) longest: Duration,
    pub(crate) persistent: Option<bool>,
}

impl Token {
    /// The text: base64url characters only.
    pub fn text(&self) -> String {
        self.id.to_text()
    }

    /// The length of the text.
    pub fn text_len(&self) -> usize {
        self.id.text_len()
    }

    /// Writes the text behind what is there.
    pub fn write_text(&self, out: &mut String) {
        self.id.write_text(out);
    }

    /// The longest time that it can be good for: until the absolute timeout, or 400 days without
    /// one. It may end sooner, which the store alone decides. A client is told once, and not with
    /// each renewal: a response that is late must not bring back a token that was replaced since.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// Whether it should outlive the browser; `None` if the session leaves that to the transport.
    pub fn persistent(&self) -> Option<bool> {
        self.persistent
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("longest", &self.longest)
            .field("persistent", &self.persistent)
            .finish_non_exhaustive()
    }
}
