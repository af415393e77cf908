use std::collections::HashSet;

use session_core::{Maintain, Operation, StoreError, StoreErrorKind, StoreKey, async_trait};

use crate::{
    owner::counted,
    run::{OnLoss, fault},
    scan::Scan,
    store::{RedisStore, Shared},
};

/// How often `delete_all` goes through the keys at most while it still finds some: others go on writing.
const PASSES: u32 = 8;
/// How many entries of an index one script removes at most, so that nobody waits for it.
const TRIM: u64 = 1000;

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
        let (mut purged, mut corrupt) = (0, None);
        while let Some(names) = scan.step().await.map_err(fault())? {
            for name in names.iter().filter(|name| shared.names.is_index(name)) {
                match shared.trim(name, u64::from(limit) - purged).await {
                    // Nobody else's index has to wait for it.
                    Err(error) if error.kind() == StoreErrorKind::Corrupt => corrupt = Some(error),
                    trimmed => purged += trimmed?,
                }
                if purged >= u64::from(limit) {
                    return Ok(purged);
                }
            }
        }
        corrupt.map_or(Ok(purged), Err)
    }

    /// Goes through the keys in steps of a few hundred, again until it finds none: what is renamed meanwhile
    /// can be where it has been already.
    async fn delete_all(&self) -> Result<u64, StoreError> {
        self.shared.forget_all();
        let removed = self.shared.delete_all().await;
        self.shared.forget_all();
        removed
    }

    /// Goes through the keys in steps of a few hundred, and remembers eight bytes of each. A key of another
    /// type is not counted.
    async fn count(&self) -> Result<u64, StoreError> {
        let shared = &*self.shared;
        let fault = || fault(Operation::Count);
        let scan = Scan::begin(&shared.link, shared.names.record_pattern()).await;
        let mut scan = scan.map_err(fault())?.of_strings();
        // A key may be found twice while the server makes room for more.
        let mut seen = HashSet::new();
        while let Some(names) = scan.step().await.map_err(fault())? {
            let keys = names.iter().filter_map(|name| shared.names.key(name));
            let keys: Vec<StoreKey> = keys.collect();
            // Some may be the trace of one that is being renamed.
            #[cfg(feature = "cluster")]
            let keys = if shared.together {
                keys
            } else {
                shared.living_of(keys).await?
            };
            seen.extend(keys.iter().map(start_of));
        }
        Ok(seen.len() as u64)
    }
}

/// What one pass of `delete_all` came to.
#[derive(Default)]
pub(crate) struct Pass {
    pub(crate) removed: u64,
    /// Whether a rename was on its way, of which nobody knew where it would end.
    #[cfg(feature = "cluster")]
    pub(crate) is_open: bool,
    pub(crate) loss: Option<StoreError>,
    /// A key that is no record, which stays.
    pub(crate) corrupt: Option<StoreError>,
}

impl Shared {
    /// Removes what is past in one index, so many entries at most; how many.
    async fn trim(&self, name: &[u8], limit: u64) -> Result<u64, StoreError> {
        let mut trimmed = 0;
        while trimmed < limit {
            let step = (limit - trimmed).min(TRIM);
            let digits = step.to_string();
            let arguments = [self.indexes(), digits.as_bytes()];
            let (operation, script) = (Operation::PurgeExpired, &self.scripts.trim);
            let mut answer = self
                .run(operation, OnLoss::Again, script, &[name], &arguments)
                .await?;
            let removed = answer.count();
            trimmed += removed;
            if removed < step {
                break;
            }
        }
        Ok(trimmed)
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        let (mut removed, mut loss) = (0, None);
        let mut number = 0;
        loop {
            number += 1;
            let pass = self.delete_each().await?;
            removed += pass.removed;
            loss = loss.or(pass.loss);
            #[cfg(feature = "cluster")]
            if pass.is_open {
                crate::steps::wait(Operation::DeleteAll, number).await?;
                continue;
            }
            if (pass.removed == 0 && number > 1) || number >= PASSES {
                return pass.corrupt.map_or_else(|| counted(removed, loss), Err);
            }
        }
    }

    async fn delete_each(&self) -> Result<Pass, StoreError> {
        let fault = || fault(Operation::DeleteAll);
        let mut scan = Scan::begin(&self.link, self.names.record_pattern())
            .await
            .map_err(fault())?;
        let mut pass = Pass::default();
        while let Some(mut names) = scan.step().await.map_err(fault())? {
            names.retain(|name| self.names.key(name).is_some());
            #[cfg(feature = "cluster")]
            if !self.together {
                let keys = names.iter().filter_map(|name| self.names.key(name));
                self.delete_apart(&keys.collect::<Vec<_>>(), &mut pass)
                    .await?;
                continue;
            }
            self.delete_these(&names, &mut pass).await?;
        }
        Ok(pass)
    }

    async fn delete_these(&self, names: &[Vec<u8>], pass: &mut Pass) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        let keys: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        match self.delete_at_once(&keys, pass).await {
            Err(error) if error.kind() == StoreErrorKind::Corrupt => {}
            done => return done,
        }
        // One of them is no record, and the script ended there: the others each by itself.
        for key in &keys {
            match self.delete_at_once(&[key], pass).await {
                Err(error) if error.kind() == StoreErrorKind::Corrupt => {
                    pass.corrupt = Some(error);
                }
                done => done?,
            }
        }
        Ok(())
    }

    async fn delete_at_once(&self, keys: &[&[u8]], pass: &mut Pass) -> Result<(), StoreError> {
        let arguments: [&[u8]; 2] = [self.indexes(), b""];
        let (operation, script) = (Operation::DeleteAll, &self.scripts.delete);
        let mut answer = self
            .run(operation, OnLoss::Again, script, keys, &arguments)
            .await?;
        pass.removed += answer.count();
        pass.loss = pass.loss.take().or(answer.loss);
        Ok(())
    }
}

/// Enough to tell keys apart: they are digests.
fn start_of(key: &StoreKey) -> [u8; 8] {
    let mut start = [0; 8];
    start.copy_from_slice(&key.as_bytes()[..8]);
    start
}
