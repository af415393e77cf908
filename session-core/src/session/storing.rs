//! The calls of a handler that talk to the store.

use super::{Session, SessionError, undo::Checkpoint};

impl Session {
    /// Stores the changes here and now instead of after the handler; what the client must be told
    /// goes out with the response, whatever its status. With no changes, costs nothing, or the
    /// `expire` of a renewal that is due.
    ///
    /// # Errors
    /// - [`SessionError::Ended`]: the session has ended since it was loaded; the changes are
    ///   dropped.
    /// - [`SessionError::Conflict`], [`SessionError::TooLarge`], [`SessionError::Store`],
    ///   [`SessionError::Id`]: nothing was stored, the changes are still pending.
    /// - [`SessionError::Answered`]: after the response was sent, a new session, which stays pending;
    ///   or a new ID, lifetime or persistence, which is dropped, so that the next save can store the
    ///   other changes.
    pub async fn save(&self) -> Result<(), SessionError> {
        let _turn = self.shared.turn.lock().await;
        self.shared.backend.commit(&self.shared).await
    }

    /// Loads the session again, for a handler that lives longer than a request (a WebSocket).
    /// Pending changes stay on top. Renews nothing: [`save`](Self::save) does, when it is due.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if it has ended; [`SessionError::Store`].
    pub async fn reload(&self) -> Result<(), SessionError> {
        let _turn = self.shared.turn.lock().await;
        self.shared.backend.reload(&self.shared).await
    }

    /// Reads, modifies and stores as one step: runs `change`, stores what it did, and if another
    /// request stored something meanwhile, loads that and runs it again, until its own compare and
    /// swap wins. Returns what the winning run returned: 64 concurrent increments give exactly 64,
    /// across processes, without a lock.
    ///
    /// `change` may run many times, so it should do nothing but work on the session. Changes that
    /// were pending before are stored along. An error of `change` undoes what that run did,
    /// but for a `destroy`.
    ///
    /// ```
    /// # use session_core::{Session, SessionError};
    /// # async fn example(session: Session) -> Result<(), SessionError> {
    /// let visits = session
    ///     .update(|session| {
    ///         let visits = session.get::<u32>("visits")?.unwrap_or(0) + 1;
    ///         session.insert("visits", &visits)?;
    ///         Ok(visits)
    ///     })
    ///     .await?;
    /// # let _ = visits; Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The error of `change`, and those of [`save`](Self::save).
    pub async fn update<R>(
        &self,
        mut change: impl FnMut(&Self) -> Result<R, SessionError>,
    ) -> Result<R, SessionError> {
        let _turn = self.shared.turn.lock().await;
        let backend = &self.shared.backend;
        let mut attempt = 0;
        loop {
            let before = self.state().checkpoint();
            let result = change(self);
            let run = Run::new(self, before);
            let result = result?;
            if backend.commit_once(&self.shared).await? {
                run.stands();
                return Ok(result);
            }
            drop(run);
            backend.wait_for_turn(attempt).await?;
            attempt += 1;
            backend.reload(&self.shared).await?;
        }
    }
}

/// One run of an update. Undone when it is dropped, unless it stands: also when the update is cut
/// off, since a value that was computed from what is stored by then would overwrite others' later.
struct Run<'a> {
    session: &'a Session,
    changed: Option<(Checkpoint, Checkpoint)>,
}

impl<'a> Run<'a> {
    fn new(session: &'a Session, before: Checkpoint) -> Self {
        let after = session.state().checkpoint();
        Self {
            session,
            changed: Some((before, after)),
        }
    }

    fn stands(mut self) {
        self.changed = None;
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if let Some((before, after)) = self.changed.take() {
            self.session.state().undo(before, &after);
        }
    }
}
