//! Opening a database server: the URL, and what to wait for.

use std::time::Duration;

use session_core::{Operation, StoreError, StoreErrorKind};
use sqlx::{ConnectOptions, Connection as _, Error};
use tokio::time::timeout;

use crate::again::Codes;

/// How long a server has for saying what is the matter, after the pool has waited for it in vain.
const PATIENCE: Duration = Duration::from_millis(250);

/// Reads a URL of one of these schemes. The driver would take any.
pub(crate) fn parse<C: ConnectOptions>(url: &str, schemes: [&str; 2]) -> Result<C, Error> {
    let is_another = url.split_once("://").is_some_and(|(scheme, _)| {
        let is = |known: &&str| scheme.trim_start().eq_ignore_ascii_case(known);
        !schemes.iter().any(is)
    });
    if is_another {
        let [one, other] = schemes;
        let says = format!("a URL for this store begins with {one}:// or {other}://");
        return Err(Error::Configuration(says.into()));
    }
    url.parse()
}

/// Runs the migrations, but gives up what takes longer than this limit: there is no end to what one may wait
/// for in the server.
pub(crate) async fn open<C: ConnectOptions, F: Future<Output = Result<(), StoreError>>>(
    limit: Duration,
    connect: &C,
    codes: Codes,
    migrate: impl Fn() -> F,
) -> Result<(), StoreError>
where
    C::Connection: Sized,
{
    let opening = async {
        match migrate().await {
            // The pool keeps why it could not connect to itself.
            Err(error) if is_in_vain(&error) => match timeout(PATIENCE, connect.connect()).await {
                Ok(Ok(connection)) => {
                    // In due form, or the server takes it for a client that has died.
                    drop(timeout(PATIENCE, connection.close()).await);
                    migrate().await
                }
                Ok(Err(reason)) => Err(codes.fault(Operation::Open)(reason)),
                Err(_) => Err(error),
            },
            other => other,
        }
    };
    let opened = timeout(limit, opening).await;
    opened.unwrap_or_else(|elapsed| {
        let error = StoreError::new(StoreErrorKind::Timeout, Operation::Open);
        Err(error.with_source(elapsed))
    })
}

fn is_in_vain(error: &StoreError) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref());
    matches!(source, Some(Error::PoolTimedOut))
}

#[cfg(all(test, feature = "mysql"))]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use session_test_servers::{Kind, Server};
    use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};

    use super::*;

    const OTHERS: &str = "SELECT count(*) FROM information_schema.processlist
        WHERE user = 'root' AND id <> connection_id()";
    const ABORTED: &str = "SELECT CAST(variable_value AS SIGNED)
        FROM information_schema.global_status WHERE variable_name = 'Aborted_clients'";

    async fn number(admin: &mut MySqlConnection, sql: &'static str) -> Result<i64, Error> {
        sqlx::query_scalar(sql).fetch_one(admin).await
    }

    #[tokio::test]
    async fn a_connection_that_was_made_to_see_what_is_the_matter_is_closed_in_due_form() {
        let Some(server) = Server::start(Kind::MariaDb) else {
            return;
        };
        let connect: MySqlConnectOptions = server.url().parse().unwrap();
        let codes = Codes {
            kind: |_| StoreErrorKind::Other,
            trouble: |_| None,
        };
        let is_migrated = AtomicBool::new(false);
        let migrate = || async {
            match is_migrated.swap(true, Ordering::SeqCst) {
                true => Ok(()),
                false => Err(codes.fault(Operation::Open)(Error::PoolTimedOut)),
            }
        };
        let limit = Duration::from_secs(10);
        open(limit, &connect, codes, migrate).await.unwrap();
        let mut admin = connect.connect().await.unwrap();
        while number(&mut admin, OTHERS).await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(number(&mut admin, ABORTED).await.unwrap(), 0);
    }
}
