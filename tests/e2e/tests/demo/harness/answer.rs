//! A response, read whole.

use serde_json::Value;

/// The default name of the session's cookie.
const NAME: &str = "__Host-id=";

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// From all bytes of a response, without any interim one.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.filter_map(|line| line.split_once(':'));
        Some(Self {
            status,
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
        })
    }

    /// Whether the body has the length that the head says.
    pub(crate) fn is_whole(&self) -> bool {
        let length = self
            .all("content-length")
            .first()
            .map(|length| length.parse());
        length == Some(Ok(self.body.len()))
    }

    pub(crate) fn all<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let named = self.headers.iter().filter(|(found, _)| found == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.all("set-cookie")
    }

    /// The pair that a client sends back, if this response gives it a session's cookie.
    pub(crate) fn cookie(&self) -> Option<String> {
        let pairs = self
            .set_cookies()
            .into_iter()
            .filter_map(|cookie| cookie.split(';').next());
        let mut tokens = pairs.filter(|pair| pair.starts_with(NAME) && pair.len() > NAME.len());
        tokens.next().map(str::to_owned)
    }

    pub(crate) fn removes_cookie(&self) -> bool {
        let removal = format!("{NAME};");
        self.set_cookies()
            .iter()
            .any(|cookie| cookie.starts_with(&removal))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The session's values, of an answer to `GET /api/session`.
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["data"].clone()
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        self.status == 200 && self.json()["is_new"] == true
    }

    /// Panics with the whole answer unless it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}
