//! Who is signed in: from the login to the logout, and whatever ends it in between.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod fixture;

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Router,
    routing::{get, post},
};
use fixture::{
    Counting, cookie,
    members::{Members, call, login, signed_in, with_ada},
    send, text,
};
use http::{Method, StatusCode, header::SET_COOKIE};
use session_core::{Operation, SignIn};
use session_http::{
    Anonymous, Auth, AuthLayer, CookieConfig, CurrentUser, Session, SessionFailure, SessionLayer,
};

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
