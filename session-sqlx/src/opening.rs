//! Opening a database server: the URL, and what to wait for.

use std::time::Duration;

use session_core::{Operation, StoreError, StoreErrorKind};
use sqlx::{ConnectOptions, Error};
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
                Ok(Ok(_)) => migrate().await,
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
