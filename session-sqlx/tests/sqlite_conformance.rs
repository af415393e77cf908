//! `SqliteStore` keeps every law of the store contract, on a file and in memory.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

use session_core::FullStore;
use session_sqlx::{SqliteOptions, SqliteStore};

mod file {
    use std::{
        fs,
        path::PathBuf,
        sync::{
            OnceLock,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use super::*;

    session_conformance::full_store_laws!(fresh_store, two_stores);

    async fn fresh_store() -> impl FullStore {
        SqliteStore::open(fresh_path()).await.unwrap()
    }

    async fn two_stores() -> (impl FullStore, impl FullStore) {
        let options = SqliteOptions::file(fresh_path());
        let one = options.clone().table("one").unwrap().open().await;
        let two = options.table("two").unwrap().open().await;
        (one.unwrap(), two.unwrap())
    }

    /// Of a file that is not there yet. It outlives the test, since nothing tells when the store
    /// is done with; the next run removes it.
    fn fresh_path() -> PathBuf {
        static FOLDER: OnceLock<PathBuf> = OnceLock::new();
        static FILES: AtomicUsize = AtomicUsize::new(0);
        let folder = FOLDER.get_or_init(|| {
            let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sqlite_conformance");
            let _ = fs::remove_dir_all(&folder); // not there the first time
            fs::create_dir_all(&folder).unwrap();
            folder
        });
        folder.join(format!("{}.db", FILES.fetch_add(1, Ordering::Relaxed)))
    }
}

mod memory {
    use session_sqlx::sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    session_conformance::full_store_laws!(fresh_store, two_stores);

    async fn fresh_store() -> impl FullStore {
        SqliteStore::open_in_memory().await.unwrap()
    }

    async fn two_stores() -> (impl FullStore, impl FullStore) {
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.unwrap();
        let one = SqliteStore::from_pool(pool.clone());
        let two = SqliteStore::builder(pool).table("two").unwrap().build();
        one.migrate().await.unwrap();
        two.migrate().await.unwrap();
        (one, two)
    }
}
