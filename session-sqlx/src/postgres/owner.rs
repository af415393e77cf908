use session_core::{Operation, OwnedRecord, OwnerIndex, StoreError, StoreKey, async_trait};

use super::{PostgresStore, row, store::CODES};
use crate::again::OnLoss;

#[async_trait]
impl OwnerIndex for PostgresStore {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        let run = || {
            let query = sqlx::query(self.sql().list.clone()).bind(owner);
            self.fetch_all(query)
        };
        let ran = self.run(Operation::List, OnLoss::Again, run).await?;
        let rows = ran.whatever_was_lost();
        let records = rows.iter().map(row::owned_record).collect();
        Result::map_err(records, CODES.fault(Operation::List))
    }

    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        let run = || {
            let query = sqlx::query(self.sql().delete_owner.clone())
                .bind(owner)
                .bind(except.map(|key| key.as_bytes().as_slice()));
            self.fetch_one(query)
        };
        let ran = self.run(Operation::DeleteOwner, OnLoss::Again, run).await?;
        let count = row::count(&ran.answer).map_err(CODES.fault(Operation::DeleteOwner))?;
        ran.with(count).if_done(|deleted| *deleted > 0)
    }
}
