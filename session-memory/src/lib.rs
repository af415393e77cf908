//! session-memory
