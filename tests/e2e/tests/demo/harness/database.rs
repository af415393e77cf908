//! A look into the database from outside.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use session_core::{IdLength, SessionId, StoreKey};
use session_sqlx::sqlx::{
    Connection as _, MySqlConnection, PgConnection, SqliteConnection, query, query_as,
    query_scalar, raw_sql,
};

use super::keys::Keys;

pub(crate) enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MySql(MySqlConnection),
    Redis(Keys),
}

/// The same on the connection of each driver that speaks SQL.
macro_rules! on {
    ($database:expr, $connection:ident => $what:expr) => {
        match $database {
            Database::Sqlite($connection) => $what,
            Database::Postgres($connection) => $what,
            Database::MySql($connection) => $what,
            Database::Redis(_) => unreachable!("it is asked otherwise"),
        }
    };
}

impl Database {
    /// The database that the demo knows by this URL.
    pub(crate) async fn open(url: &str) -> Self {
        match url.split_once(':').unwrap().0 {
            "sqlite" => Self::Sqlite(SqliteConnection::connect(url).await.unwrap()),
            "postgres" => Self::Postgres(PgConnection::connect(url).await.unwrap()),
            "redis" | "redis+cluster" => Self::Redis(Keys::open(url).await),
            _ => Self::MySql(MySqlConnection::connect(url).await.unwrap()),
        }
    }

    pub(crate) async fn open_file(path: &Path) -> Self {
        Self::open(&format!("sqlite:{}", path.display())).await
    }

    /// Runs a statement of this connection's own.
    pub(crate) async fn execute(&mut self, sql: &'static str) {
        on!(self, connection => raw_sql(sql).execute(connection).await.map(drop)).unwrap();
    }

    /// The key and the data of each row.
    pub(crate) async fn rows(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        if let Self::Redis(keys) = self {
            return keys.rows().await;
        }
        let sql = "SELECT id, data FROM sessions";
        on!(self, connection => query_as(sql).fetch_all(connection).await).unwrap()
    }

    /// Everything in the rows that is not a number.
    pub(crate) async fn dump(&mut self) -> Vec<u8> {
        if let Self::Redis(keys) = self {
            return keys.dump().await;
        }
        let mut dump = self.rows().await;
        let sql = match self {
            Self::Sqlite(_) => "SELECT CAST(user_id AS BLOB) FROM sessions",
            Self::Postgres(_) => "SELECT convert_to(user_id, 'UTF8') FROM sessions",
            _ => "SELECT user_id FROM sessions",
        };
        let owners: Vec<Option<Vec<u8>>> =
            on!(self, connection => query_scalar(sql).fetch_all(connection).await).unwrap();
        let owners = owners.into_iter().flatten();
        dump.extend(owners.map(|owner| (owner, Vec::new())));
        let parts = dump.into_iter().flat_map(|(one, other)| [one, other]);
        parts.collect::<Vec<_>>().join(&b' ')
    }

    /// How many rows have not expired.
    pub(crate) async fn living(&mut self) -> i64 {
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT count(*) FROM sessions WHERE expires_at > unixepoch('now', 'subsec') * 1000"
            }
            Self::Postgres(_) => {
                "SELECT count(*) FROM sessions WHERE expires_at > extract(epoch FROM now()) * 1000"
            }
            Self::MySql(_) => {
                "SELECT count(*) FROM sessions WHERE expires_at > unix_timestamp(now(3)) * 1000"
            }
            // What has expired is not shown.
            Self::Redis(keys) => return i64::try_from(keys.rows().await.len()).unwrap(),
        };
        on!(self, connection => query_scalar(sql).fetch_one(connection).await).unwrap()
    }

    pub(crate) async fn data_of(&mut self, cookie: &str) -> Option<Vec<u8>> {
        let key = key_of(cookie);
        let rows = self.rows().await.into_iter();
        rows.filter(|(id, _)| id == key.as_bytes())
            .map(|(_, data)| data)
            .next()
    }

    /// Writes these bytes where the data of the cookie's session is.
    pub(crate) async fn overwrite(&mut self, cookie: &str, data: &[u8]) {
        let key = key_of(cookie);
        let key = key.as_bytes().as_slice();
        if let Self::Redis(keys) = self {
            return keys.overwrite(key, data).await;
        }
        let sql = match self {
            Self::Postgres(_) => "UPDATE sessions SET data = $1 WHERE id = $2",
            _ => "UPDATE sessions SET data = ? WHERE id = ?",
        };
        let written = on!(self, connection => {
            let update = query(sql).bind(data).bind(key).execute(connection).await;
            update.map(|done| done.rows_affected())
        });
        assert_eq!(written.unwrap(), 1);
    }
}

/// The secret bytes of a cookie pair.
pub(crate) fn id_bytes(cookie: &str) -> Vec<u8> {
    let (_, token) = cookie.split_once('=').unwrap();
    URL_SAFE_NO_PAD.decode(token).unwrap()
}

fn key_of(cookie: &str) -> StoreKey {
    let (_, token) = cookie.split_once('=').unwrap();
    SessionId::parse(token.as_bytes(), IdLength::default())
        .unwrap()
        .store_key()
}
