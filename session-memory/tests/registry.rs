//! Stores by name, opened from URLs.

use std::sync::Arc;

use session_core::{FullStore, OpenStoreError, StoreError, StoreErrorKind, StoreRegistry};
use session_memory::MemoryStore;

async fn memory(_: String) -> Result<Arc<dyn FullStore>, StoreError> {
    Ok(Arc::new(MemoryStore::new()))
}

async fn unreachable(_: String) -> Result<Arc<dyn FullStore>, StoreError> {
    let kind = StoreErrorKind::Unavailable;
    Err(StoreError::new(kind, session_core::Operation::Open))
}

#[tokio::test]
async fn stores_are_opened_by_url_and_got_by_name() {
    let mut stores = StoreRegistry::new();
    stores
        .scheme("memory", memory)
        .scheme("nowhere", unreachable);
    stores.open("visitors", "memory:").await.unwrap();
    stores
        .insert("staff", Arc::new(MemoryStore::new()))
        .unwrap();
    assert!(stores.names().eq(["staff", "visitors"]));
    assert_eq!(stores.get("visitors").unwrap().count().await.unwrap(), 0);
    let unknown = stores.get("admins").map(drop).unwrap_err();
    let said = "there is no store \"admins\"; there are: staff, visitors";
    assert_eq!(unknown.to_string(), said);
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_without_the_url() {
    let mut stores = StoreRegistry::new();
    let unknown = stores.open("visitors", "redis://:secret@host").await;
    let unknown = unknown.unwrap_err();
    let said = "the URL of the store \"visitors\" begins with none of these schemes: none";
    assert_eq!(unknown.to_string(), said);
    stores
        .scheme("memory", memory)
        .scheme("nowhere", unreachable);
    let failed = stores.open("visitors", "nowhere://:secret@host").await;
    let failed = failed.unwrap_err();
    assert!(
        matches!(&failed, OpenStoreError::Store(error) if error.kind() == StoreErrorKind::Unavailable)
    );
    assert!(!format!("{failed} {failed:?} {unknown:?} {stores:?}").contains("secret"));
    // Nothing has taken the name.
    stores.open("visitors", "memory:").await.unwrap();
    for taken in [
        stores.open("visitors", "memory:").await,
        stores.insert("visitors", Arc::new(MemoryStore::new())),
    ] {
        let taken = taken.unwrap_err();
        assert_eq!(taken.to_string(), "there is a store \"visitors\" already");
    }
}
