//! The HTML of whoever is signed in, and where.

use std::time::Duration;

use maud::{Markup, html};
use session_core::{Device, Timestamp};

/// A form to sign in, or who is signed in and on which devices.
pub(super) fn account(guest: Option<&str>, devices: &[Device]) -> Markup {
    html! {
        section.account aria-labelledby="account" {
            @match guest {
                None => (sign_in()),
                Some(name) => (signed_in(name, devices)),
            }
        }
    }
}

fn sign_in() -> Markup {
    html! {
        h2 #account { "Sign in" }
        form method="post" action="/login" {
            label { "Your name " input name="user" required maxlength="64" autocomplete="username"; }
            label.check { input type="checkbox" name="remember" value="yes"; " Remember me for 30 days" }
            button { "Sign in" }
        }
    }
}

fn signed_in(name: &str, devices: &[Device]) -> Markup {
    html! {
        h2 #account { "Signed in as " (name) }
        form method="post" action="/logout" { button.quiet { "Sign out" } }
        h3 { "Your devices" }
        ul.devices {
            @for device in devices { li { (row(device)) } }
        }
        @if devices.len() > 1 {
            form method="post" action="/devices/end-others" {
                button.quiet { "Sign out all other devices" }
            }
        }
    }
}

fn row(device: &Device) -> Markup {
    let agent = device.user_agent().unwrap_or("An unknown browser");
    html! {
        div {
            p { (browser(agent)) @if device.is_current() { " " strong { "this device" } } }
            p.when { "signed in " (ago(device.created_at())) ", last seen " (ago(device.last_seen())) }
        }
        @if !device.is_current() {
            form method="post" action="/devices/end" {
                input type="hidden" name="handle" value=(device.handle());
                button.quiet aria-label={ "Sign out " (browser(agent)) ", signed in " (ago(device.created_at())) } {
                    "Sign out"
                }
            }
        }
    }
}

/// What people call it; else as it says itself.
fn browser(agent: &str) -> &str {
    // The later ones say that they are the former, too.
    let known = ["Edg", "OPR", "Firefox", "Chrome", "Safari", "curl"];
    let names = ["Edge", "Opera", "Firefox", "Chrome", "Safari", "curl"];
    let found = known.iter().position(|known| agent.contains(known));
    found.and_then(|at| names.get(at)).copied().unwrap_or(agent)
}

fn ago(time: Timestamp) -> String {
    let passed = Timestamp::now().since(time);
    let of = |unit: &str, long: Duration| {
        let count = passed.as_secs() / long.as_secs();
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {unit}{plural} ago")
    };
    match passed.as_secs() {
        0..60 => "just now".to_owned(),
        60..3600 => of("minute", Duration::from_secs(60)),
        3600..86_400 => of("hour", Duration::from_secs(3600)),
        _ => of("day", Duration::from_secs(86_400)),
    }
}
