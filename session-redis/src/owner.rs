use session_core::{Operation, OwnedRecord, OwnerIndex, Record, StoreError, StoreKey, async_trait};

use crate::{
    layout,
    reading::read,
    run::OnLoss,
    store::{RedisStore, Shared},
};

/// How many entries of an index one script looks at, so that nobody waits for it.
const BATCH: usize = 500;

#[async_trait]
impl OwnerIndex for RedisStore {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.shared.together {
            return self.shared.list_in_steps(owner).await;
        }
        let (block, index) = (
            layout::owner_block(Some(owner)),
            self.shared.names.index(owner.as_bytes()),
        );
        let (mut listed, mut start) = (Vec::new(), 0);
        loop {
            let (start_digits, batch) = (start.to_string(), BATCH.to_string());
            let arguments = [
                self.shared.indexes(),
                self.shared.names.records(),
                &block,
                start_digits.as_bytes(),
                batch.as_bytes(),
            ];
            let script = &self.shared.scripts.list;
            let mut answer = self
                .shared
                .run(
                    Operation::List,
                    OnLoss::Again,
                    script,
                    &[&index],
                    &arguments,
                )
                .await?;
            while let (Some(key), Some(value)) = (answer.bytes(), answer.bytes()) {
                listed.extend(self.shared.listed(&key, value)?);
            }
            let seen = usize::try_from(answer.code).unwrap_or(0);
            if seen < BATCH {
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
        self.shared.forget_all();
        let removed = self.shared.delete_owner(owner, except).await;
        self.shared.forget_all();
        removed
    }
}

impl Shared {
    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.together {
            return self.delete_owner_in_steps(owner, except).await;
        }
        let (block, index) = (
            layout::owner_block(Some(owner)),
            self.names.index(owner.as_bytes()),
        );
        let spared: &[u8] = except.map_or(b"", |key| key.as_bytes());
        let batch = BATCH.to_string();
        let mut removed = 0;
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
            removed += answer.int().map_or(0, i64::unsigned_abs);
            // The spared one stays, so there may be one more each time.
            if answer.code.unsigned_abs() < BATCH as u64 {
                return Ok(removed);
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

/// The keys that an index answered.
#[cfg(feature = "cluster")]
pub(crate) fn keys(answer: Option<redis::Value>) -> Vec<StoreKey> {
    let Some(redis::Value::Array(members)) = answer else {
        return Vec::new();
    };
    let members = members.into_iter().filter_map(|member| match member {
        redis::Value::BulkString(member) => StoreKey::try_from(member.as_slice()).ok(),
        _ => None,
    });
    members.collect()
}
