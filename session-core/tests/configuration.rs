//! A setting that cannot work is an error when the backend is built.

use std::{sync::Arc, time::Duration};

use session_core::{
    ConfigError, Lifetime, ServerSideBackend, ServerSideBackendBuilder, Store, StoreKey,
};

use crate::support::{SpyStore, Visitor};

const DAY: Duration = Duration::from_secs(86_400);

fn build(
    settings: impl FnOnce(ServerSideBackendBuilder) -> ServerSideBackendBuilder,
) -> Result<ServerSideBackend, ConfigError> {
    settings(ServerSideBackend::builder(SpyStore::default())).build()
}

fn refused(
    settings: impl FnOnce(ServerSideBackendBuilder) -> ServerSideBackendBuilder,
) -> ConfigError {
    build(settings).unwrap_err()
}

#[test]
fn session_ids_of_16_to_128_bytes_are_accepted_and_no_others() {
    for bytes in 16..=128 {
        let backend = build(|builder| builder.session_id_bytes(bytes)).unwrap();
        let id = backend.generate_session_id().unwrap();
        assert_eq!(id.as_bytes().len(), bytes);
        assert_eq!(id.to_text().len(), (bytes * 4).div_ceil(3));
    }
    for bytes in [0, 1, 15, 129, 256 + 32, usize::MAX] {
        let error = refused(|builder| builder.session_id_bytes(bytes));
        assert_eq!(error, ConfigError::SessionIdBytes(bytes));
        assert!(error.to_string().contains(&bytes.to_string()));
    }
    let default = build(|builder| builder).unwrap();
    let id = default.generate_session_id().unwrap();
    assert_eq!(id.to_text().len(), 43);
}

#[test]
fn timeouts_of_1_millisecond_to_400_days_are_accepted_and_no_others() {
    let good = [Duration::from_millis(1), DAY, 400 * DAY];
    for timeout in good {
        build(|builder| builder.idle_timeout(timeout)).unwrap();
        build(|builder| builder.absolute_timeout(timeout)).unwrap();
        Lifetime::new(Some(timeout), Some(timeout)).unwrap();
    }
    let bad = [
        Duration::ZERO,
        Duration::from_micros(999),
        400 * DAY + Duration::from_millis(1),
        401 * DAY,
        Duration::MAX,
    ];
    for timeout in bad {
        for error in [
            refused(|builder| builder.idle_timeout(timeout)),
            refused(|builder| builder.absolute_timeout(timeout)),
            Lifetime::new(Some(timeout), None).unwrap_err(),
            Lifetime::new(Some(DAY), Some(timeout)).unwrap_err(),
        ] {
            assert!(matches!(error, ConfigError::Timeout { .. }), "{error}");
        }
    }
}

#[test]
fn one_timeout_is_enough_and_none_is_refused() {
    build(|builder| builder.idle_timeout(None)).unwrap();
    build(|builder| builder.absolute_timeout(None)).unwrap();
    let error = refused(|builder| builder.idle_timeout(None).absolute_timeout(None));
    assert_eq!(error, ConfigError::NoTimeout);
    assert_eq!(Lifetime::new(None, None), Err(ConfigError::NoTimeout));
}

#[test]
fn a_limit_of_1_byte_to_2_gib_is_accepted_and_no_other() {
    let two_gib = 1 << 31;
    for bytes in [1, 4096, two_gib - 1] {
        build(|builder| builder.max_bytes(bytes)).unwrap();
    }
    for bytes in [0, two_gib, usize::MAX] {
        let error = refused(|builder| builder.max_bytes(bytes));
        assert_eq!(error, ConfigError::MaxBytes(bytes));
    }
}

#[test]
fn the_default_lifetime_is_a_day_idle_and_thirty_in_all() {
    let lifetime = Lifetime::default();
    assert_eq!(lifetime.idle(), Some(DAY));
    assert_eq!(lifetime.absolute(), Some(30 * DAY));
}

#[tokio::test]
async fn a_store_picked_at_run_time_works_alike() {
    let store = SpyStore::default();
    let picked: Arc<dyn Store> = Arc::new(store.clone());
    let backend = ServerSideBackend::builder_shared(picked).build().unwrap();
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    let moved = Visitor::of(&backend, &session).await;
    // The store's own `rename` is used, not the provided one.
    assert_eq!(store.calls(), ["get", "rename"]);
    assert_eq!(store.keys(), [moved.key]);
    let boxed: Box<dyn Store> = Box::new(store.clone());
    assert!(boxed.exists(&moved.key).await.unwrap());
    assert!(!boxed.exists(&StoreKey::digest(b"no")).await.unwrap());
    assert_eq!(store.calls(), ["exists", "exists"]);
}
