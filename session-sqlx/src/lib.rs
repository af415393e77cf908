//! session-sqlx
