use session_core::{
    Operation, OwnedRecord, OwnerIndex, Record, StoreError, StoreErrorKind, StoreKey, async_trait,
};

use crate::{
    layout,
    reading::read,
    run::OnLoss,
    store::{RedisStore, Shared},
};

/// How many records one script removes at most, so that nobody waits for it.
const BATCH: usize = 500;
/// How many one script lists. More than anybody has, since a list in several parts is one of several
/// moments.
const PAGE: usize = 5000;

#[async_trait]
impl OwnerIndex for RedisStore {
    /// `Corrupt` rather than a list that leaves something out, where the index leads to what cannot be read.
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.shared.together {
            return self.shared.list_in_steps(owner).await;
        }
        self.shared.list(owner).await
    }

    /// Goes past a key of another type, and past nodes of a cluster that do not answer: the error comes when all
    /// else has been removed.
    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        self.shared.forget_all();
        let removed = self.shared.delete_owner(owner, except).await;
        self.shared.forget_all();
        removed
    }
}

impl Shared {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        let operation = Operation::List;
        let block = layout::owner_block(Some(owner));
        let (index, page) = (self.names.index(owner.as_bytes()), PAGE.to_string());
        let (mut listed, mut start) = (Vec::new(), 0);
        loop {
            let start_digits = start.to_string();
            let arguments = [
                self.indexes(),
                self.names.records(),
                &block,
                start_digits.as_bytes(),
                page.as_bytes(),
            ];
            let script = &self.scripts.list;
            let mut answer = self
                .run(operation, OnLoss::Again, script, &[&index], &arguments)
                .await?;
            let seen = answer.count();
            while let (Some(key), Some(value)) = (answer.bytes(), answer.bytes()) {
                listed.extend(self.listed(&key, value)?);
            }
            if seen < PAGE as u64 {
                return Ok(listed);
            }
            start += seen;
        }
    }

    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.together {
            return self.delete_owner_in_steps(owner, except).await;
        }
        let block = layout::owner_block(Some(owner));
        let (index, batch) = (self.names.index(owner.as_bytes()), BATCH.to_string());
        let spared: &[u8] = except.map_or(b"", |key| key.as_bytes());
        let (mut removed, mut loss, mut corrupt) = (0, None, None);
        loop {
            let arguments = [
                self.indexes(),
                self.names.records(),
                &block,
                spared,
                batch.as_bytes(),
            ];
            let (operation, script) = (Operation::DeleteOwner, &self.scripts.delete_owner);
            let mut answer = self
                .run(operation, OnLoss::Again, script, &[&index], &arguments)
                .await?;
            let seen = answer.count();
            removed += answer.count();
            // A key of another type, which the index no longer leads to.
            corrupt = corrupt.or_else(|| answer.bytes());
            loss = loss.or(answer.loss);
            // The spared one stays, so there may be one more each time.
            if seen < BATCH as u64 {
                return corrupt
                    .map_or_else(|| counted(removed, loss), |what| Err(no_record(&what)));
            }
        }
    }

    /// A record that the index has led to.
    fn listed(&self, key: &[u8], value: Vec<u8>) -> Result<Option<OwnedRecord>, StoreError> {
        let Ok(key) = StoreKey::try_from(key) else {
            return Ok(None);
        };
        let record: Option<Record> = match read(Operation::List, value)? {
            layout::Value::Living(living) => Some(self.record(Operation::List, living)?),
            _ => None,
        };
        Ok(record.map(|record| OwnedRecord::new(key, record)))
    }
}

/// A name that the owner's index led to was taken by something else.
fn no_record(what: &[u8]) -> StoreError {
    let what = String::from_utf8_lossy(what).into_owned();
    StoreError::new(StoreErrorKind::Corrupt, Operation::DeleteOwner).with_source(what)
}

/// How many were removed. After a loss, those of the first run are not among them: if there were no others,
/// nobody knows whether there were any.
pub(crate) fn counted(removed: u64, loss: Option<StoreError>) -> Result<u64, StoreError> {
    match loss {
        Some(loss) if removed == 0 => Err(loss),
        _ => Ok(removed),
    }
}
