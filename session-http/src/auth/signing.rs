use std::fmt;

use session_core::{SessionError, SignIn};

use super::{AuthRejection, Users, slot::AuthSlot};
use crate::{Main, Session};

/// Who is signed in, as an argument of an axum handler that signs users in and out, or serves visitors as
/// well. See [`CurrentUser`](crate::CurrentUser) for handlers that serve users alone.
///
/// ```
/// # use std::{borrow::Cow, convert::Infallible};
/// # use session_core::async_trait;
/// # #[derive(Clone)] struct Member { name: String }
/// # struct Members;
/// # #[async_trait] impl session_http::Users for Members {
/// #     type User = Member;
/// #     type Error = Infallible;
/// #     fn id(user: &Member) -> Cow<'_, str> { (&user.name).into() }
/// #     async fn find(&self, id: &str) -> Result<Option<Member>, Infallible> {
/// #         Ok(Some(Member { name: id.to_owned() }))
/// #     }
/// # }
/// # impl Members { fn check(&self, _: &str, _: &str) -> Option<Member> { None } }
/// use axum::{Router, http::StatusCode, routing::post};
/// use session_core::SignIn;
/// use session_http::{Auth, AuthLayer, SessionFailure, SessionLayer};
///
/// async fn login(mut auth: Auth<Members>, password: String) -> StatusCode {
///     match auth.users().check("ada", &password) {
///         Some(member) => {
///             auth.login(member, SignIn::new());
///             StatusCode::NO_CONTENT
///         }
///         None => StatusCode::UNAUTHORIZED,
///     }
/// }
///
/// async fn logout(mut auth: Auth<Members>) -> Result<(), SessionFailure> {
///     Ok(auth.logout().await?)
/// }
///
/// # fn example(backend: session_core::ServerSideBackend) -> Router {
/// Router::new()
///     .route("/login", post(login))
///     .route("/logout", post(logout))
///     .layer(AuthLayer::new(Members))
///     .layer(SessionLayer::new(backend))
/// # }
/// ```
pub struct Auth<U: Users, M = Main> {
    slot: AuthSlot<U, M>,
    session: Session<M>,
    user: Option<U::User>,
}

impl<U: Users, M: 'static> Auth<U, M> {
    pub(super) async fn of(
        slot: AuthSlot<U, M>,
        session: Session<M>,
    ) -> Result<Self, AuthRejection> {
        let found = slot.found().clone();
        let user = match found {
            Some(user) => user,
            None => {
                let user = find(&*slot.users, &session).await?;
                slot.found().get_or_insert(user).clone()
            }
        };
        Ok(Self {
            slot,
            session,
            user,
        })
    }

    /// Who is signed in; `None` if nobody is.
    pub fn current_user(&self) -> Option<&U::User> {
        self.user.as_ref()
    }

    /// The session.
    pub fn session(&self) -> &Session<M> {
        &self.session
    }

    /// Where users come from.
    pub fn users(&self) -> &U {
        &self.slot.users
    }

    /// Signs a user in whose password, or whatever it is, has been checked: see
    /// [`sign_in`](session_core::Session::sign_in). Whoever was signed in before is so no more, but for
    /// what their session holds, unless that is to be [forgotten](SignIn::forget_data).
    ///
    /// Sign a user in anew after a change of the password, or its own session ends with all others.
    pub fn login(&mut self, user: U::User, how: SignIn) {
        let how = match U::auth_hash(&user) {
            Some(hash) => how.auth_hash(hash),
            None => how,
        };
        self.session.sign_in(&U::id(&user), how);
        *self.slot.found() = Some(Some(user.clone()));
        self.user = Some(user);
    }

    /// Ends the session here and now, with all that it holds, whoever is signed in. What the handler writes
    /// afterwards goes into a fresh session. One that has ended meanwhile is logged out.
    ///
    /// # Errors
    /// [`SessionError::Store`]: the user may still be signed in.
    pub async fn logout(&mut self) -> Result<(), SessionError> {
        self.session.destroy();
        *self.slot.found() = Some(None);
        self.user = None;
        match self.session.save().await {
            Err(SessionError::Ended) => Ok(()),
            saved => saved,
        }
    }

    /// Who is signed in, or else where to look how to refuse who is not.
    pub(super) fn into_user(self) -> Result<U::User, AuthSlot<U, M>> {
        self.user.ok_or(self.slot)
    }
}

/// The user of the session's owner. A session whose user is gone, or has another password by now, ends.
async fn find<U: Users, M>(
    users: &U,
    session: &Session<M>,
) -> Result<Option<U::User>, AuthRejection> {
    let Some(owner) = session.owner() else {
        return Ok(None);
    };
    let found = users.find(&owner).await;
    let user = found.map_err(|error| AuthRejection::Users(std::sync::Arc::new(error)))?;
    let user =
        user.filter(|user| U::auth_hash(user).is_none_or(|hash| session.is_signed_in_with(hash)));
    if user.is_none() {
        tracing::info!("a session was ended whose user is gone or has another auth hash");
        session.destroy();
    }
    Ok(user)
}

impl<U: Users, M: 'static> fmt::Debug for Auth<U, M> {
    /// Shows nothing of the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("signed_in", &self.user.is_some())
            .finish_non_exhaustive()
    }
}
