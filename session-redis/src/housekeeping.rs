use std::collections::HashSet;

use session_core::{Maintain, Operation, StoreError, StoreKey, async_trait};

use crate::{
    owner::counted,
    run::{DONE, OnLoss, UNSETTLED, fault},
    scan::Scan,
    store::{RedisStore, Shared},
};

/// How often `delete_all` goes through the keys at most.
const PASSES: u32 = 8;

#[async_trait]
impl Maintain for RedisStore {
    /// Removes what is past in the owners' indexes: the server removes the records themselves. Goes through
    /// the indexes in steps of a few hundred.
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let shared = &*self.shared;
        let fault = || fault(Operation::PurgeExpired);
        let mut scan = Scan::begin(&shared.link, shared.names.index_pattern())
            .await
            .map_err(fault())?;
        let mut purged = 0;
        while let Some(names) = scan.step().await.map_err(fault())? {
            for name in names.iter().filter(|name| shared.names.is_index(name)) {
                if purged >= u64::from(limit) {
                    return Ok(purged);
                }
                let left = (u64::from(limit) - purged).min(1000).to_string();
                let arguments = [shared.indexes(), left.as_bytes()];
                let (operation, script) = (Operation::PurgeExpired, &shared.scripts.trim);
                let mut answer = shared
                    .run(operation, OnLoss::Again, script, &[name], &arguments)
                    .await?;
                purged += answer.count();
            }
        }
        Ok(purged)
    }

    /// Goes through the keys in steps of a few hundred, again until it finds none: what is renamed meanwhile
    /// can be where it has been already.
    async fn delete_all(&self) -> Result<u64, StoreError> {
        self.shared.forget_all();
        let removed = self.shared.delete_all().await;
        self.shared.forget_all();
        removed
    }

    /// Goes through the keys in steps of a few hundred, and remembers eight bytes of each.
    async fn count(&self) -> Result<u64, StoreError> {
        let shared = &*self.shared;
        let fault = || fault(Operation::Count);
        let mut scan = Scan::begin(&shared.link, shared.names.record_pattern())
            .await
            .map_err(fault())?;
        // A key may be found twice while the server makes room for more.
        let mut seen = HashSet::new();
        while let Some(names) = scan.step().await.map_err(fault())? {
            for key in names.iter().filter_map(|name| shared.names.key(name)) {
                if shared.counts(&key).await? {
                    seen.insert(start_of(&key));
                }
            }
        }
        Ok(seen.len() as u64)
    }
}

/// What one pass of `delete_all` came to.
#[derive(Default)]
struct Pass {
    removed: u64,
    /// Whether a rename was on its way, of which nobody knew where it would end.
    is_open: bool,
    loss: Option<StoreError>,
}

impl Shared {
    async fn delete_all(&self) -> Result<u64, StoreError> {
        let (mut removed, mut loss) = (0, None);
        for number in 1..=PASSES {
            let pass = self.delete_each().await?;
            removed += pass.removed;
            loss = loss.or(pass.loss);
            if pass.removed == 0 && !pass.is_open && number > 1 {
                break;
            }
        }
        counted(removed, loss)
    }

    async fn delete_each(&self) -> Result<Pass, StoreError> {
        let fault = || fault(Operation::DeleteAll);
        let mut scan = Scan::begin(&self.link, self.names.record_pattern())
            .await
            .map_err(fault())?;
        let mut pass = Pass::default();
        while let Some(mut names) = scan.step().await.map_err(fault())? {
            names.retain(|name| self.names.key(name).is_some());
            if self.together {
                self.delete_these(&names, &mut pass).await?;
                continue;
            }
            for key in names.iter().filter_map(|name| self.names.key(name)) {
                let answer = self.delete(Operation::DeleteAll, &key, None).await?;
                pass.is_open |= answer.code == UNSETTLED;
                pass.removed += u64::from(answer.code == DONE);
                pass.loss = pass.loss.or(answer.loss);
            }
        }
        Ok(pass)
    }

    async fn delete_these(&self, names: &[Vec<u8>], pass: &mut Pass) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        let arguments: [&[u8]; 2] = [self.indexes(), b""];
        let (operation, script) = (Operation::DeleteAll, &self.scripts.delete);
        let mut answer = self
            .run(operation, OnLoss::Again, script, &names, &arguments)
            .await?;
        pass.removed += answer.count();
        pass.loss = pass.loss.take().or(answer.loss);
        Ok(())
    }

    /// Whether what is there is a record: in a cluster it may be the trace of one that is being renamed.
    async fn counts(&self, key: &StoreKey) -> Result<bool, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.together {
            return self.is_living(key).await;
        }
        let _ = key;
        Ok(true)
    }
}

/// Enough to tell keys apart: they are digests.
fn start_of(key: &StoreKey) -> [u8; 8] {
    let mut start = [0; 8];
    start.copy_from_slice(&key.as_bytes()[..8]);
    start
}
