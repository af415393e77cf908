use session_core::{NewRecord, Operation, StoreError, StoreErrorKind};

use super::{MySqlStore, statement::Statement, store::CODES};
use crate::again::OnLoss;

/// The longest owner that the column holds, in bytes. A server that is not strict would cut it short.
const LONGEST_OWNER: usize = 1024;

/// What a packet has besides data and owner, with room to spare: keys, versions, times and what the protocol
/// wants.
const AROUND: u64 = 512;

const ASK: &str = "SELECT CAST(@@max_allowed_packet AS SIGNED)";

impl MySqlStore {
    /// Refuses a record that the server would not take. Of one that is larger than a packet may be, the
    /// server reads only the beginning and closes the connection, which looks like an outage.
    pub(super) async fn fits(
        &self,
        operation: Operation,
        record: &NewRecord<'_>,
    ) -> Result<(), StoreError> {
        let owner = record.owner.map_or(0, str::len);
        let too_large = |says: String| {
            Err(StoreError::new(StoreErrorKind::TooLarge, operation).with_source(says))
        };
        if owner > LONGEST_OWNER {
            return too_large(format!("an owner has {LONGEST_OWNER} bytes at most here"));
        }
        let packet = match self.packet() {
            Some(packet) => packet,
            None => self.ask_packet(operation).await?,
        };
        let most = packet.saturating_sub(AROUND);
        if (record.data.len() + owner) as u64 > most {
            return too_large(format!(
                "data and owner have {most} bytes at most here, by the server's max_allowed_packet"
            ));
        }
        Ok(())
    }

    /// Asks how large a packet may be, for a store that was not told so when it was opened.
    async fn ask_packet(&self, operation: Operation) -> Result<u64, StoreError> {
        let run = || self.fetch_all(Statement::text(ASK));
        let ran = self.run(operation, OnLoss::Again, run).await?;
        let packet = super::row::count(&ran.whatever_was_lost());
        let packet = packet.map_err(CODES.fault(operation))?;
        self.learn_packet(packet);
        Ok(packet)
    }
}
