use std::{fmt, marker::PhantomData, ops::Deref};

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::{Auth, AuthRejection, Users, slot::AuthSlot};
use crate::{Main, Session};

impl<U: Users, M: 'static, S: Send + Sync> FromRequestParts<S> for Auth<U, M> {
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AuthRejection> {
        let Some(slot) = AuthSlot::<U, M>::of(&parts.extensions) else {
            let users = std::any::type_name::<U>();
            let (method, path) = (&parts.method, parts.uri.path());
            tracing::error!(%method, path, users, "a handler asks for a user without the layer");
            return Err(AuthRejection::MissingLayer { users });
        };
        let session = <Session<M> as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Self::of(slot, session).await
    }
}

/// The user who is signed in, as an argument of an axum handler that serves users alone: others are answered as
/// [`AuthLayer`](crate::AuthLayer) was told to, with 401 by default. Dereferences to the user.
///
/// `Option<CurrentUser<_>>` is `None` for others.
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
/// #     async fn find(&self, id: &str) -> Result<Option<Member>, Infallible> { Ok(None) }
/// # }
/// use session_http::CurrentUser;
///
/// async fn me(member: CurrentUser<Members>) -> String {
///     format!("You are {}.", member.name)
/// }
/// # let _ = me;
/// ```
pub struct CurrentUser<U: Users, M = Main> {
    user: U::User,
    which: PhantomData<fn() -> M>,
}

impl<U: Users, M> CurrentUser<U, M> {
    /// The user itself.
    pub fn into_inner(self) -> U::User {
        self.user
    }

    fn new(user: U::User) -> Self {
        Self {
            user,
            which: PhantomData,
        }
    }
}

impl<U: Users, M> Deref for CurrentUser<U, M> {
    type Target = U::User;

    fn deref(&self) -> &U::User {
        &self.user
    }
}

impl<U: Users, M: 'static, S: Send + Sync> FromRequestParts<S> for CurrentUser<U, M> {
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AuthRejection> {
        let auth = Auth::<U, M>::from_request_parts(parts, state).await?;
        match auth.into_user() {
            Ok(user) => Ok(Self::new(user)),
            Err(slot) => Err(slot.refuse(&parts.method)),
        }
    }
}

impl<U: Users, M: 'static, S: Send + Sync> OptionalFromRequestParts<S> for CurrentUser<U, M> {
    type Rejection = AuthRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, AuthRejection> {
        let auth = Auth::<U, M>::from_request_parts(parts, state).await?;
        Ok(auth.into_user().ok().map(Self::new))
    }
}

impl<U: Users, M> fmt::Debug for CurrentUser<U, M> {
    /// Shows nothing of the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentUser").finish_non_exhaustive()
    }
}
