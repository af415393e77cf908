//! The URLs of stores, which may hold a password: no message repeats it, nor the user.

use std::{fmt, path::PathBuf, str::FromStr};

use session_sqlx::sqlx::{self, mysql::MySqlConnectOptions, postgres::PgConnectOptions};

use crate::redis_url::RedisUrl;

/// A store of this build.
pub(crate) enum StoreUrl {
    Memory,
    Sqlite(PathBuf),
    SqliteMemory,
    Postgres(Box<PgConnectOptions>),
    MySql(Box<MySqlConnectOptions>),
    Redis(Box<RedisUrl>),
}

/// Stores of other builds.
const ELSEWHERE: [&str; 1] = ["cookie:"];

impl StoreUrl {
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        if let Some(other) = ELSEWHERE.iter().find(|other| url.starts_with(*other)) {
            return Err(format!("--store {other} is not available in this build"));
        }
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", ":memory:")) => Ok(Self::SqliteMemory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some((scheme @ ("postgres" | "postgresql"), rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(server(scheme, url)?))
            }
            Some((scheme @ ("mysql" | "mariadb"), rest)) if rest.starts_with("//") => {
                Ok(Self::MySql(server(scheme, url)?))
            }
            Some((scheme, rest)) if RedisUrl::is_meant_by(scheme) && rest.starts_with("//") => {
                let redis = RedisUrl::parse(scheme, authority(scheme, url)?, url)?;
                Ok(Self::Redis(Box::new(redis)))
            }
            _ => Err(
                "--store is none of memory:, sqlite:PATH, sqlite::memory:, postgres://..., \
                 mysql://..., redis://..., rediss://..., redis+cluster://... and \
                 redis+sentinel://..."
                    .to_owned(),
            ),
        }
    }

    /// Whom the store is told that it is.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Self::Memory | Self::Sqlite(_) | Self::SqliteMemory => None,
            Self::Postgres(options) => Some(options.get_username()),
            Self::MySql(options) => Some(options.get_username()),
            Self::Redis(redis) => redis.user(),
        }
    }
}

/// Reads the URL of a database server.
fn server<T: FromStr<Err = sqlx::Error>>(scheme: &str, url: &str) -> Result<Box<T>, String> {
    authority(scheme, url)?;
    url.parse().map(Box::new).map_err(|error| match error {
        sqlx::Error::Configuration(reason) => format!("--store {scheme}://: {reason}"),
        error => format!("--store {scheme}://: {error}"),
    })
}

/// What is before the path of a URL. A password with a `/`, `?` or `#` in it is refused: the rest of it
/// would pass for a port, a database and so on, which may be shown.
fn authority<'a>(scheme: &str, url: &'a str) -> Result<&'a str, String> {
    let authority = url.split("//").nth(1).unwrap_or_default();
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.matches('@').count() < url.matches('@').count() {
        return Err(format!(
            "--store {scheme}://: a / ? # or @ in the user, the password or an option has to be \
             percent-encoded"
        ));
    }
    Ok(authority)
}

/// Where the store is, and nothing else of the URL.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, port, database) = match self {
            Self::Memory => return f.write_str("memory:"),
            Self::Sqlite(path) => return write!(f, "sqlite:{}", path.display()),
            Self::SqliteMemory => return f.write_str("sqlite::memory:"),
            Self::Postgres(at) => ("postgres", at.get_host(), at.get_port(), at.get_database()),
            Self::Redis(redis) => return redis.fmt(f),
            Self::MySql(at) => ("mysql", at.get_host(), at.get_port(), at.get_database()),
        };
        let database = database.unwrap_or_default();
        write!(f, "{scheme}://{host}:{port}/{database}")
    }
}
