//! The page, without a browser.

use futures_util::future::join_all;

use crate::harness::{Site, Visitor, on_each_server, on_each_store_at_hand, send};

async fn a_message_is_shown_exactly_once(site: Site) {
    let mut visitor = Visitor::default();
    let added = visitor
        .call(site.node(0), "POST /cart/add", "product=mug")
        .await
        .expect(303);
    assert_eq!(added.all("location"), ["/"]);
    // Who asks for the head alone has shown it to nobody.
    visitor.call(site.node(0), "HEAD /", "").await.expect(200);
    let page = visitor
        .call(site.node(1), "GET /", "")
        .await
        .expect(200)
        .text();
    assert!(page.contains("Mug is in your cart."));
    let again = visitor
        .call(site.node(1), "GET /", "")
        .await
        .expect(200)
        .text();
    assert!(!again.contains("Mug is in your cart."));
    assert!(again.contains("<th scope=\"row\">Mug</th><td>1</td>"));
    visitor
        .call(site.node(1), "POST /cart/empty", "")
        .await
        .expect(303);
    let emptied = visitor.call(site.node(0), "GET /", "").await.text();
    assert!(emptied.contains("Your cart is empty now.") && emptied.contains("Nothing in it yet."));
    visitor.call(site.node(0), "GET /", "").await.expect(200);
    site.assert_living(0).await;
}

async fn a_message_is_shown_by_one_of_many_pages_that_load_at_once(site: Site) {
    let mut visitor = Visitor::default();
    visitor
        .call(site.node(0), "POST /cart/add", "product=mug")
        .await
        .expect(303);
    let cookie = visitor.pair();
    let pages = (0..8).map(|node| send(site.node(node), "GET /", Some(&cookie), ""));
    let pages = join_all(pages).await;
    let showing = pages
        .iter()
        .filter(|page| page.text().contains("Mug is in your cart."));
    assert_eq!(showing.count(), 1);
}

async fn every_click_counts(site: Site) {
    let mut visitor = Visitor::default();
    visitor
        .call(site.node(0), "POST /cart/add", "product=lamp")
        .await
        .expect(303);
    let cookie = visitor.pair();
    let clicks =
        (0..15).map(|n| send(site.node(n), "POST /cart/add", Some(&cookie), "product=mug"));
    for click in join_all(clicks).await {
        click.expect(303);
    }
    let page = visitor.call(site.node(0), "GET /", "").await.text();
    assert!(
        page.contains("<th scope=\"row\">Mug</th><td>15</td>"),
        "{page}"
    );
    assert!(page.contains("<th scope=\"row\">Desk lamp</th><td>1</td>"));
}

async fn nothing_that_a_client_sends_becomes_markup(site: Site) {
    let mut visitor = Visitor::default();
    let script = "<script>alert(1)</script>";
    let product = format!("product={script}");
    visitor
        .call(site.node(0), "POST /cart/add", &product)
        .await
        .expect(303);
    let cart = format!("{{{script:?}: 3, \"mug\": 2}}");
    visitor
        .call(site.node(0), "PUT /api/session/cart", &cart)
        .await
        .expect(204);
    let flash = format!("{{\"level\": \"info\", \"text\": {script:?}}}");
    visitor
        .call(site.node(0), "PUT /api/session/flash:1", &flash)
        .await
        .expect(204);
    let page = visitor.call(site.node(1), "GET /", "").await.expect(200);
    assert!(page.text().contains("&lt;script&gt;alert(1)"));
    assert!(!page.text().contains("<script"));
    let policy = page.all("content-security-policy");
    assert!(policy[0].contains("default-src 'none'"));
    let most = u32::MAX;
    let large = format!("{{\"mug\": {most}, \"lamp\": {most}}}");
    let put = visitor.call(site.node(0), "PUT /api/session/cart", &large);
    put.await.expect(204);
    visitor.call(site.node(1), "GET /", "").await.expect(200);
    visitor
        .call(site.node(1), "POST /cart/add", "product=mug")
        .await
        .expect(303);
    // Values of another type than the page's own do not lock its visitor out.
    visitor
        .call(site.node(0), "PUT /api/session/cart", "[1]")
        .await
        .expect(204);
    visitor
        .call(site.node(0), "PUT /api/session/flash:2", "[1]")
        .await
        .expect(204);
    visitor.call(site.node(1), "GET /", "").await.expect(200);
    visitor
        .call(site.node(1), "POST /cart/add", "product=mug")
        .await
        .expect(303);
}

on_each_store_at_hand!(&[];
    a_message_is_shown_exactly_once,
    a_message_is_shown_by_one_of_many_pages_that_load_at_once,
    every_click_counts,
    nothing_that_a_client_sends_becomes_markup,
);

/// Where requests meet.
mod server {
    use super::{
        a_message_is_shown_by_one_of_many_pages_that_load_at_once, every_click_counts,
        on_each_server,
    };

    on_each_server!(&[];
        a_message_is_shown_by_one_of_many_pages_that_load_at_once,
        every_click_counts,
    );
}
