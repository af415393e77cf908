//! A real browser goes shopping.
//!
//! Needs Chromium and its driver (Debian: `chromium`, `chromium-driver`). Without them the test says
//! that it is skipped, unless `SESSION_TEST_REQUIRE=all`. `SESSION_TEST_SCREENSHOTS` names a folder
//! to put pictures in.

use std::{env, fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::harness::{Browser, Site};

#[tokio::test]
async fn a_visitor_fills_a_cart_and_sees_each_message_once() {
    let Some(browser) = Browser::start().await else {
        let required = env::var("SESSION_TEST_REQUIRE").is_ok_and(|require| require == "all");
        assert!(!required, "chromium and chromedriver are required");
        eprintln!("skipped: a_visitor_fills_a_cart_and_sees_each_message_once needs chromium");
        return;
    };
    let site = Site::sqlite(&[]);
    let (first, second) = (site.node(0), site.node(1));

    browser.resize(1280, 900, false).await;
    browser.open(&format!("http://{first}/")).await;
    assert_eq!(browser.text("h1").await, "The Corner Shop");
    browser.sees("[role=status]", "").await;
    assert!(browser.text(".cart").await.contains("Nothing in it yet."));
    assert!(
        browser.cookies().await.is_empty(),
        "looking around leaves no cookie"
    );

    browser.click("li:nth-child(3) button").await;
    browser.sees("[role=status]", "Mug is in your cart.").await;
    assert!(browser.text(".cart").await.contains("Mug"));
    picture(&browser, "desktop").await;
    browser.reload().await;
    browser.sees("[role=status]", "").await;
    assert!(browser.text(".cart").await.contains("Mug"));

    // The browser took a Secure cookie with a __Host- name over plain http, as it is loopback.
    let cookies = browser.cookies().await;
    let [cookie] = &cookies[..] else {
        panic!("one cookie: {cookies:?}");
    };
    assert_eq!(cookie["name"], "__Host-id");
    assert_eq!(cookie["secure"], true);
    assert_eq!(cookie["httpOnly"], true);
    assert_eq!(cookie["sameSite"], "Lax");
    assert_eq!(cookie["path"], "/");
    assert!(cookie["expiry"].is_null(), "gone with the browser");
    assert_eq!(browser.script("return document.cookie").await, "");

    // A cookie knows no ports: the other process has the same visitor. By keyboard this time.
    browser.open(&format!("http://{second}/")).await;
    assert!(browser.text(".cart").await.contains("Mug"));
    browser.press_enter("li:nth-child(4) button").await;
    browser
        .sees("[role=status]", "Desk lamp is in your cart.")
        .await;
    let together = browser.text("tfoot").await;
    assert!(together.contains("53.00"), "{together}");

    browser.resize(390, 844, true).await;
    browser.reload().await;
    let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(
        browser.script(fits).await,
        true,
        "no scrolling sideways on a phone"
    );
    picture(&browser, "phone").await;
    let top = "document.querySelector('.cart').scrollIntoView()";
    browser.script(top).await;
    picture(&browser, "phone-cart").await;

    browser.click(".cart button").await;
    browser
        .sees("[role=status]", "Your cart is empty now.")
        .await;
    assert!(browser.text(".cart").await.contains("Nothing in it yet."));
    browser.reload().await;
    browser.sees("[role=status]", "").await;
    assert!(
        browser.cookies().await.is_empty(),
        "nothing is left to keep"
    );
    site.assert_living(0).await;
}

async fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = env::var_os("SESSION_TEST_SCREENSHOTS") {
        let png = STANDARD.decode(browser.screenshot().await).unwrap();
        fs::create_dir_all(&folder).unwrap();
        fs::write(Path::new(&folder).join(format!("{name}.png")), png).unwrap();
    }
}
