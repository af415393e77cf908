//! What a request can ask for in its query, so that races and failures can be tried at will.

use std::time::Duration;

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

/// `hold_ms`: wait so long between reading the session and going on. `then`, where a value is put or
/// the ID changes: end with this status, or in a panic.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    hold_ms: Hold,
    then: Option<Then>,
}

#[derive(Default, Deserialize)]
#[serde(try_from = "u64")]
struct Hold(u64);

#[derive(Deserialize)]
#[serde(try_from = "String")]
enum Then {
    Status(StatusCode),
    Panic,
}

impl Asked {
    pub(super) async fn hold(&self) {
        if self.hold_ms.0 > 0 {
            tokio::time::sleep(Duration::from_millis(self.hold_ms.0)).await;
        }
    }

    pub(super) fn answer(&self) -> Response {
        match self.then {
            None => StatusCode::NO_CONTENT.into_response(),
            Some(Then::Status(status)) => status.into_response(),
            #[expect(clippy::panic, reason = "it was asked for")]
            Some(Then::Panic) => panic!("the request asked for a panic"),
        }
    }
}

impl TryFrom<u64> for Hold {
    type Error = &'static str;

    fn try_from(millis: u64) -> Result<Self, Self::Error> {
        match millis {
            0..=10_000 => Ok(Self(millis)),
            _ => Err("it must be 0 to 10000"),
        }
    }
}

impl TryFrom<String> for Then {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "panic" {
            return Ok(Self::Panic);
        }
        match text.parse() {
            Ok(code @ 200..=599) => StatusCode::from_u16(code)
                .map(Self::Status)
                .map_err(|_| "it must be a status"),
            _ => Err("it must be panic, or a status from 200 to 599"),
        }
    }
}
