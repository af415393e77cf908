use session_core::{Operation, OwnedRecord, OwnerIndex, StoreError, StoreKey, async_trait};

use super::{MySqlStore, connection::Isolation, row, statement::Statement, store::CODES};
use crate::again::OnLoss;

#[async_trait]
impl OwnerIndex for MySqlStore {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        let run = || {
            let query = Statement::new(&self.sql().list).bind(owner.as_bytes());
            self.fetch_all(query)
        };
        let ran = self.run(Operation::List, OnLoss::Again, run).await?;
        let rows = ran.whatever_was_lost();
        let records = rows.iter().map(row::owned_record).collect();
        Result::map_err(records, CODES.fault(Operation::List))
    }

    /// In two statements: the other sees to it that a record cannot be renamed to where the index has
    /// been gone through already.
    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        let run = || {
            let query = Statement::new(&self.sql().delete_owner)
                .bind(owner.as_bytes())
                .bind(except.map(|key| key.as_bytes().as_slice()));
            self.execute_under(Isolation::RepeatableRead, query.not_late())
        };
        let ran = self.run(Operation::DeleteOwner, OnLoss::Again, run).await?;
        let deleted = ran.answer.rows_affected();
        ran.with(deleted).if_done(|deleted| *deleted > 0)
    }
}
