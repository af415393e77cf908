use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{
    HeaderMap, StatusCode,
    header::{HOST, SET_COOKIE},
};
use session_core::{
    OnServerError, ServerSideBackend, Session, SessionError, StoreError, TokenInstruction,
};

use crate::{CookieConfig, caching, cookie};

/// Sessions over plain headers: the part of this crate that needs no framework.
///
/// A request's headers go in, its session comes out; the session and the response's headers go in,
/// and come out with whatever the client must be told. The tower layer does no more than call
/// these two.
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use session_http::SessionManager;
/// # async fn example(
/// #     backend: session_core::ServerSideBackend,
/// #     request: HeaderMap,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let manager = SessionManager::new(backend);
///
/// let session = manager.load(&request).await?;
/// session.insert("visits", &1)?;
///
/// let mut response = HeaderMap::new();
/// manager.commit(&session, StatusCode::OK, &mut response).await?;
/// assert!(response.contains_key("set-cookie"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SessionManager {
    inner: Arc<Inner>,
}

struct Inner {
    backend: ServerSideBackend,
    cookie: CookieConfig,
    /// Whether to look out for plain http still.
    watching: AtomicBool,
}

impl SessionManager {
    /// Sessions of this backend, carried by the default cookie.
    pub fn new(backend: ServerSideBackend) -> Self {
        Self::with_cookie(backend, CookieConfig::default())
    }

    /// Sessions of this backend, carried by this cookie.
    pub fn with_cookie(backend: ServerSideBackend, cookie: CookieConfig) -> Self {
        let watching = AtomicBool::new(cookie.is_secure());
        Self {
            inner: Arc::new(Inner {
                backend,
                cookie,
                watching,
            }),
        }
    }

    /// The backend.
    pub fn backend(&self) -> &ServerSideBackend {
        &self.inner.backend
    }

    /// The cookie.
    pub fn cookie(&self) -> &CookieConfig {
        &self.inner.cookie
    }

    /// The session of the request with these headers: whatever bytes they hold, a session or an
    /// anonymous one. One store operation if there is a well-formed token, none otherwise.
    ///
    /// # Errors
    /// Those of [`ServerSideBackend::load`].
    pub async fn load(&self, request: &HeaderMap) -> Result<Session, StoreError> {
        self.watch_for_plain_http(request);
        let Inner {
            backend, cookie, ..
        } = &*self.inner;
        let well_formed = |token: &[u8]| backend.is_well_formed(token);
        let token = cookie::token(request, cookie.name(), well_formed);
        backend.load(token).await
    }

    /// Stores what the request did to its session, and tells the client in the headers of the
    /// response: `Set-Cookie` with `Cache-Control: no-store` where the token changes, and
    /// `Vary: Cookie` in any case. What the headers hold already stays.
    ///
    /// # Errors
    /// Those of [`ServerSideBackend::store`]: nothing was stored, so another response must be sent
    /// that does not claim it was. [`abandon`](Self::abandon) completes its headers.
    pub async fn commit(
        &self,
        session: &Session,
        status: StatusCode,
        response: &mut HeaderMap,
    ) -> Result<(), SessionError> {
        let backend = &self.inner.backend;
        let instruction = if self.discards(status) {
            backend.discard(session).await?
        } else {
            backend.store(session).await?
        };
        self.tell(&instruction, response);
        Ok(())
    }

    /// Completes the headers of a response that is sent because a commit failed: what earlier saves
    /// of this request stored stands, and the client must learn of it.
    pub fn abandon(&self, session: &Session, response: &mut HeaderMap) {
        let instruction = self.inner.backend.discard_now(session);
        self.tell(&instruction.unwrap_or_default(), response);
    }

    /// What [`commit`](Self::commit) does, if it takes no store operation; `false` if it does, and nothing has happened.
    #[cfg(feature = "tower")]
    pub(crate) fn commit_now(
        &self,
        session: &Session,
        status: StatusCode,
        response: &mut HeaderMap,
    ) -> bool {
        let backend = &self.inner.backend;
        let instruction = if self.discards(status) {
            backend.discard_now(session)
        } else {
            backend.store_now(session)
        };
        match instruction {
            Some(instruction) => {
                self.tell(&instruction, response);
                true
            }
            None => false,
        }
    }

    fn discards(&self, status: StatusCode) -> bool {
        status.is_server_error() && self.inner.backend.on_server_error() == OnServerError::Discard
    }

    fn tell(&self, instruction: &TokenInstruction, response: &mut HeaderMap) {
        caching::vary_by_cookie(response);
        if let Some(header) = self.inner.cookie.header(instruction) {
            let name = self.inner.cookie.name();
            if cookie::is_set(response, name) {
                tracing::warn!(
                    cookie = name,
                    "this response sets a cookie of the session's name already: each session, and \
                     whatever else sets cookies, needs a name of its own"
                );
            }
            response.append(SET_COOKIE, header);
            caching::no_store(response);
        }
    }

    /// Warns once if the cookie is `Secure` and requests seem to come over plain http from
    /// elsewhere: the browser would drop the cookie, and each request begin a new session.
    fn watch_for_plain_http(&self, request: &HeaderMap) {
        if !self.inner.watching.load(Ordering::Relaxed) {
            return;
        }
        let Some(host) = request.get(HOST).and_then(|host| host.to_str().ok()) else {
            return;
        };
        if is_loopback(host) {
            return;
        }
        self.inner.watching.store(false, Ordering::Relaxed);
        if !is_forwarded_from_https(request) {
            tracing::warn!(
                cookie = self.inner.cookie.name(),
                "the session cookie is Secure: unless this server is reached over https, browsers \
                 drop it and every request begins a new session"
            );
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

fn is_forwarded_from_https(request: &HeaderMap) -> bool {
    let says = |name: &str, https: &str| {
        request.get(name).is_some_and(|value| {
            let value = value.as_bytes().to_ascii_lowercase();
            value
                .windows(https.len())
                .any(|part| part == https.as_bytes())
        })
    };
    says("x-forwarded-proto", "https") || says("forwarded", "proto=https")
}

impl fmt::Debug for SessionManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionManager")
            .field("backend", &self.inner.backend)
            .field("cookie", &self.inner.cookie)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_from_other_hosts() {
        for host in [
            "localhost",
            "localhost:3000",
            "127.0.0.1:80",
            "127.9.9.9",
            "[::1]:80",
            "a.localhost",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "example.com",
            "10.0.0.1:80",
            "[2001:db8::1]",
            "",
            "localhost.example.com",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
