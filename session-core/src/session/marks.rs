/// Counts what handlers do to a session, so that a commit, during which they go on, knows what
/// it stored and what came after.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marks {
    /// Changes of the contents or the owner, clears included.
    pub(crate) changes: u64,
    pub(crate) clears: u64,
    pub(crate) rotations: u64,
    pub(crate) destroys: u64,
}
