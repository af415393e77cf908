//! Those who are measured. Each is a router with the same routes: one for each work, `/seed`, which
//! makes a session with all sample values, and `/seen`, which tells what was written last.

mod axum_alone;
mod limit;
mod ours;
mod tower_sessions;

use axum::Router;
use session_test_servers::{Kind, Server};
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
    /// Its server, to be stopped with it.
    _server: Option<Server>,
}

impl App {
    /// Sets a contender up.
    pub async fn open(contender: Contender, place: Place) -> Result<Self, Failure> {
        let (mut folder, mut server) = (None, None);
        let router = match place {
            Place::Memory => match contender {
                Contender::AxumAlone => axum_alone::router(),
                Contender::Limit => limit::memory(),
                Contender::Ours => ours::memory()?,
                Contender::TowerSessions => tower_sessions::memory(),
                Contender::TowerSessionsMoka => tower_sessions::moka(),
                Contender::OursNear => return Err("memory is near".into()),
            },
            Place::Sqlite => {
                let file = folder
                    .insert(tempfile::tempdir()?)
                    .path()
                    .join("sessions.db");
                match contender {
                    Contender::Limit => limit::sqlite(&file).await?,
                    Contender::Ours => ours::sqlite(&file).await?,
                    Contender::TowerSessions => tower_sessions::sqlite(&file).await?,
                    _ => return Err("not with SQLite".into()),
                }
            }
            Place::Redis => {
                let redis = Server::start(Kind::Redis).ok_or("needs redis-server")?;
                let url = server.insert(redis).url();
                match contender {
                    Contender::Limit => limit::redis(&url).await?,
                    Contender::Ours => ours::redis(&url).await?,
                    Contender::OursNear => ours::near_redis(&url).await?,
                    _ => return Err("not with Redis".into()),
                }
            }
        };
        Ok(Self {
            router: router.with_state(()),
            _folder: folder,
            _server: server,
        })
    }
}

#[cfg(test)]
mod tests;
