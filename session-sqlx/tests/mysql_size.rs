//! What the server would not take is refused as too large, and not mistaken for an outage.

mod server;

use server::{
    database::{Database as _, private},
    ttl, version,
};
use session_core::{NewRecord, Precondition, Store as _, StoreErrorKind, StoreKey, Version};
use session_sqlx::{
    MySqlOptions,
    sqlx::{Connection as _, mysql::MySqlConnection},
};

/// What the server is set to, in bytes.
const PACKET: usize = 1 << 20;
/// What the store leaves of that to what goes around a record.
const AROUND: usize = 512;

#[tokio::test]
async fn a_record_larger_than_a_packet_is_too_large_and_the_largest_is_stored() {
    let Some((_server, url)) = private::<MySqlConnection>().await else {
        return;
    };
    let mut admin = MySqlConnection::connect(&url).await.unwrap();
    let set = format!("SET GLOBAL max_allowed_packet = {PACKET}");
    admin.run(set).await;
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let owner = "o".repeat(1024);
    let data = vec![7; 2 * PACKET];
    let most = PACKET - AROUND - owner.len();
    // Without migrations, the store has to ask.
    for migrate in [true, false] {
        let options = MySqlOptions::url(&url).unwrap().migrate(migrate);
        let store = options.open().await.unwrap();
        for larger in [PACKET, PACKET / 2, 1] {
            let record = NewRecord::new(&data[..most + larger]).owner(Some(&owner));
            let (any, absent) = (Precondition::Any, Precondition::Absent);
            let never = Version::unique();
            for error in [
                store.set(&a, &record, ttl(), any).await,
                store.set(&a, &record, ttl(), absent).await,
                store
                    .set(&a, &record, ttl(), Precondition::Version(never))
                    .await,
                store.rename(&a, &b, &record, ttl(), never).await,
            ] {
                let error = error.unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::TooLarge, "{error:?}");
            }
        }
        let record = NewRecord::new(&data[..most]).owner(Some(&owner));
        let set = store.set(&a, &record, ttl(), Precondition::Absent);
        let old = version(set.await.unwrap());
        let set = store.set(&a, &record, ttl(), Precondition::Version(old));
        let old = version(set.await.unwrap());
        version(store.rename(&a, &b, &record, ttl(), old).await.unwrap());
        let found = store.get(&b).await.unwrap().unwrap();
        assert_eq!(found.data.len(), most);
        assert!(store.delete(&b).await.unwrap());
    }
}
