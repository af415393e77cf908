//! Signing in, and a user's sessions as the user may see them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

use std::{collections::BTreeSet, time::Duration};

use session_core::{
    Devices, Excess, Lifetime, Renew, ServerSideBackend, Session, SignIn, TokenInstruction,
};
use session_memory::MemoryStore;
use tokio::time::sleep;

const HOUR: Duration = Duration::from_secs(3600);

struct Site {
    backend: ServerSideBackend,
    devices: Devices,
}

impl Site {
    fn new() -> Self {
        let store = MemoryStore::new();
        let backend = ServerSideBackend::builder(store.clone())
            .idle_timeout(HOUR)
            .renew(Renew::EveryRequest)
            .build()
            .unwrap();
        let devices = Devices::new(backend.clone(), store);
        Self { backend, devices }
    }

    async fn load(&self, token: &str) -> Session {
        self.backend.load(Some(token.as_bytes())).await.unwrap()
    }

    /// A session of this user; its token.
    async fn signed_in(&self, owner: &str, how: SignIn) -> String {
        let session = self.backend.load(None).await.unwrap();
        session.sign_in(owner, how);
        self.token(&session).await
    }

    async fn token(&self, session: &Session) -> String {
        match self.backend.store(session).await.unwrap() {
            TokenInstruction::Set(token) => token.text(),
            other => panic!("{other:?}"),
        }
    }

    async fn lives(&self, token: &str) -> bool {
        !self.load(token).await.is_new()
    }
}

#[tokio::test]
async fn signing_in_changes_the_id_and_keeps_the_data_or_not() {
    let site = Site::new();
    for forgets in [false, true] {
        let session = site.backend.load(None).await.unwrap();
        session.insert("cart", &3).unwrap();
        let before = site.token(&session).await;
        let session = site.load(&before).await;
        let how = SignIn::new();
        let how = if forgets { how.forget_data() } else { how };
        session.sign_in("ada", how);
        let after = site.token(&session).await;
        assert!(!site.lives(&before).await);
        let session = site.load(&after).await;
        assert_eq!(session.owner().as_deref(), Some("ada"));
        assert_eq!(session.get::<u8>("cart").unwrap(), (!forgets).then_some(3));
        assert!(!session.keys().iter().any(|key| key.starts_with('_')));
        // Once more: another ID again, also for the same user.
        session.sign_in("ada", SignIn::new());
        let again = site.token(&session).await;
        assert!(!site.lives(&after).await && site.lives(&again).await);
    }
}

#[tokio::test]
async fn a_remembered_user_has_the_lifetime_and_the_cookie_for_it() {
    let site = Site::new();
    let month = Lifetime::new(None, Some(30 * 24 * HOUR)).unwrap();
    let session = site.backend.load(None).await.unwrap();
    session.sign_in("ada", SignIn::new().remember(month));
    let TokenInstruction::Set(token) = site.backend.store(&session).await.unwrap() else {
        panic!("a new session has a token");
    };
    assert_eq!(token.persistent(), Some(true));
    let session = site.load(&token.text()).await;
    assert!(session.expires_in().unwrap() > 29 * 24 * HOUR);
    // Signed in anew without it, the user is remembered no more.
    session.sign_in("ada", SignIn::new());
    let TokenInstruction::Set(token) = site.backend.store(&session).await.unwrap() else {
        panic!("a new ID is a new token");
    };
    assert_eq!(token.persistent(), None);
    assert!(session.expires_in().unwrap() <= HOUR);
}

#[tokio::test]
async fn another_auth_hash_is_no_longer_signed_in() {
    let site = Site::new();
    let token = site
        .signed_in("ada", SignIn::new().auth_hash(*b"$argon2$one"))
        .await;
    let session = site.load(&token).await;
    assert!(session.is_signed_in_with(b"$argon2$one"));
    assert!(!session.is_signed_in_with(b"$argon2$two"));
    assert!(!session.is_signed_in_with(b""));
    // It is that user's, and of nobody else with the same password.
    session.set_owner(Some("bob"));
    assert!(!session.is_signed_in_with(b"$argon2$one"));
    let without = site.signed_in("ada", SignIn::new()).await;
    assert!(!site.load(&without).await.is_signed_in_with(b"$argon2$one"));
    let nobody = site.backend.load(None).await.unwrap();
    assert!(!nobody.is_signed_in_with(b"$argon2$one"));
}

#[tokio::test]
async fn a_user_sees_each_device_and_ends_it() {
    let site = Site::new();
    let desktop = SignIn::new().user_agent("Firefox").address("192.0.2.7");
    let desktop = site.signed_in("ada", desktop).await;
    sleep(Duration::from_millis(2)).await;
    let long = "x".repeat(1000);
    let phone = site.signed_in("ada", SignIn::new().user_agent(long)).await;
    let other = site.signed_in("bob", SignIn::new()).await;

    let session = site.load(&desktop).await;
    let devices = site.devices.list(&session).await.unwrap();
    let [newer, older] = &devices[..] else {
        panic!("{devices:?}");
    };
    assert!(older.is_current() && !newer.is_current());
    assert_eq!(older.user_agent(), Some("Firefox"));
    assert_eq!(older.address(), Some("192.0.2.7"));
    assert_eq!(newer.user_agent().unwrap().len(), 256);
    assert_eq!(newer.address(), None);
    assert!(older.created_at() < newer.created_at());
    assert!(older.last_seen() >= older.created_at());
    let signed_in = session.created_at().unwrap();
    assert_eq!(older.created_at(), signed_in);
    assert!(!desktop.contains(older.handle()) && older.handle() != desktop);
    assert!(!site.lives(older.handle()).await);

    // A handle names it after its ID has changed, and to its owner alone.
    let handle = newer.handle().to_owned();
    let rotated = site.load(&phone).await;
    rotated.cycle_id();
    let phone = site.token(&rotated).await;
    let bob = site.load(&other).await;
    assert!(!site.devices.end(&bob, &handle).await.unwrap());
    let nobody = site.backend.load(None).await.unwrap();
    assert!(!site.devices.end(&nobody, &handle).await.unwrap());
    assert!(site.devices.list(&nobody).await.unwrap().is_empty());
    assert!(site.lives(&phone).await);
    assert!(site.devices.end(&session, &handle).await.unwrap());
    assert!(!site.devices.end(&session, &handle).await.unwrap());
    assert!(!site.lives(&phone).await && site.lives(&desktop).await);
}

#[tokio::test]
async fn a_device_is_seen_when_it_is_used() {
    let site = Site::new();
    let token = site.signed_in("ada", SignIn::new()).await;
    let other = site.signed_in("ada", SignIn::new()).await;
    sleep(Duration::from_millis(20)).await;
    let used = site.load(&token).await;
    site.backend.store(&used).await.unwrap();
    let asks = site.load(&other).await;
    for device in site.devices.list(&asks).await.unwrap() {
        let seen = device.last_seen().since(device.created_at());
        assert_eq!(
            seen >= Duration::from_millis(15),
            !device.is_current(),
            "{device:?}"
        );
    }
}

#[tokio::test]
async fn all_others_are_ended_and_this_one_stays_signed_in() {
    let site = Site::new();
    let mut tokens = Vec::new();
    for _ in 0..4 {
        tokens.push(site.signed_in("ada", SignIn::new()).await);
    }
    let other = site.signed_in("bob", SignIn::new()).await;
    // One that is signed in by this very request is there to stay as well.
    let session = site.load(&tokens[0]).await;
    session.sign_in("ada", SignIn::new());
    assert_eq!(site.devices.end_others(&session).await.unwrap(), 3);
    let token = site.token(&session).await;
    assert!(site.lives(&token).await && site.lives(&other).await);
    for token in &tokens {
        assert!(!site.lives(token).await);
    }
    assert_eq!(site.devices.end_all("ada").await.unwrap(), 1);
    assert_eq!(site.devices.list_owner("bob").await.unwrap().len(), 1);
    let nobody = site.backend.load(None).await.unwrap();
    assert_eq!(site.devices.end_others(&nobody).await.unwrap(), 0);
}

#[tokio::test]
async fn no_user_has_more_than_so_many() {
    for excess in [Excess::Oldest, Excess::LeastRecentlySeen, Excess::Newest] {
        let site = Site::new();
        let mut tokens = Vec::new();
        for _ in 0..3 {
            tokens.push(site.signed_in("ada", SignIn::new()).await);
            sleep(Duration::from_millis(5)).await;
        }
        // The oldest is the one that was used last.
        let used = site.load(&tokens[0]).await;
        site.backend.store(&used).await.unwrap();

        let session = site.backend.load(None).await.unwrap();
        session.sign_in("ada", SignIn::new());
        assert_eq!(site.devices.keep(&session, 3, excess).await.unwrap(), 1);
        let instruction = site.backend.store(&session).await.unwrap();
        let mut alive = BTreeSet::new();
        for (number, token) in tokens.iter().enumerate() {
            if site.lives(token).await {
                alive.insert(number);
            }
        }
        match excess {
            Excess::Oldest => assert_eq!(alive, [1, 2].into()),
            Excess::LeastRecentlySeen => assert_eq!(alive, [0, 2].into()),
            _ => {
                assert_eq!(alive, [0, 1, 2].into());
                assert!(matches!(instruction, TokenInstruction::Remove));
                assert_eq!(session.owner(), None);
                continue;
            }
        }
        assert!(matches!(instruction, TokenInstruction::Set(_)));
        assert_eq!(site.devices.keep(&session, 3, excess).await.unwrap(), 0);
    }
}
