use futures_util::future::{join_all, try_join_all};
use redis::{Cmd, Value};
use session_core::{Operation, StoreError, StoreErrorKind, StoreKey};

use super::AT_ONCE;
use crate::{
    housekeeping::Pass,
    link::Request,
    run::{DONE, UNSETTLED},
    store::Shared,
};

impl Shared {
    /// Deletes each of these, of which no two need lie on the same node.
    pub(crate) async fn delete_apart(
        &self,
        keys: &[StoreKey],
        pass: &mut Pass,
    ) -> Result<(), StoreError> {
        for keys in keys.chunks(AT_ONCE) {
            let deletes = keys
                .iter()
                .map(|key| self.delete(Operation::DeleteAll, key, None));
            for answer in join_all(deletes).await {
                let answer = match answer {
                    Err(error) if error.kind() == StoreErrorKind::Corrupt => {
                        pass.corrupt = Some(error);
                        continue;
                    }
                    answer => answer?,
                };
                pass.is_open |= answer.code == UNSETTLED;
                pass.removed += u64::from(answer.code == DONE);
                pass.loss = pass.loss.take().or(answer.loss);
            }
        }
        Ok(())
    }

    /// Those of these that are a record for everybody to see.
    pub(crate) async fn living_of(&self, keys: Vec<StoreKey>) -> Result<Vec<StoreKey>, StoreError> {
        let mut living = Vec::with_capacity(keys.len());
        for keys in keys.chunks(AT_ONCE) {
            let are_living = try_join_all(keys.iter().map(|key| self.is_living(key))).await?;
            let both = keys.iter().zip(are_living);
            living.extend(both.filter_map(|(key, is_living)| is_living.then_some(*key)));
        }
        Ok(living)
    }

    async fn is_living(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let name = self.names.record(key);
        let mut cmd = Cmd::new();
        cmd.arg("GETRANGE").arg(&name).arg(1).arg(1);
        let state = self.ask(Operation::Count, &name, Request::One(&cmd));
        match state.await?.pop() {
            Some(Value::BulkString(state)) if state == [0] => Ok(true),
            Some(Value::BulkString(state)) if state == [1] => {
                Ok(self.look_up(Operation::Count, key).await?.is_some())
            }
            _ => Ok(false),
        }
    }
}
