use std::{sync::Arc, time::Duration};

use super::{Answer, Id, Raw};

/// moka, with a time to live for all.
#[derive(Clone)]
pub(super) struct Cache(moka::sync::Cache<Id, Arc<[u8]>>);

impl Cache {
    pub(super) fn new() -> Self {
        let cache = moka::sync::Cache::builder()
            .max_capacity(1 << 20)
            .time_to_live(Duration::from_secs(24 * 60 * 60));
        Self(cache.build())
    }
}

impl Raw for Cache {
    type Blob = Arc<[u8]>;

    async fn load(&self, id: &Id) -> Answer<Option<Arc<[u8]>>> {
        Ok(self.0.get(id))
    }

    async fn replace(&self, id: &Id, blob: Vec<u8>) -> Answer<()> {
        self.create(id, blob).await
    }

    async fn create(&self, id: &Id, blob: Vec<u8>) -> Answer<()> {
        self.0.insert(*id, blob.into());
        Ok(())
    }
}
