use redis::{AsyncCommands as _, Client, aio::ConnectionManager};

use super::{Answer, Id, Raw, failed};
use crate::Failure;

const LIFETIME: u64 = 24 * 60 * 60;

/// A string for each session, over the connection that all share.
#[derive(Clone)]
pub(super) struct Line(ConnectionManager);

impl Line {
    pub(super) async fn open(url: &str) -> Result<Self, Failure> {
        Ok(Self(Client::open(url)?.get_connection_manager().await?))
    }
}

impl Raw for Line {
    type Blob = Vec<u8>;

    async fn load(&self, id: &Id) -> Answer<Option<Vec<u8>>> {
        self.0.clone().get(id).await.map_err(failed)
    }

    async fn replace(&self, id: &Id, blob: Vec<u8>) -> Answer<()> {
        self.create(id, blob).await
    }

    async fn create(&self, id: &Id, blob: Vec<u8>) -> Answer<()> {
        let set = self.0.clone().set_ex(id, blob, LIFETIME).await;
        set.map_err(failed)
    }
}
