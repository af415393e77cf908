use std::{
    fmt,
    marker::PhantomData,
    sync::Arc,
    task::{Context, Poll},
};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::{Anonymous, Users, slot::AuthSlot};
use crate::Main;

/// Tells the handlers within it who is signed in: [`Auth`](crate::Auth) and
/// [`CurrentUser`](crate::CurrentUser). Goes inside the session's layer, so it is added before it, and costs
/// nothing where nobody asks.
pub struct AuthLayer<U: Users, M = Main> {
    users: Arc<U>,
    anonymous: Anonymous,
    which: PhantomData<fn() -> M>,
}

impl<U: Users> AuthLayer<U> {
    /// Users in the application's only session, or its main one.
    pub fn new(users: U) -> Self {
        Self::of_type(Arc::new(users))
    }
}

impl<U: Users, M: 'static> AuthLayer<U, M> {
    /// Users in the session of type `M`.
    pub fn of_type(users: Arc<U>) -> Self {
        Self {
            users,
            anonymous: Anonymous::default(),
            which: PhantomData,
        }
    }

    /// What others are answered where only users are served. Default: 401.
    #[must_use]
    pub fn anonymous(self, anonymous: Anonymous) -> Self {
        Self { anonymous, ..self }
    }
}

impl<S, U: Users, M: 'static> Layer<S> for AuthLayer<U, M> {
    type Service = AuthService<S, U, M>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`AuthLayer`] puts around another.
pub struct AuthService<S, U: Users, M = Main> {
    inner: S,
    layer: AuthLayer<U, M>,
}

impl<S, U, M, Q> Service<Request<Q>> for AuthService<S, U, M>
where
    S: Service<Request<Q>>,
    U: Users,
    M: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Q>) -> S::Future {
        let AuthLayer {
            users, anonymous, ..
        } = &self.layer;
        let to = request.uri().path_and_query().cloned();
        let slot = AuthSlot::<U, M>::new(Arc::clone(users), anonymous.clone(), to);
        request.extensions_mut().insert(slot);
        self.inner.call(request)
    }
}

impl<U: Users, M> Clone for AuthLayer<U, M> {
    fn clone(&self) -> Self {
        Self {
            users: Arc::clone(&self.users),
            anonymous: self.anonymous.clone(),
            which: PhantomData,
        }
    }
}

impl<S: Clone, U: Users, M> Clone for AuthService<S, U, M> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            layer: self.layer.clone(),
        }
    }
}

impl<U: Users, M> fmt::Debug for AuthLayer<U, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer")
            .field("anonymous", &self.anonymous)
            .finish_non_exhaustive()
    }
}

impl<S, U: Users, M> fmt::Debug for AuthService<S, U, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthService")
            .field("layer", &self.layer)
            .finish_non_exhaustive()
    }
}
