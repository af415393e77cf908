/// A setting that could not work. Found when the backend is built, never later.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// `session_id_bytes` is not 16 to 128.
    #[error("session_id_bytes is {0}, it must be 16 to 128")]
    SessionIdBytes(usize),
    /// Neither an idle nor an absolute timeout: a session must end some day.
    #[error("a session needs an idle timeout, an absolute timeout, or both")]
    NoTimeout,
    /// A timeout is not 1 millisecond to 400 days.
    #[error("the {name} must be 1 millisecond to 400 days")]
    Timeout {
        /// Which one.
        name: &'static str,
    },
    /// `max_bytes` is zero or over 2 GiB.
    #[error("max_bytes is {0}, it must be 1 to 2147483647")]
    MaxBytes(usize),
}
