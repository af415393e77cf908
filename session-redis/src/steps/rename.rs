use session_core::{NewRecord, Operation, StoreError, StoreKey, Ttl, Version};

use super::{STEPS, crowded};
use crate::{
    layout,
    run::{Answer, DONE, INDEX_FIRST, LATE, OnLoss, Stay, UNSETTLED},
    store::Shared,
};

/// How long the decision of a move may take, in milliseconds. Longer the more the nodes' clocks differ.
const PATIENCE: [u32; 3] = [1_000, 10_000, 100_000];
/// How much longer than the record the note of where it went stays, in milliseconds, for the same reason.
const GRACE: u64 = 3_600_000;

impl Shared {
    pub(crate) async fn rename_in_steps(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        old: Version,
        new: Version,
    ) -> Result<Answer, StoreError> {
        let (old, new) = (old.as_i64().to_be_bytes(), new.as_i64().to_be_bytes());
        for patience in PATIENCE {
            let mut answer = self
                .reserve(from, to, record, ttl, &old, &new, patience)
                .await?;
            if answer.code != DONE {
                if let (Some(owner), None) = (record.owner, &answer.loss) {
                    let owner = owner.as_bytes();
                    self.unregister(Operation::Rename, owner, to, &new).await;
                }
                return Ok(answer);
            }
            let deadline = answer.bytes().unwrap_or_default();
            let mut answer = self.commit(from, to, ttl, &old, &new, &deadline).await?;
            if answer.code == DONE {
                let stay = answer.stay();
                self.conclude(from, to, &new, stay).await;
                return Ok(answer);
            }
            // If it is not reserved any more, it may have been decided, and only the answer was lost.
            let dropped = self
                .settle(Operation::Rename, to, &new, Some(&deadline))
                .await?;
            // The next try has the same entry: its removal, once given up, could reach the index after that.
            if answer.code == LATE {
                continue;
            }
            if let (Some(owner), true) = (record.owner, dropped) {
                let owner = owner.as_bytes();
                self.unregister(Operation::Rename, owner, to, &new).await;
            }
            return Ok(answer);
        }
        Err(crowded(Operation::Rename))
    }

    /// The first step.
    #[expect(clippy::too_many_arguments, reason = "a move has so many sides")]
    async fn reserve(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        old: &[u8; 8],
        new: &[u8; 8],
        patience: u32,
    ) -> Result<Answer, StoreError> {
        let operation = Operation::Rename;
        let (name, ttl_digits, patience) = (
            self.names.record(to),
            ttl.as_millis().to_string(),
            patience.to_string(),
        );
        let (created_at, owner) = (layout::created_at(record), layout::owner(record));
        let mut horizon = match record.owner {
            Some(owner) => {
                let owner = owner.as_bytes();
                self.register(operation, owner, to, new, ttl).await?
            }
            None => Vec::new(),
        };
        for step in 0..STEPS {
            let arguments = [
                b"",
                &from.as_bytes()[..],
                old,
                new,
                ttl_digits.as_bytes(),
                &created_at,
                &owner,
                record.data,
                &horizon,
                patience.as_bytes(),
            ];
            let script = &self.scripts.reserve;
            let answer = self
                .run(operation, OnLoss::Again, script, &[&name], &arguments)
                .await?;
            match (answer.code, record.owner) {
                (UNSETTLED, _) => self.clear_the_way(operation, to, step).await?,
                (INDEX_FIRST, Some(owner)) => {
                    let owner = owner.as_bytes();
                    horizon = self.register(operation, owner, to, new, ttl).await?;
                }
                _ => return Ok(answer),
            }
        }
        Err(crowded(operation))
    }

    /// The second step, which decides.
    async fn commit(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        ttl: Ttl,
        old: &[u8; 8],
        new: &[u8; 8],
        deadline: &[u8],
    ) -> Result<Answer, StoreError> {
        let (name, lasts) = (
            self.names.record(from),
            (ttl.as_millis() + GRACE).to_string(),
        );
        let arguments = [
            b"",
            &to.as_bytes()[..],
            old,
            new,
            lasts.as_bytes(),
            deadline,
        ];
        let mut loss = None;
        for step in 0..STEPS {
            let (operation, script) = (Operation::Rename, &self.scripts.commit);
            let mut answer = self
                .run(operation, OnLoss::Again, script, &[&name], &arguments)
                .await?;
            answer.loss = loss.or(answer.loss);
            if answer.code != UNSETTLED {
                return Ok(answer);
            }
            loss = answer.loss;
            self.clear_the_way(operation, from, step).await?;
        }
        Err(crowded(Operation::Rename))
    }

    /// The last steps. It is decided, so that whoever needs them does them, should they fail here.
    async fn conclude(&self, from: &StoreKey, to: &StoreKey, new: &[u8; 8], former: Option<Stay>) {
        let operation = Operation::Rename;
        if self.settle(operation, to, new, None).await.is_ok() {
            drop(self.remove_note(operation, from, new).await);
        }
        if let Some(Stay { owner, claim }) = former {
            self.unregister(operation, &owner, from, &claim).await;
        }
    }
}
