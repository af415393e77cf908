//! The URL of a Redis server, of nodes of a cluster or of sentinels.

use std::{error::Error as _, fmt};

use session_redis::{RedisOptions, redis::IntoConnectionInfo as _};

/// How such a URL may begin.
const SCHEMES: [&str; 6] = [
    "redis",
    "rediss",
    "redis+cluster",
    "rediss+cluster",
    "redis+sentinel",
    "rediss+sentinel",
];

pub(crate) struct RedisUrl {
    pub(crate) options: RedisOptions,
    user: Option<String>,
    /// All of the URL that anyone may see.
    place: String,
}

impl RedisUrl {
    pub(crate) fn is_meant_by(scheme: &str) -> bool {
        SCHEMES.contains(&scheme)
    }

    /// Reads a URL of one of these schemes, whose authority is this.
    pub(crate) fn parse(scheme: &str, authority: &str, url: &str) -> Result<Self, String> {
        let options = RedisOptions::url(url).map_err(|error| {
            let reason = error.source().map(ToString::to_string);
            let reason = reason.unwrap_or_else(|| error.to_string());
            format!("--store {scheme}://: {reason}")
        })?;
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        // The driver knows how to decode it.
        let login = format!("redis://{login}@localhost").into_connection_info();
        let user = login.ok().and_then(|login| {
            let user = login.redis_settings().username();
            user.map(str::to_owned)
        });
        let (_, rest) = url.split_once("//").unwrap_or_default();
        let path = rest.strip_prefix(authority).unwrap_or_default();
        let path = path.split(['?', '#']).next().unwrap_or_default();
        Ok(Self {
            options,
            user,
            place: format!("{scheme}://{hosts}{path}"),
        })
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}
