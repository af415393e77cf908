//! How replicas are made to agree with the first store.

use super::Inner;
use crate::{NewRecord, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Ttl};

impl<S: Store> Inner<S> {
    /// Has all replicas do this, one after another, whatever comes of it in one of them; the first failure
    /// under the policy.
    pub(super) async fn each<'a, T, F>(&'a self, act: impl Fn(&'a S) -> F) -> Result<(), StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut failed = Ok(());
        for replica in &self.replicas {
            let done = self.weigh(act(replica).await.map(drop));
            failed = failed.and(done);
        }
        failed
    }

    /// Gives the replicas what the first store has by now: until it has that still
    /// once they have it. Somebody else may have been quicker there than here, and slower
    /// elsewhere.
    pub(super) async fn copy(&self, key: &StoreKey) -> Result<(), StoreError> {
        let mut now = self.first.get(key).await?;
        loop {
            match &now {
                Some(record) => self.rewrite(key, record).await?,
                None => self.each(|replica| replica.delete(key)).await?,
            }
            let copied = now.map(|record| record.version);
            now = self.first.get(key).await?;
            if now.as_ref().map(|record| record.version) == copied {
                return Ok(());
            }
        }
    }

    async fn rewrite(&self, key: &StoreKey, record: &Record) -> Result<(), StoreError> {
        let Ok(ttl) = Ttl::try_from(record.expires_in) else {
            return self.each(|replica| replica.delete(key)).await;
        };
        let new = NewRecord::new(&record.data)
            .owner(record.owner.as_deref())
            .created_at(Some(record.created_at));
        self.each(|replica| async move {
            let set: Result<SetOutcome, StoreError> =
                replica.set(key, &new, ttl, Precondition::Any).await;
            set
        })
        .await
    }
}
