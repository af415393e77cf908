//! TLS to the server: with its certificate verified, or not at all.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, path::Path};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use server::{ttl, version};
use session_core::{NewRecord, Precondition, Store as _, StoreErrorKind, StoreKey};
use session_redis::{NearCache, RedisOptions, redis::TlsCertificates};
use session_test_servers::{Kind, Server};

/// A certificate of the server's, by an authority that nobody else knows; that authority's own.
fn certificates(folder: &Path) -> Vec<u8> {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    fs::write(folder.join("certificate"), certificate.pem()).unwrap();
    fs::write(folder.join("key"), key.serialize_pem()).unwrap();
    // The server runs as somebody else.
    let open =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    open(folder, 0o755);
    open(&folder.join("certificate"), 0o644);
    open(&folder.join("key"), 0o644);
    authority.pem().into_bytes()
}

#[tokio::test]
async fn a_certificate_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let authority = certificates(folder.path());
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let arguments = [
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &file("certificate"),
        "--tls-key-file",
        &file("key"),
        "--tls-auth-clients",
        "no",
    ];
    let Some(_server) = Server::start_with(Kind::Redis, &arguments) else {
        return;
    };
    let options = |host: &str| RedisOptions::url(&format!("rediss://{host}:{port}")).unwrap();
    let trusting = |host: &str| {
        options(host).certificates(TlsCertificates {
            client_tls: None,
            root_cert: Some(authority.clone()),
        })
    };

    // By its own name, and by its address; with RESP3, too.
    for host in ["localhost", "127.0.0.1"] {
        for near in [None, Some(NearCache::new(1 << 20))] {
            let mut options = trusting(host);
            if let Some(near) = near {
                options = options.near_cache(near);
            }
            let store = options.open().await.unwrap();
            let key = StoreKey::digest(host.as_bytes());
            let record = NewRecord::new(b"data");
            let set = store.set(&key, &record, ttl(), Precondition::Any).await;
            version(set.unwrap());
            assert_eq!(store.get(&key).await.unwrap().unwrap().data, "data");
        }
    }
    // Signed by nobody whom this machine knows.
    let error = options("localhost").open().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    // Where TLS is expected and is not, and the other way round.
    let plain = RedisOptions::url(&format!("redis://localhost:{port}")).unwrap();
    let error = plain.open().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
}
