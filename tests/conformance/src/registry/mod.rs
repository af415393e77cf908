//! All laws, as a list to loop over and as a macro to write tests from.

mod list;
mod store_list;

use std::fmt;

/// A promise of the contract that a function in the module [`laws`](mod@crate::laws) checks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Law {
    /// Its stable number, as in `docs/contract.md`.
    pub number: &'static str,
    /// The path of its function within the module [`laws`](mod@crate::laws).
    pub name: &'static str,
    /// The group that it belongs to.
    pub group: &'static str,
    /// What it promises.
    pub sentence: &'static str,
}

macro_rules! entries {
    ($group:ident; $($number:ident $file:ident::$law:ident $sentence:literal)*) => {
        &[$(Law {
            number: stringify!($number),
            name: concat!(stringify!($file), "::", stringify!($law)),
            group: stringify!($group),
            sentence: $sentence,
        }),*]
    };
}

const GROUPS: [&[Law]; 7] = [
    crate::__registry!(store[entries]),
    crate::__registry!(one_step_rename[entries]),
    crate::__registry!(maintain[entries]),
    crate::__registry!(owner_index[entries]),
    crate::__registry!(full[entries]),
    crate::__registry!(namespaces[entries]),
    crate::__registry!(full_namespaces[entries]),
];

/// Every law there is, group by group.
pub fn laws() -> impl Iterator<Item = &'static Law> {
    GROUPS.into_iter().flatten()
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "law {} ({}): {}", self.number, self.name, self.sentence)
    }
}
