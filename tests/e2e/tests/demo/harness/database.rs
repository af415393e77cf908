//! A look into the SQLite file from outside.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use session_core::{IdLength, SessionId, StoreKey};
use session_sqlx::sqlx::{
    ConnectOptions as _, SqliteConnection, query, query_as, query_scalar, raw_sql,
    sqlite::SqliteConnectOptions,
};

pub(crate) struct Database(SqliteConnection);

impl Database {
    pub(crate) async fn open(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path);
        Self(options.connect().await.unwrap())
    }

    /// Runs a statement of this connection's own.
    pub(crate) async fn execute(&mut self, sql: &'static str) {
        raw_sql(sql).execute(&mut self.0).await.unwrap();
    }

    /// The key and the data of each row.
    pub(crate) async fn rows(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let rows = query_as("SELECT id, data FROM sessions");
        rows.fetch_all(&mut self.0).await.unwrap()
    }

    /// How many rows have not expired.
    pub(crate) async fn living(&mut self) -> i64 {
        let count =
            "SELECT count(*) FROM sessions WHERE expires_at > unixepoch('now', 'subsec') * 1000";
        query_scalar(count).fetch_one(&mut self.0).await.unwrap()
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
        let update = query("UPDATE sessions SET data = ?1 WHERE id = ?2");
        let update = update.bind(data).bind(key.as_bytes().as_slice());
        assert_eq!(
            update.execute(&mut self.0).await.unwrap().rows_affected(),
            1
        );
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
