//! What browsers demand of a cookie (RFC 6265bis §4.1 and §5.6), so that none is dropped silently.

use super::{CookieConfigBuilder, SameSite};

/// Name and value together, in octets (RFC 6265bis §5.6).
const MAX_PAIR: usize = 4096;
/// One attribute's value, in octets.
const MAX_ATTRIBUTE: usize = 1024;
/// The text of the longest session ID: 128 bytes in base64url.
const LONGEST_TOKEN: usize = 171;

/// A cookie that a browser would reject.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CookieError {
    /// The name is empty, or has a character that a token cannot have.
    #[error("the cookie's name {0:?} is not a token (RFC 9110)")]
    Name(String),
    /// Name and value are over 4096 octets together.
    #[error("the cookie's name is {0} octets long: with its value it would exceed 4096")]
    TooLong(usize),
    /// The path does not begin with `/`, has a `;` or a control character, or is over 1024 octets.
    #[error("the cookie's path {0:?} is not valid")]
    Path(String),
    /// The domain is not a host name.
    #[error("the cookie's domain {0:?} is not a host name")]
    Domain(String),
    /// `SameSite=None` without `Secure`.
    #[error("SameSite=None needs Secure")]
    SameSiteNone,
    /// `Partitioned` without `Secure`.
    #[error("Partitioned needs Secure")]
    Partitioned,
    /// A `__Secure-` name without `Secure`.
    #[error("a __Secure- name needs Secure")]
    SecurePrefix,
    /// A `__Host-` name without `Secure`, with a `Domain`, or with another path than `/`.
    #[error("a __Host- name needs Secure, Path=/ and no Domain")]
    HostPrefix,
    /// A `__Http-` or `__Host-Http-` name without `Secure` or `HttpOnly`.
    #[error("a __Http- or __Host-Http- name needs Secure and HttpOnly")]
    HttpPrefix,
}

impl CookieConfigBuilder {
    pub(super) fn check(&self) -> Result<(), CookieError> {
        if self.name.is_empty() || !self.name.bytes().all(is_token) {
            return Err(CookieError::Name(self.name.clone()));
        }
        if self.name.len() + LONGEST_TOKEN > MAX_PAIR {
            return Err(CookieError::TooLong(self.name.len()));
        }
        if !self.path.starts_with('/') || !is_attribute(&self.path) {
            return Err(CookieError::Path(self.path.clone()));
        }
        if let Some(domain) = &self.domain
            && !is_host(domain)
        {
            return Err(CookieError::Domain(domain.clone()));
        }
        if self.same_site == SameSite::None && !self.secure {
            return Err(CookieError::SameSiteNone);
        }
        if self.partitioned && !self.secure {
            return Err(CookieError::Partitioned);
        }
        if self.has_prefix("__Secure-") && !self.secure {
            return Err(CookieError::SecurePrefix);
        }
        let for_host = self.secure && self.domain.is_none() && self.path == "/";
        if self.has_prefix("__Host-") && !for_host {
            return Err(CookieError::HostPrefix);
        }
        let by_http = self.has_prefix("__Http-") || self.has_prefix("__Host-Http-");
        if by_http && !(self.secure && self.http_only) {
            return Err(CookieError::HttpPrefix);
        }
        Ok(())
    }

    /// Browsers match the prefixes without regard to case.
    fn has_prefix(&self, prefix: &str) -> bool {
        self.name
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_attribute(value: &str) -> bool {
    let legal = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b';';
    value.len() <= MAX_ATTRIBUTE && value.bytes().all(legal)
}

fn is_host(domain: &str) -> bool {
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CookieConfig;

    fn builder() -> CookieConfigBuilder {
        CookieConfig::builder()
    }

    #[test]
    fn the_defaults_pass_their_own_check() {
        assert_eq!(builder().build(), Ok(CookieConfig::default()));
    }

    #[test]
    fn what_a_browser_would_drop_is_an_error() {
        let plain = || builder().name("id");
        assert_eq!(
            plain().same_site(SameSite::None).secure(false).build(),
            Err(CookieError::SameSiteNone)
        );
        assert_eq!(
            plain().partitioned(true).secure(false).build(),
            Err(CookieError::Partitioned)
        );
        for name in ["__Host-id", "__host-id", "__HOST-ID"] {
            let host = || builder().name(name);
            let error = Err(CookieError::HostPrefix);
            assert!(host().build().is_ok());
            assert_eq!(host().domain("example.com").build(), error);
            assert_eq!(host().path("/app").build(), error);
            assert_eq!(host().secure(false).build(), error);
        }
        assert_eq!(
            builder().name("__secure-id").secure(false).build(),
            Err(CookieError::SecurePrefix)
        );
    }

    #[test]
    fn a_name_for_http_alone_is_kept_from_scripts() {
        for name in ["__Http-id", "__host-http-id"] {
            assert!(builder().name(name).build().is_ok());
            let open = builder().name(name).http_only(false).build();
            assert_eq!(open, Err(CookieError::HttpPrefix));
        }
    }

    #[test]
    fn nothing_can_be_smuggled_into_the_header() {
        for name in ["", "a b", "a;b", "a=b", "a,b", "é", "a\r\nb", "\"a\""] {
            assert_eq!(
                builder().name(name).build(),
                Err(CookieError::Name(name.into()))
            );
        }
        for path in ["", "app", "/a;b", "/a\nb", "/é"] {
            let plain = builder().name("id");
            assert_eq!(
                plain.path(path).build(),
                Err(CookieError::Path(path.into()))
            );
        }
        for domain in [
            "", ".", "a b", "a;b", "a..b", "-a.b", "é.com", "a\r\nb", "a/b",
        ] {
            let plain = builder().name("id");
            assert_eq!(
                plain.domain(domain).build(),
                Err(CookieError::Domain(domain.into()))
            );
        }
        let long = "n".repeat(4000);
        assert_eq!(
            builder().name(long).build(),
            Err(CookieError::TooLong(4000))
        );
    }
}
