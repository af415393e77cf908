//! A memory store before a `SqliteStore` keeps every law of the store contract.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

use std::{
    fs,
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use session_core::{Cached, FullStore, Ttl};
use session_memory::MemoryStore;
use session_sqlx::{SqliteOptions, SqliteStore};

session_conformance::full_store_laws!(fresh_store, two_stores);

async fn fresh_store() -> impl FullStore {
    cached(SqliteStore::open(fresh_path()).await.unwrap())
}

async fn two_stores() -> (impl FullStore, impl FullStore) {
    let options = SqliteOptions::file(fresh_path());
    let one = options.clone().table("one").unwrap().open().await;
    let two = options.table("two").unwrap().open().await;
    (cached(one.unwrap()), cached(two.unwrap()))
}

/// For longer than any law takes: what the near store should not answer any more, a law asks for.
fn cached(store: SqliteStore) -> Cached<MemoryStore, SqliteStore> {
    Cached::new(MemoryStore::new(), store, Ttl::from_secs(60).unwrap())
}

/// Of a file that is not there yet. It outlives the test, since nothing tells when the store is
/// done with; the next run removes it.
fn fresh_path() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let folder = FOLDER.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sqlite_cached_conformance");
        let _ = fs::remove_dir_all(&folder); // not there the first time
        fs::create_dir_all(&folder).unwrap();
        folder
    });
    folder.join(format!("{}.db", FILES.fetch_add(1, Ordering::Relaxed)))
}
