use std::{borrow::Cow, error::Error};

use session_core::async_trait;

/// Where an application's users come from: what [`AuthLayer`](crate::AuthLayer) needs to know of them.
///
/// ```
/// use std::{borrow::Cow, convert::Infallible};
/// use session_core::async_trait;
/// use session_http::Users;
///
/// #[derive(Clone)]
/// struct Member { number: u64, password_hash: String }
///
/// struct Members(Vec<Member>);
///
/// #[async_trait]
/// impl Users for Members {
///     type User = Member;
///     type Error = Infallible;
///
///     fn id(user: &Member) -> Cow<'_, str> {
///         user.number.to_string().into()
///     }
///
///     fn auth_hash(user: &Member) -> Option<&[u8]> {
///         Some(user.password_hash.as_bytes())
///     }
///
///     async fn find(&self, id: &str) -> Result<Option<Member>, Infallible> {
///         Ok(self.0.iter().find(|member| member.number.to_string() == id).cloned())
///     }
/// }
/// ```
#[async_trait]
pub trait Users: Send + Sync + 'static {
    /// A user of the application.
    type User: Clone + Send + Sync + 'static;
    /// Why a user could not be looked up.
    type Error: Error + Send + Sync + 'static;

    /// What names a user for as long as it exists: the owner of its sessions.
    fn id(user: &Self::User) -> Cow<'_, str>;

    /// Something that changes when all sessions of the user shall end, such as a password's hash. `None`, as
    /// by default, if nothing does.
    fn auth_hash(user: &Self::User) -> Option<&[u8]> {
        let _ = user;
        None
    }

    /// The user of this ID; `None` if there is none, or none that may use the application any more.
    ///
    /// Asked once for each request that asks who is signed in, and not for a visitor who is not.
    ///
    /// # Errors
    /// If that cannot be found out.
    async fn find(&self, id: &str) -> Result<Option<Self::User>, Self::Error>;
}
