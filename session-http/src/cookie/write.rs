//! Makes `Set-Cookie` headers.

use bytes::Bytes;
use http::HeaderValue;
use session_core::{Token, TokenInstruction};

use super::CookieConfig;

impl CookieConfig {
    /// The header that carries out this instruction, if it needs one.
    pub(crate) fn header(&self, instruction: &TokenInstruction) -> Option<HeaderValue> {
        match instruction {
            TokenInstruction::Keep => None,
            TokenInstruction::Set(token) => Some(self.set(token)),
            TokenInstruction::Remove => Some(self.remove()),
        }
    }

    fn persists(&self, token: &Token) -> bool {
        token.persistent().unwrap_or(self.persistent)
    }

    fn set(&self, token: &Token) -> HeaderValue {
        let age = self.persists(token).then(|| {
            // Up, so that the cookie of a session with less than a second left is not a removal.
            let seconds = token.longest().as_millis().div_ceil(1000);
            format!("; Max-Age={seconds}")
        });
        let age = age.unwrap_or_default();
        // Exactly, so that the header takes the text over as it is.
        let length = self.name.len() + 1 + token.text_len() + age.len() + self.attributes.len();
        let mut cookie = String::with_capacity(length);
        cookie.push_str(&self.name);
        cookie.push('=');
        token.write_text(&mut cookie);
        cookie.push_str(&age);
        cookie.push_str(&self.attributes);
        header(cookie)
    }

    /// The same name, path, domain and attributes, or a browser would keep the old cookie.
    fn remove(&self) -> HeaderValue {
        header(format!(
            "{}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT{}",
            self.name, self.attributes
        ))
    }
}

/// Marked as sensitive, so that it is neither shown by `Debug` nor kept by header compression.
fn header(cookie: String) -> HeaderValue {
    #[expect(
        clippy::expect_used,
        reason = "name and attributes are checked to be visible ASCII, a token is base64url"
    )]
    let mut value = HeaderValue::from_maybe_shared(Bytes::from(cookie))
        .expect("a checked cookie is a header value");
    value.set_sensitive(true);
    value
}
