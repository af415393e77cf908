//! A purge of `MySqlStore` goes by the keys of what has expired, also where the table is so small that the
//! optimizer would rather walk all of it.

mod server;

use std::time::Duration;

use server::database::{Database as _, numbered, private};
use session_core::Maintain as _;
use session_sqlx::{
    MySqlOptions,
    sqlx::{Connection as _, mysql::MySqlConnection},
};
use tokio::time::timeout;

const LIVING: u64 = 50;
const EXPIRED: u64 = 400;
/// A purge that waits for nobody needs a hundredth of that.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_living_row_that_is_locked_keeps_no_purge_of_a_small_table_waiting() {
    let Some((_server, url)) = private::<MySqlConnection>().await else {
        return;
    };
    let store = MySqlOptions::url(&url).unwrap().open().await.unwrap();
    let mut holder = MySqlConnection::connect(&url).await.unwrap();
    let fill = MySqlConnection::FILL.replace("{living}", &LIVING.to_string());
    holder
        .run(fill.replace("{expired}", &EXPIRED.to_string()))
        .await;
    let hex: String = numbered(7)
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let row = MySqlConnection::KEY.replace("{hex}", &hex);
    holder.run("BEGIN").await;
    holder
        .run(format!(
            "SELECT 1 FROM sessions WHERE id = {row} FOR UPDATE"
        ))
        .await;

    let purged = timeout(PATIENCE, store.purge_expired(1000)).await;
    assert_eq!(purged.unwrap().unwrap(), EXPIRED);
    holder.run("COMMIT").await;
}
