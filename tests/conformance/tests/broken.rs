//! Every law can fail: for each there is a store with one fault that it catches.
//!
//! A law's broken store stands in `broken/`, in the file and under the name of the law, so a law
//! without one does not compile.

#[path = "reference/store.rs"]
mod reference;

mod broken {
    pub(crate) mod atomic;
    pub(crate) mod bytes;
    pub(crate) mod created;
    pub(crate) mod delete;
    pub(crate) mod delete_owner;
    pub(crate) mod expire;
    pub(crate) mod expiry;
    pub(crate) mod fault;
    pub(crate) mod full;
    pub(crate) mod full_namespaces;
    pub(crate) mod get;
    pub(crate) mod maintain;
    pub(crate) mod namespaces;
    pub(crate) mod one_step;
    pub(crate) mod owners;
    pub(crate) mod rename;
    pub(crate) mod rename_races;
    pub(crate) mod set;
    pub(crate) mod versions;
}

use std::{collections::BTreeSet, panic::catch_unwind, sync::Arc};

use broken::fault::{Broken, Fault, Sound};
use reference::Reference;
use session_conformance::{Tested, check, laws};

/// A test per law: it passes a sound store and catches the broken one of its name.
macro_rules! caught {
    ($group:ident; $($number:ident $file:ident::$law:ident $sentence:literal)*) => {
        pub(crate) const NUMBERS: &[&str] = &[$(stringify!($number)),*];

        $(#[test]
        fn $law() {
            let number = stringify!($number);
            let hold = |fault: bool| {
                catch_unwind(|| {
                    if fault {
                        let store = async { subject(|| crate::broken::$file::$law) };
                        check(number, store, |it| Box::pin(laws::$file::$law(it)));
                    } else {
                        let store = async { subject(|| Sound) };
                        check(number, store, |it| Box::pin(laws::$file::$law(it)));
                    }
                })
            };
            assert!(hold(false).is_ok(), "a sound store breaks law {number}");
            assert!(hold(true).is_err(), "law {number} does not see the fault");
        })*
    };
}

/// The tests of a group of laws about one store.
macro_rules! one {
    ($($group:ident: $kind:ident)+) => {$(
        mod $group {
            use super::*;

            fn subject<F: Fault>(fault: fn() -> F) -> Tested<dyn session_conformance::kind::$kind> {
                let db = Reference::default();
                Tested::new(Arc::new(Broken { db, fault: fault() }))
            }

            session_conformance::__registry! { $group [caught] }
        }
    )+};
}

/// The tests of a group of laws about two stores in one database.
macro_rules! two {
    ($($group:ident: $kind:ident)+) => {$(
        mod $group {
            use super::*;

            type Two = [Tested<dyn session_conformance::kind::$kind>; 2];

            fn subject<F: Fault>(fault: fn() -> F) -> Two {
                let db = Reference::default();
                let other = Broken { db: db.neighbour(), fault: fault() };
                let one = Broken { db, fault: fault() };
                [Tested::new(Arc::new(one)), Tested::new(Arc::new(other))]
            }

            session_conformance::__registry! { $group [caught] }
        }
    )+};
}

one! {
    store: Store
    one_step_rename: Store
    maintain: MaintainedStore
    owner_index: IndexedStore
    full: FullStore
}

two! {
    namespaces: Store
    full_namespaces: FullStore
}

#[test]
fn every_law_has_its_broken_store() {
    let caught = [
        store::NUMBERS,
        one_step_rename::NUMBERS,
        maintain::NUMBERS,
        owner_index::NUMBERS,
        full::NUMBERS,
        namespaces::NUMBERS,
        full_namespaces::NUMBERS,
    ];
    let caught = caught.concat().into_iter().collect::<BTreeSet<_>>();
    let laws = laws().map(|law| law.number).collect::<BTreeSet<_>>();
    assert_eq!(caught, laws);
}
