//! What takes more than one step in a cluster, where a record, the index of its owner and the name that it
//! moves to lie on different nodes.
//!
//! **Indexes** come first: a record is written only while its owner's index is sure to hold it for as
//! long as it may live. So an index may name what is not there, and never misses what is; whoever reads one
//! looks at the records themselves. An entry is a record's key and a claim that is the write's
//! alone that put it there, so that whoever takes one out takes out nobody else's.
//!
//! **A move** is decided in one place. The record is written under its new name as reserved, which nobody
//! sees; then the old one gives way to a note of where it went, by compare and swap, and that is the
//! moment; then the new one is set free and the note removed. Whoever comes across a reserved record
//! asks the old place what became of the move, and ends it: so it does not matter when the mover is cut off.

mod all;
mod owners;
mod rename;
mod settling;

use std::time::Duration;

use session_core::{Operation, StoreError, StoreErrorKind, StoreKey, Ttl, Version};

use crate::{
    run::{Answer, DONE, INDEX_FIRST, LOST, OnLoss, UNSETTLED},
    store::Shared,
    writing::Call,
};

/// How often an operation that others are in the way of is tried.
const STEPS: u32 = 64;
/// The longest pause between two of them.
const LONGEST_PAUSE: u64 = 32;
/// How many records are looked at at the same time.
const AT_ONCE: usize = 64;

impl Shared {
    /// Runs the script of a write, as often as it says that something else comes first.
    pub(crate) async fn in_steps(
        &self,
        call: Call<'_>,
        key: &StoreKey,
        owner: Option<&str>,
        ttl: Ttl,
    ) -> Result<Answer, StoreError> {
        let Call {
            operation,
            on_loss,
            script,
            name,
            ..
        } = call;
        let (mut horizon, mut claim, mut loss) = (Vec::new(), Vec::new(), None);
        // In whose index the record has been put by this write.
        let (mut registered, mut own) = (None, call.claim);
        if let (Some(owner), true) = (owner, call.is_new) {
            claim = own.to_vec();
            horizon = self
                .register(operation, owner.as_bytes(), key, &claim, ttl)
                .await?;
            registered = Some(owner.as_bytes().to_vec());
        }
        let mut on_loss = match on_loss {
            OnLoss::Again => OnLoss::Tell,
            other => other,
        };
        for step in 0..STEPS {
            let mut arguments = call.arguments.to_vec();
            if !horizon.is_empty() {
                arguments.extend([&horizon[..], &claim]);
            }
            let mut answer = self
                .run(operation, on_loss, script, &[name], &arguments)
                .await?;
            answer.loss = loss.or(answer.loss);
            match answer.code {
                LOST => {
                    // It may have been done, and ended by others since, who take it out of the index: what
                    // is begun again must not be what they take out.
                    if let Some(owner) = &registered {
                        own = Version::unique().as_i64().to_be_bytes();
                        claim = own.to_vec();
                        horizon = self.register(operation, owner, key, &claim, ttl).await?;
                    }
                    on_loss = OnLoss::Fail;
                }
                INDEX_FIRST => {
                    let (theirs, claimed) = (answer.bytes(), answer.bytes());
                    // `expire` does not know the owner; the record does.
                    let owner = owner.map(|owner| owner.as_bytes().to_vec());
                    let owner = owner.or(theirs).unwrap_or_default();
                    claim = claimed
                        .filter(|claim| !claim.is_empty())
                        .unwrap_or_else(|| {
                            registered = Some(owner.clone());
                            own.to_vec()
                        });
                    horizon = self.register(operation, &owner, key, &claim, ttl).await?;
                }
                UNSETTLED => self.clear_the_way(operation, key, step).await?,
                DONE => {
                    // Whose the record was before.
                    if let (Some(owner), Some(claim)) = (answer.bytes(), answer.bytes())
                        && !claim.is_empty()
                    {
                        self.unregister(operation, &owner, key, &claim).await;
                    }
                    return Ok(answer);
                }
                _ => {
                    // A pool's connection may have run it twice without a word, and somebody changed what the
                    // first run wrote.
                    let is_theirs = answer.bytes().is_some_and(|theirs| theirs == own);
                    if let (Some(owner), None, false) = (registered, &answer.loss, is_theirs) {
                        self.unregister(operation, &owner, key, &own).await;
                    }
                    return Ok(answer);
                }
            }
            loss = answer.loss;
        }
        Err(crowded(operation))
    }

    /// Puts a record that is about to be written into its owner's index; until when it stays there.
    async fn register(
        &self,
        operation: Operation,
        owner: &[u8],
        key: &StoreKey,
        claim: &[u8],
        ttl: Ttl,
    ) -> Result<Vec<u8>, StoreError> {
        let (index, ttl) = (self.names.index(owner), ttl.as_millis().to_string());
        let member = [key.as_bytes(), claim].concat();
        // A full server does that as well.
        let renews: &[u8] = match operation {
            Operation::Expire => b"renew",
            _ => b"",
        };
        let arguments: [&[u8]; 4] = [b"", &member, ttl.as_bytes(), renews];
        let script = &self.scripts.register;
        let mut answer = self
            .run(operation, OnLoss::Again, script, &[&index], &arguments)
            .await?;
        Ok(answer.bytes().unwrap_or_default())
    }

    /// Takes a record that is gone out of its owner's index. What remains there does no harm and goes by
    /// itself, so a failure is nobody's.
    async fn unregister(&self, operation: Operation, owner: &[u8], key: &StoreKey, claim: &[u8]) {
        let index = self.names.index(owner);
        let member = [key.as_bytes(), claim].concat();
        let arguments: [&[u8]; 2] = [b"", &member];
        let script = &self.scripts.unregister;
        drop(
            self.run(operation, OnLoss::Again, script, &[&index], &arguments)
                .await,
        );
    }
}

/// Waits for others to end what they are at, if they have not been given time enough.
pub(crate) async fn wait(operation: Operation, step: u32) -> Result<(), StoreError> {
    if step >= STEPS {
        return Err(crowded(operation));
    }
    pause(step).await;
    Ok(())
}

pub(super) async fn pause(step: u32) {
    let millis = 1_u64
        .checked_shl(step)
        .map_or(LONGEST_PAUSE, |millis| millis.min(LONGEST_PAUSE));
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

pub(super) fn crowded(operation: Operation) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, operation)
        .with_source("others write this record or move it again and again")
}
