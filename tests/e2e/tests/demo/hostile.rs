//! Cookies that nobody but an attacker sends.

use futures_util::{StreamExt as _, stream};

use crate::harness::{Site, Visitor, on_each_store_at_hand, send, send_headers};

/// Numbers that look random and are the same in each run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn pick<'a>(&mut self, among: &[&'a [u8]]) -> &'a [u8] {
        let index = self.below(among.len() as u64);
        among[usize::try_from(index).unwrap()]
    }
}

/// A header made of what such headers are made of, and of any bytes that can be in a line.
fn random_header(numbers: &mut Numbers) -> Vec<u8> {
    const PIECES: [&[u8]; 12] = [
        b"__Host-id",
        b"__Host-id=",
        b"=",
        b";",
        b"; ",
        b",",
        b"\"",
        b"%00",
        b" ",
        b"\t",
        b"\xff\xfe",
        b"__Host-id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut header = b"Cookie: ".to_vec();
    for _ in 0..numbers.below(12) {
        match numbers.below(4) {
            0 | 1 => header.extend_from_slice(numbers.pick(&PIECES)),
            2 => header.extend(
                (0..numbers.below(48))
                    .map(|_| ALPHABET[usize::try_from(numbers.below(64)).unwrap()]),
            ),
            _ => header.extend((0..numbers.below(20)).map(|_| {
                let byte = u8::try_from(numbers.below(256)).unwrap();
                if matches!(byte, b'\r' | b'\n') {
                    b'.'
                } else {
                    byte
                }
            })),
        }
    }
    header
}

async fn random_cookie_headers_are_anonymous_or_a_client_error(site: Site) {
    let mut numbers = Numbers(6265);
    let headers: Vec<_> = (0..5000).map(|_| random_header(&mut numbers)).collect();
    let address = site.node(0);
    let answers = stream::iter(&headers).map(async |header| {
        (
            header,
            send_headers(address, "GET /api/session", &[header], "")
                .await
                .unwrap(),
        )
    });
    let mut answers = answers.buffer_unordered(16);
    while let Some((header, answer)) = answers.next().await {
        let refused = (400..500).contains(&answer.status);
        assert!(refused || answer.is_anonymous(), "{answer:?} to {header:?}");
        assert_eq!(answer.set_cookies(), [""; 0]);
    }
    site.assert_rows(0).await;
}

async fn cookies_of_any_size_and_shape_are_anonymous_or_a_client_error(site: Site) {
    let good = Visitor::with(site.node(0), "a", "1").await.pair();
    let token = good.strip_prefix("__Host-id=").unwrap();
    let many = (0..500)
        .map(|n| format!("c{n}=v{n}"))
        .collect::<Vec<_>>()
        .join("; ");
    for value in [
        String::new(),
        token[1..].to_owned(),
        format!("{token}A"),
        format!("{token}="),
        format!("\"{token}\""),
        format!("%00{token}"),
        format!("{token}%00"),
        format!("{}+", &token[..42]),
        format!("{}%", &token[..42]),
        "A".repeat(300 * 1024),
        "A".repeat(8 * 1024),
        "../../../etc/passwd".to_owned(),
        "' OR 1=1 --".to_owned(),
    ] {
        let cookie = format!("__Host-id={value}");
        let answer = send(site.node(0), "GET /api/session", Some(&cookie), "").await;
        let refused = (400..500).contains(&answer.status);
        assert!(
            refused || answer.is_anonymous(),
            "{} octets: {answer:?}",
            value.len()
        );
    }
    let answer = send(
        site.node(0),
        "GET /api/session",
        Some(&format!("{many}; {good}")),
        "",
    )
    .await;
    assert_eq!(answer.data()["a"], 1);
    site.assert_rows(1).await;
}

async fn a_header_of_a_megabyte_is_refused_and_the_server_lives(site: Site) {
    let header = format!("Cookie: __Host-id={}", "A".repeat(1024 * 1024));
    // The server may close before it has read it all, which can lose its answer on the way.
    if let Ok(answer) =
        send_headers(site.node(0), "GET /api/session", &[header.as_bytes()], "").await
    {
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    send(site.node(0), "GET /healthz", None, "")
        .await
        .expect(200);
    site.assert_rows(0).await;
}

on_each_store_at_hand!(&[];
    random_cookie_headers_are_anonymous_or_a_client_error,
    cookies_of_any_size_and_shape_are_anonymous_or_a_client_error,
    a_header_of_a_megabyte_is_refused_and_the_server_lives,
);
