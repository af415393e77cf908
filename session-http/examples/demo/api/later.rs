//! Signing in, and the list of a user's devices.

use axum::http::StatusCode;

use crate::errors::Problem;

/// Says that it comes with a later release.
pub(super) async fn signing_in() -> Problem {
    let sentence = "Signing in is not part of this release.";
    Problem::new(StatusCode::NOT_IMPLEMENTED, sentence)
}
