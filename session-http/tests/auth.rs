//! Who is signed in: signing in and out, the guard, and what others are answered.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod fixture;

use std::{
    borrow::Cow,
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use fixture::{Counting, cookie, send, text};
use http::{
    Method, Request, StatusCode,
    header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE},
};
use session_core::{Operation, SignIn, async_trait};
use session_http::{
    Anonymous, Auth, AuthLayer, CookieConfig, CurrentUser, LoginRequired, Session, SessionFailure,
    SessionLayer, Users,
};
use tower::ServiceExt as _;

#[derive(Clone)]
struct Member {
    name: String,
    password: String,
}

/// Names with passwords.
#[derive(Clone, Default)]
struct Members {
    passwords: Arc<Mutex<HashMap<String, String>>>,
    asked: Arc<AtomicUsize>,
    fail: Arc<AtomicBool>,
}

impl Members {
    fn set(&self, name: &str, password: &str) {
        let mut passwords = self.passwords.lock().unwrap();
        passwords.insert(name.to_owned(), password.to_owned());
    }

    fn known(&self, name: &str) -> Option<Member> {
        let password = self.passwords.lock().unwrap().get(name)?.clone();
        let name = name.to_owned();
        Some(Member { name, password })
    }
}

#[async_trait]
impl Users for Members {
    type User = Member;
    type Error = io::Error;

    fn id(user: &Member) -> Cow<'_, str> {
        (&user.name).into()
    }

    fn auth_hash(user: &Member) -> Option<&[u8]> {
        Some(user.password.as_bytes())
    }

    async fn find(&self, id: &str) -> Result<Option<Member>, io::Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.fail.load(Ordering::Relaxed) {
            return Err(io::Error::other("no users today"));
        }
        Ok(self.known(id))
    }
}

async fn login(mut auth: Auth<Members>) {
    let ada = auth.users().known("ada").unwrap();
    auth.login(ada, SignIn::new());
    assert_eq!(auth.current_user().unwrap().name, "ada");
}

async fn logout(mut auth: Auth<Members>) -> Result<(), SessionFailure> {
    auth.logout().await?;
    assert!(auth.current_user().is_none());
    Ok(())
}

async fn change_password(mut auth: Auth<Members>) {
    auth.users().set("ada", "changed");
    let ada = auth.users().known("ada").unwrap();
    auth.login(ada, SignIn::new());
}

async fn who(member: Option<CurrentUser<Members>>) -> String {
    member.map_or_else(|| "nobody".to_owned(), |member| member.name.clone())
}

async fn me(member: CurrentUser<Members>, auth: Auth<Members>) -> String {
    assert_eq!(auth.current_user().unwrap().name, member.name);
    member.into_inner().name
}

fn app(store: &Counting, members: &Members, anonymous: Anonymous) -> Router {
    let guarded = Router::new()
        .route("/orders", get("your orders").post("ordered").options("any"))
        .route("/me", get(me))
        .route_layer(LoginRequired::<Members>::new());
    Router::new()
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/password", post(change_password))
        .route("/who", get(who))
        .route("/public", get("public"))
        .route("/extracted", get(me))
        .nest("/mine", guarded)
        .layer(AuthLayer::new(members.clone()).anonymous(anonymous))
        .layer(SessionLayer::new(store.backend()))
}

/// An application, with ada among its members.
fn with_ada(anonymous: Anonymous) -> (Router, Counting, Members) {
    let (store, members) = (Counting::new(), Members::default());
    members.set("ada", "secret");
    (app(&store, &members, anonymous), store, members)
}

async fn call(app: &Router, method: Method, path: &str, cookie: Option<&str>) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    let request = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

/// The cookie of a client that has signed in.
async fn signed_in(app: &Router) -> String {
    let response = call(app, Method::POST, "/login", None).await;
    assert_eq!(response.status(), StatusCode::OK);
    cookie(&response)
}

#[tokio::test]
async fn a_user_is_known_until_the_logout_and_looked_up_once_a_request() {
    let (app, store, members) = with_ada(Anonymous::Unauthorized);
    let cookie = signed_in(&app).await;
    members.asked.store(0, Ordering::Relaxed);
    store.calls();
    // The guard and two extractors ask.
    let me = call(&app, Method::GET, "/mine/me", Some(&cookie)).await;
    assert_eq!(text(me).await, "ada");
    assert_eq!(members.asked.load(Ordering::Relaxed), 1);
    assert_eq!(store.calls(), [Operation::Get]);

    let out = call(&app, Method::POST, "/logout", Some(&cookie)).await;
    assert_eq!(out.status(), StatusCode::OK);
    let removal = out.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(removal.contains("Max-Age=0"), "{removal}");
    let who = call(&app, Method::GET, "/who", Some(&cookie)).await;
    assert_eq!(text(who).await, "nobody");
    // Twice is as good as once.
    let again = call(&app, Method::POST, "/logout", Some(&cookie)).await;
    assert_eq!(again.status(), StatusCode::OK);
}

#[tokio::test]
async fn nobody_is_looked_up_for_visitors_and_where_nobody_asks() {
    let (app, store, members) = with_ada(Anonymous::Unauthorized);
    assert_eq!(text(send(&app, "/who", None).await).await, "nobody");
    let cookie = signed_in(&app).await;
    store.calls();
    members.asked.store(0, Ordering::Relaxed);
    assert_eq!(
        text(send(&app, "/public", Some(&cookie)).await).await,
        "public"
    );
    assert_eq!(
        (members.asked.load(Ordering::Relaxed), store.calls()),
        (0, vec![])
    );
}

#[tokio::test]
async fn others_get_401_from_the_guard_and_from_the_extractor() {
    let (app, store, _) = with_ada(Anonymous::Unauthorized);
    let unknown = format!("__Host-id={}", "A".repeat(43));
    for cookie in [None, Some(unknown.as_str())] {
        for path in ["/mine/orders", "/mine/me", "/extracted"] {
            let response = send(&app, path, cookie).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
            assert!(!response.headers().contains_key(SET_COOKIE));
            assert_eq!(text(response).await, "Sign in first.");
        }
    }
    store.calls();
    let options = call(&app, Method::OPTIONS, "/mine/orders", None).await;
    assert_eq!(text(options).await, "any");
    assert!(store.calls().is_empty());
    let cookie = signed_in(&app).await;
    let orders = send(&app, "/mine/orders", Some(&cookie)).await;
    assert_eq!(text(orders).await, "your orders");
}

#[tokio::test]
async fn others_are_sent_to_sign_in_and_shown_the_way_back() {
    let (app, _, _) = with_ada(Anonymous::redirect("/login?from=guard"));
    let response = send(&app, "/mine/orders?page=2&q=a%20b", None).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let to = "/login?from=guard&next=/mine/orders%3Fpage%3D2%26q%3Da%2520b";
    assert_eq!(response.headers()[LOCATION], to);
    // What a browser would not do again by following a link is no way back.
    let response = call(&app, Method::POST, "/mine/orders", None).await;
    assert_eq!(response.headers()[LOCATION], "/login?from=guard");
    // A path that looks like another site's leads nowhere else.
    let response = send(&app, "//evil.example/mine", None).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn others_are_answered_as_the_application_likes() {
    let own = Anonymous::own(|to| {
        let text = format!("members only: {}", to.unwrap_or("-"));
        (StatusCode::FORBIDDEN, text).into_response()
    });
    let (app, _, _) = with_ada(own);
    let response = send(&app, "/mine/me", None).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(text(response).await, "members only: /mine/me");
}

#[tokio::test]
async fn another_password_ends_the_other_sessions_and_keeps_the_one_that_changed_it() {
    let (app, _, _) = with_ada(Anonymous::Unauthorized);
    let (here, elsewhere) = (signed_in(&app).await, signed_in(&app).await);
    let changed = call(&app, Method::POST, "/password", Some(&here)).await;
    let here = cookie(&changed);
    let response = send(&app, "/mine/me", Some(&elsewhere)).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let removal = response.headers()[SET_COOKIE].to_str().unwrap();
    assert!(removal.contains("Max-Age=0"), "{removal}");
    assert_eq!(text(send(&app, "/mine/me", Some(&here)).await).await, "ada");
}

#[tokio::test]
async fn a_user_who_is_gone_is_signed_out() {
    let (app, _, members) = with_ada(Anonymous::Unauthorized);
    let cookie = signed_in(&app).await;
    members.passwords.lock().unwrap().clear();
    let response = send(&app, "/who", Some(&cookie)).await;
    assert!(response.headers().contains_key(SET_COOKIE));
    assert_eq!(text(response).await, "nobody");
    members.set("ada", "secret");
    let response = send(&app, "/who", Some(&cookie)).await;
    assert_eq!(text(response).await, "nobody", "the session has ended");
}

#[tokio::test]
async fn users_that_cannot_be_looked_up_are_an_error_and_sign_nobody_out() {
    let (app, _, members) = with_ada(Anonymous::Unauthorized);
    let cookie = signed_in(&app).await;
    members.fail.store(true, Ordering::Relaxed);
    for path in ["/who", "/mine/me"] {
        let response = send(&app, path, Some(&cookie)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(!response.headers().contains_key(SET_COOKIE));
    }
    members.fail.store(false, Ordering::Relaxed);
    assert_eq!(
        text(send(&app, "/mine/me", Some(&cookie)).await).await,
        "ada"
    );
}

#[tokio::test]
async fn a_login_changes_the_id_and_so_does_the_next_one() {
    let (app, _, _) = with_ada(Anonymous::Unauthorized);
    let first = signed_in(&app).await;
    let response = call(&app, Method::POST, "/login", Some(&first)).await;
    let second = cookie(&response);
    assert_ne!(first, second);
    assert_eq!(text(send(&app, "/who", Some(&first)).await).await, "nobody");
    assert_eq!(text(send(&app, "/who", Some(&second)).await).await, "ada");
}

#[tokio::test]
async fn each_session_has_users_of_its_own() {
    enum Staff {}

    async fn enter(mut auth: Auth<Members, Staff>) {
        let ada = auth.users().known("ada").unwrap();
        auth.login(ada, SignIn::new());
    }

    async fn both(
        member: Option<CurrentUser<Members>>,
        staff: Option<CurrentUser<Members, Staff>>,
    ) -> String {
        format!("{} {}", member.is_some(), staff.is_some())
    }

    let (store, members) = (Counting::new(), Members::default());
    members.set("ada", "secret");
    let cookie_of_staff = CookieConfig::builder()
        .name("__Host-staff")
        .build()
        .unwrap();
    let app = Router::new()
        .route("/enter", post(enter))
        .route("/", get(both))
        .layer(AuthLayer::new(members.clone()))
        .layer(AuthLayer::<Members, Staff>::of_type(Arc::new(members)))
        .layer(SessionLayer::new(store.backend()))
        .layer(SessionLayer::<Staff>::of_type(
            Counting::new().backend(),
            cookie_of_staff,
        ));
    let entered = call(&app, Method::POST, "/enter", None).await;
    let cookie = cookie(&entered);
    assert!(cookie.starts_with("__Host-staff="), "{cookie}");
    assert_eq!(
        text(send(&app, "/", Some(&cookie)).await).await,
        "false true"
    );
}

#[tokio::test]
async fn a_missing_layer_is_the_servers_fault() {
    let app = Router::new().route("/", get(who));
    let app = app.layer(SessionLayer::new(Counting::new().backend()));
    let response = send(&app, "/", None).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let members = Members::default();
    let app = Router::new()
        .route("/", get(who))
        .layer(AuthLayer::new(members));
    let response = send(&app, "/", None).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn what_is_written_after_a_logout_is_a_fresh_session() {
    async fn logout(mut auth: Auth<Members>, session: Session) -> Result<(), SessionFailure> {
        auth.logout().await?;
        session.insert("flash", "Goodbye.")?;
        Ok(())
    }

    async fn read(session: Session, member: Option<CurrentUser<Members>>) -> String {
        let flash = session.get::<String>("flash").unwrap().unwrap_or_default();
        format!("{flash} {} {}", session.len(), member.is_some())
    }

    let (store, members) = (Counting::new(), Members::default());
    members.set("ada", "secret");
    let app = Router::new()
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/", get(read))
        .layer(AuthLayer::new(members))
        .layer(SessionLayer::new(store.backend()));
    let before = signed_in(&app).await;
    let response = call(&app, Method::POST, "/logout", Some(&before)).await;
    let after = cookie(&response);
    assert_ne!(before, after);
    assert_eq!(
        text(send(&app, "/", Some(&after)).await).await,
        "Goodbye. 1 false"
    );
    assert_eq!(text(send(&app, "/", Some(&before)).await).await, " 0 false");
}
