use std::fmt;

use cookie::Cookie;

use super::CookieError;

pub use cookie::SameSite;

/// The cookie that carries a session's token: its name and attributes, checked when it is built.
///
/// Default: `__Host-id`, `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/`, no `Domain`, gone with
/// the browser. Chrome, Firefox and curl take `Secure` cookies on loopback addresses over plain
/// http, so nothing needs to change for development with them. Safari does not: develop with
/// `.name("id").secure(false)` there.
///
/// ```
/// use session_http::{CookieConfig, SameSite};
///
/// let cookie = CookieConfig::builder()
///     .name("__Secure-sid")
///     .domain("example.com")
///     .same_site(SameSite::Strict)
///     .persistent(true)
///     .build()?;
/// assert_eq!(cookie.name(), "__Secure-sid");
///
/// // A browser would drop this one without a word:
/// assert!(CookieConfig::builder().name("__Host-sid").domain("example.com").build().is_err());
/// # Ok::<(), session_http::CookieError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CookieConfig {
    pub(super) name: String,
    /// All attributes but the age, as they stand in `Set-Cookie`, with the leading `; `.
    pub(super) attributes: String,
    secure: bool,
    pub(super) persistent: bool,
}

impl CookieConfig {
    /// Configures a cookie, beginning with the defaults.
    pub fn builder() -> CookieConfigBuilder {
        CookieConfigBuilder::default()
    }

    /// The cookie's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is sent over secure connections only.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it outlives the browser, unless a session says otherwise.
    pub fn is_persistent(&self) -> bool {
        self.persistent
    }
}

impl Default for CookieConfig {
    fn default() -> Self {
        let defaults = CookieConfigBuilder::default();
        Self {
            attributes: defaults.attributes(),
            name: defaults.name,
            secure: defaults.secure,
            persistent: defaults.persistent,
        }
    }
}

impl fmt::Debug for CookieConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CookieConfig({}=...{}", self.name, self.attributes)?;
        f.write_str(if self.persistent { "; Max-Age)" } else { ")" })
    }
}

/// Configures a [`CookieConfig`]. What a browser would reject is an error of
/// [`build`](Self::build).
#[derive(Clone, Debug)]
#[must_use]
pub struct CookieConfigBuilder {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) domain: Option<String>,
    pub(super) same_site: SameSite,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) partitioned: bool,
    persistent: bool,
}

impl Default for CookieConfigBuilder {
    fn default() -> Self {
        Self {
            name: "__Host-id".to_owned(),
            path: "/".to_owned(),
            domain: None,
            same_site: SameSite::Lax,
            secure: true,
            http_only: true,
            partitioned: false,
            persistent: false,
        }
    }
}

impl CookieConfigBuilder {
    /// Its name: a token (RFC 9110 §5.6.2). A name that begins with `__Host-` cannot be set by
    /// another host of the same site, one with `__Secure-` only by a secure one. Default:
    /// `__Host-id`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The path under which the browser sends it. Default: `/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The domain that shares it with all its subdomains. Default: none, this host alone. Not
    /// possible under a `__Host-` name.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Which requests from other sites carry it. Default: `Lax`, top-level navigation only, so
    /// that a link and a sign-in by way of another site find the session. `None` needs `Secure`.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Whether it is sent over secure connections only. Default: yes.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Whether scripts cannot read it. Default: yes.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// Whether it is kept apart for each top-level site that embeds this one (CHIPS). Default: no.
    /// Needs `Secure`, and makes sense with `SameSite=None`.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    /// Whether it outlives the browser, for as long as the session does (at most 400 days).
    /// Default: no. A session can say otherwise for itself.
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = persistent;
        self
    }

    /// The checked cookie.
    ///
    /// # Errors
    /// [`CookieError`] says which rule a browser would reject it by.
    pub fn build(self) -> Result<CookieConfig, CookieError> {
        self.check()?;
        Ok(CookieConfig {
            attributes: self.attributes(),
            name: self.name,
            secure: self.secure,
            persistent: self.persistent,
        })
    }

    fn attributes(&self) -> String {
        let mut cookie = Cookie::build(("", ""))
            .path(self.path.as_str())
            .same_site(self.same_site)
            .secure(self.secure)
            .http_only(self.http_only)
            .partitioned(self.partitioned);
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain.as_str());
        }
        let text = cookie.build().to_string();
        text.strip_prefix('=').unwrap_or(&text).to_owned()
    }
}
