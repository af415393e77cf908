use super::{Device, Devices};
use crate::{Session, SessionError};

/// Which session goes where a user has too many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Excess {
    /// Of the others, the one that was signed in first.
    Oldest,
    /// Of the others, the one that was used longest ago, as far as [`Device::last_seen`] tells.
    LeastRecentlySeen,
    /// The one that has just been signed in, if so many were before it.
    Newest,
}

impl Devices {
    /// Ends sessions of this one's owner until no more than `most` are left, this one included; how many it
    /// ended. To be called right after signing in; stores this session first, so that whoever signs in at the
    /// same time is counted.
    ///
    /// With [`Excess::Newest`] it may be this one that ends: then the client's token is removed, and
    /// [`Session::owner`] is none.
    ///
    /// # Errors
    /// Those of [`Session::save`], and of the store.
    pub async fn keep(
        &self,
        session: &Session,
        most: usize,
        excess: Excess,
    ) -> Result<u64, SessionError> {
        session.save().await?;
        let mut devices = self.list(session).await?;
        if devices.len() <= most {
            return Ok(0);
        }
        if excess == Excess::Newest {
            // In the same order for all who sign in at the same time.
            devices.sort_by_key(|device| (device.created_at(), *device.key()));
            let place = devices.iter().position(Device::is_current);
            if place.is_none_or(|place| place < most) {
                return Ok(0);
            }
            session.destroy();
            session.save().await?;
            return Ok(1);
        }
        let surplus = devices.len() - most.max(1);
        devices.retain(|device| !device.is_current());
        devices.sort_by_key(|device| match excess {
            Excess::LeastRecentlySeen => (device.last_seen(), *device.key()),
            _ => (device.created_at(), *device.key()),
        });
        let mut ended = 0;
        for device in devices.iter().take(surplus) {
            ended += u64::from(self.backend.delete_key(device.key()).await?);
        }
        Ok(ended)
    }
}
