//! The shop's HTML. `html!` escapes every value that is put in.

use maud::{DOCTYPE, Markup, html};

use session_core::{Device, Message};

use super::{
    Cart, devices,
    goods::{GOODS, Product, euros},
};

/// All that the page shows of this visitor.
pub(super) struct Page {
    pub(super) cart: Cart,
    pub(super) messages: Vec<Message>,
    pub(super) guest: Option<String>,
    pub(super) devices: Vec<Device>,
}

impl Page {
    pub(super) fn html(&self) -> Markup {
        shop(self)
    }
}

fn shop(page: &Page) -> Markup {
    let cart = &page.cart;
    // Goods that are not sold any more are passed over.
    let count = |product: &Product| cart.get(product.id).copied().unwrap_or_default();
    let lines = GOODS
        .iter()
        .map(|product| (product, u64::from(count(product))));
    let lines: Vec<_> = lines.filter(|(_, count)| *count > 0).collect();
    let things: u64 = lines.iter().map(|(_, count)| count).sum();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "The Corner Shop" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                header {
                    div {
                        h1 { "The Corner Shop" }
                        p { "A few good things for your desk. Your cart lives in your session." }
                    }
                    a href="#cart" { "Your cart: " (things) }
                }
                main {
                    // There even without a message, as screen readers watch it for one.
                    div.flash role="status" {
                        @for message in &page.messages { p class=(message.level) { (message.text) } }
                    }
                    section aria-labelledby="goods" {
                        h2 #goods { "For sale" }
                        ul.goods { @for product in &GOODS { li { (offer(product)) } } }
                    }
                    div.side {
                        section.cart aria-labelledby="cart" {
                            h2 #cart { "Your cart" }
                            (contents(&lines))
                        }
                        (devices::account(page.guest.as_deref(), &page.devices))
                    }
                }
                footer {
                    p { a href="/api/session" { "This session as JSON" } }
                }
            }
        }
    }
}

fn offer(product: &Product) -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" { path d=(product.drawing); }
        div {
            h3 { (product.name) }
            p { (product.about) }
        }
        p.price { (euros(product.cents)) }
        form method="post" action="/cart/add" {
            input type="hidden" name="product" value=(product.id);
            button aria-label={ "Add " (product.name) " to cart" } { "Add to cart" }
        }
    }
}

fn contents(lines: &[(&Product, u64)]) -> Markup {
    let price = |(product, count): &(&Product, u64)| product.cents * count;
    html! {
        @if lines.is_empty() {
            p.nothing { "Nothing in it yet." }
        } @else {
            table {
                thead {
                    tr { th scope="col" { "Item" } th scope="col" { "Count" } th scope="col" { "Price" } }
                }
                tbody {
                    @for line in lines {
                        tr { th scope="row" { (line.0.name) } td { (line.1) } td { (euros(price(line))) } }
                    }
                }
                tfoot {
                    tr {
                        th scope="row" colspan="2" { "Together" }
                        td { (euros(lines.iter().map(price).sum())) }
                    }
                }
            }
            form method="post" action="/cart/empty" { button.quiet { "Empty the cart" } }
        }
    }
}
