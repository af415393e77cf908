use session_core::{NewRecord, Operation, Precondition, StoreError, StoreKey, Ttl, Version};

use crate::{
    layout,
    run::{Answer, OnLoss},
    script::Script,
    store::Shared,
};

impl Shared {
    pub(crate) async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
        new: Version,
    ) -> Result<Answer, StoreError> {
        let name = self.names.record(key);
        let (start, ttl_digits) = (layout::start(new), ttl.as_millis().to_string());
        let (created_at, owner) = (layout::created_at(record), layout::owner(record));
        let old;
        let (condition, on_loss): (&[u8], _) = match when {
            // A second time could replace what others have written since the first.
            Precondition::Any => (b"any", OnLoss::Fail),
            Precondition::Absent => (b"absent", OnLoss::Again),
            Precondition::Version(version) => {
                old = layout::start(version);
                (&old, OnLoss::Again)
            }
        };
        let arguments: [&[u8]; 7] = [
            self.indexes(),
            condition,
            &start,
            ttl_digits.as_bytes(),
            &created_at,
            &owner,
            record.data,
        ];
        let call = Call {
            operation: Operation::Set,
            on_loss,
            script: &self.scripts.set,
            name: &name,
            arguments: &arguments,
            claim: new.as_i64().to_be_bytes(),
            is_new: when == Precondition::Absent,
        };
        self.call(call, key, record.owner, ttl).await
    }

    pub(crate) async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<Answer, StoreError> {
        let (name, digits) = (self.names.record(key), ttl.as_millis().to_string());
        let arguments: [&[u8]; 2] = [self.indexes(), digits.as_bytes()];
        let call = Call {
            operation: Operation::Expire,
            on_loss: OnLoss::Again,
            script: &self.scripts.expire,
            name: &name,
            arguments: &arguments,
            claim: [0; 8], // the record has one
            is_new: false,
        };
        self.call(call, key, None, ttl).await
    }

    /// Runs the script of a write, in a cluster as often as something else comes first.
    async fn call(
        &self,
        call: Call<'_>,
        key: &StoreKey,
        owner: Option<&str>,
        ttl: Ttl,
    ) -> Result<Answer, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.together {
            return self.in_steps(call, key, owner, ttl).await;
        }
        let _ = (key, owner, ttl, call.claim, call.is_new);
        let Call {
            operation,
            on_loss,
            script,
            name,
            arguments,
            ..
        } = call;
        self.run(operation, on_loss, script, &[name], arguments)
            .await
    }

    /// Removes the record, if it is this owner's where one is given.
    pub(crate) async fn delete(
        &self,
        operation: Operation,
        key: &StoreKey,
        owner: Option<&str>,
    ) -> Result<Answer, StoreError> {
        let name = self.names.record(key);
        let owner = owner
            .map(|owner| layout::owner_block(Some(owner)))
            .unwrap_or_default();
        let arguments: [&[u8]; 2] = [self.indexes(), &owner];
        #[cfg(feature = "cluster")]
        if !self.together {
            return self
                .delete_in_steps(operation, key, &name, &arguments)
                .await;
        }
        self.run(
            operation,
            OnLoss::Again,
            &self.scripts.delete,
            &[&name],
            &arguments,
        )
        .await
    }

    pub(crate) async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        old: Version,
        new: Version,
    ) -> Result<Answer, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.together {
            return self.rename_in_steps(from, to, record, ttl, old, new).await;
        }
        let (from_name, to_name) = (self.names.record(from), self.names.record(to));
        let (old, new) = (old.as_i64().to_be_bytes(), new.as_i64().to_be_bytes());
        let ttl = ttl.as_millis().to_string();
        let (created_at, owner) = (layout::created_at(record), layout::owner(record));
        let arguments = [
            self.indexes(),
            from.as_bytes(),
            to.as_bytes(),
            &old,
            &new,
            ttl.as_bytes(),
            &created_at,
            &owner,
            record.data,
        ];
        let (script, keys) = (&self.scripts.rename, [from_name.as_slice(), &to_name]);
        self.run(Operation::Rename, OnLoss::Again, script, &keys, &arguments)
            .await
    }
}

/// The call of a script that writes a record.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) on_loss: OnLoss,
    pub(crate) script: &'a Script,
    /// The record's.
    pub(crate) name: &'a [u8],
    /// Without what only a cluster needs.
    pub(crate) arguments: &'a [&'a [u8]],
    /// The claim under which the index is to hold it if it has none.
    pub(crate) claim: [u8; 8],
    /// Whether it can only succeed where there is no record, so that no index has it.
    pub(crate) is_new: bool,
}
