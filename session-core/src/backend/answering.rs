//! The end of a request: what is stored, and what its response tells the client.

use super::{OnServerError, ServerSideBackend, TokenInstruction};
use crate::{Session, SessionError, session::State};

impl ServerSideBackend {
    /// Stores what a request did to its session, and says what its response must tell the client.
    /// Costs nothing if there is nothing to store. A session that has ended meanwhile is not
    /// revived: its changes are dropped, and the client is told nothing.
    ///
    /// # Errors
    /// [`SessionError::Conflict`], [`SessionError::TooLarge`], [`SessionError::Id`],
    /// [`SessionError::Store`]: nothing was stored, and the response must not claim it was. What
    /// it must still tell the client of earlier saves, [`discard`](Self::discard) says.
    pub async fn store(&self, session: &Session) -> Result<TokenInstruction, SessionError> {
        let _turn = session.shared.turn.lock().await;
        let stored = self.commit(&session.shared).await;
        answer(&mut session.state(), stored)
    }

    /// What [`store`](Self::store) says, if that takes no store operation; `None` if it does.
    pub fn store_now(&self, session: &Session) -> Option<TokenInstruction> {
        let _turn = session.shared.turn.try_lock().ok()?;
        let mut state = session.state();
        if state.rests(self.settings().rules) {
            answer(&mut state, Ok(())).ok()
        } else {
            None
        }
    }

    /// Drops what a failed request did to its session, except for a `destroy`, and says what its
    /// response must tell the client of earlier saves.
    ///
    /// # Errors
    /// [`SessionError::Store`] if a destroyed session could not be deleted.
    pub async fn discard(&self, session: &Session) -> Result<TokenInstruction, SessionError> {
        let _turn = session.shared.turn.lock().await;
        let destroyed = {
            let mut state = session.state();
            state.drop_changes();
            state.ending.is_some()
        };
        let stored = if destroyed {
            self.commit(&session.shared).await
        } else {
            Ok(())
        };
        answer(&mut session.state(), stored)
    }

    /// What [`discard`](Self::discard) says, if that takes no store operation; `None` if it does.
    pub fn discard_now(&self, session: &Session) -> Option<TokenInstruction> {
        let _turn = session.shared.turn.try_lock().ok()?;
        let mut state = session.state();
        if state.ending.is_some() {
            return None;
        }
        state.drop_changes();
        answer(&mut state, Ok(())).ok()
    }

    /// What the response of a failed request does with its changes.
    pub fn on_server_error(&self) -> OnServerError {
        self.settings().on_server_error
    }
}

fn answer(
    state: &mut State,
    stored: Result<(), SessionError>,
) -> Result<TokenInstruction, SessionError> {
    state.answered = true;
    match stored {
        Ok(()) | Err(SessionError::Ended) => Ok(std::mem::take(&mut state.instruction)),
        // What earlier saves have to say stays, for `discard`.
        Err(error) => Err(error),
    }
}
