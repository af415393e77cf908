//! session-http
