//! A user's devices: listed, and ended by their handles.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Site, Visitor, on_each_store, send};

async fn signed_in(site: &Site, node: usize, user: &str) -> Visitor {
    let mut visitor = Visitor::default();
    let login = json!({"user": user}).to_string();
    let answer = visitor
        .call(site.node(node), "POST /api/login", &login)
        .await;
    answer.expect(204);
    visitor
}

async fn devices(site: &Site, node: usize, visitor: &mut Visitor) -> Vec<Value> {
    let listed = visitor.call(site.node(node), "GET /api/devices", "").await;
    listed.expect(200).json().as_array().unwrap().clone()
}

fn handle(device: &Value) -> String {
    device["handle"].as_str().unwrap().to_owned()
}

async fn is_signed_in(site: &Site, node: usize, visitor: &Visitor) -> bool {
    let me = send(site.node(node), "GET /api/me", Some(&visitor.pair()), "").await;
    me.json()["user"].is_string()
}

async fn each_is_listed_and_ended_by_its_handle(site: Site) {
    let mut desktop = signed_in(&site, 0, "Ada").await;
    let phone = signed_in(&site, 1, "Ada").await;
    let mut other = signed_in(&site, 0, "Bob").await;
    let listed = devices(&site, 1, &mut desktop).await;
    assert_eq!(listed.len(), 2);
    let [there]: [&Value; 1] = listed
        .iter()
        .filter(|device| device["current"] == false)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    for device in &listed {
        let (began, seen) = (&device["created_at"], &device["last_seen"]);
        assert!(began.as_i64().unwrap() <= seen.as_i64().unwrap());
        assert_eq!(device["user_agent"], json!(null));
        // No session ID, and no part of one.
        let text = device.to_string();
        for visitor in [&desktop, &phone] {
            let pair = visitor.pair();
            let (_, id) = pair.split_once('=').unwrap();
            assert!(!text.contains(id) && !id.contains(&handle(device)));
        }
        let (name, _) = desktop.cookie.as_deref().unwrap().split_once('=').unwrap();
        let forged = format!("{name}={}", handle(device));
        let me = send(site.node(0), "GET /api/me", Some(&forged), "").await;
        me.expect(401);
    }

    let end = format!("DELETE /api/devices/{}", handle(there));
    // It is nobody else's.
    other.call(site.node(0), &end, "").await.expect(404);
    send(site.node(0), &end, None, "").await.expect(401);
    assert!(is_signed_in(&site, 1, &phone).await);
    desktop.call(site.node(0), &end, "").await.expect(204);
    desktop.call(site.node(1), &end, "").await.expect(404);
    for node in 0..2 {
        assert!(!is_signed_in(&site, node, &phone).await);
        assert!(is_signed_in(&site, node, &desktop).await);
    }
    assert_eq!(devices(&site, 0, &mut other).await.len(), 1);
    // Its own as well.
    let own = devices(&site, 0, &mut desktop).await;
    let end = format!("DELETE /api/devices/{}", handle(&own[0]));
    send(site.node(1), &end, Some(&desktop.pair()), "")
        .await
        .expect(204);
    assert!(!is_signed_in(&site, 0, &desktop).await);
}

/// All of them are in use, reading, writing and changing their IDs, on both nodes.
async fn of_fifty_in_use_one_is_left(site: Site) {
    let mut visitors = Vec::new();
    for number in 0..50 {
        visitors.push(signed_in(&site, number % 2, "Ada").await);
    }
    let keeper = visitors.remove(0);
    let others = visitors
        .into_iter()
        .enumerate()
        .map(|(number, mut visitor)| {
            let site = &site;
            async move {
                let mut seen = vec![visitor.pair()];
                for round in 0..6 {
                    let node = site.node((number + round) % 2);
                    let call = match (number + round) % 3 {
                        0 => "GET /api/session",
                        1 => "POST /api/session/n/increment",
                        _ => "POST /api/cycle",
                    };
                    visitor.call(node, call, "").await;
                    seen.extend(visitor.cookie.clone());
                }
                seen
            }
        });
    let keep = async {
        let mut keeper = keeper.clone();
        let revoked = keeper.call(site.node(1), "POST /api/devices/revoke-others", "");
        let revoked = revoked.await.expect(200).json();
        assert!(revoked["revoked"].as_u64().unwrap() <= 49);
        keeper
    };
    let (used, mut keeper) = tokio::join!(join_all(others), keep);
    for (number, pair) in used.iter().flatten().enumerate() {
        let me = send(site.node(number % 2), "GET /api/me", Some(pair), "").await;
        me.expect(401);
    }
    assert_eq!(devices(&site, 0, &mut keeper).await.len(), 1);
    assert!(is_signed_in(&site, 1, &keeper).await);
}

on_each_store!(&[];
    each_is_listed_and_ended_by_its_handle,
    of_fifty_in_use_one_is_left,
);
