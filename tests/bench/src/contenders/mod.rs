//! Those who are measured. Each is a router with the same routes: one for each work, `/seed`, which
//! makes a session with all sample values, and `/seen`, which tells what was written last.

mod axum_alone;
mod limit;
mod ours;
mod tower_sessions;

use axum::Router;
use tempfile::TempDir;

use crate::{
    Failure,
    work::{Contender, Place},
};

/// A contender, ready to be called.
#[derive(Debug)]
pub struct App {
    /// Its state is in it already; with it still open, each call would apply the layers again.
    pub router: Router,
    /// Where its database is, to be removed with it.
    _folder: Option<TempDir>,
}

impl App {
    /// Sets a contender up.
    pub async fn open(contender: Contender, place: Place) -> Result<Self, Failure> {
        let folder = match place {
            Place::Memory => None,
            Place::Sqlite => Some(tempfile::tempdir()?),
        };
        let file = folder
            .as_ref()
            .map(|folder| folder.path().join("sessions.db"));
        let router = match (contender, file) {
            (Contender::AxumAlone, _) => axum_alone::router(),
            (Contender::Limit, None) => limit::memory(),
            (Contender::Limit, Some(file)) => limit::sqlite(&file).await?,
            (Contender::Ours, None) => ours::memory()?,
            (Contender::Ours, Some(file)) => ours::sqlite(&file).await?,
            (Contender::TowerSessions, None) => tower_sessions::memory(),
            (Contender::TowerSessions, Some(file)) => tower_sessions::sqlite(&file).await?,
            (Contender::TowerSessionsMoka, None) => tower_sessions::moka(),
            (Contender::TowerSessionsMoka, Some(_)) => return Err("moka is in memory".into()),
        };
        Ok(Self {
            router: router.with_state(()),
            _folder: folder,
        })
    }
}

#[cfg(test)]
mod tests;
