//! Whole requests against the running demo (`tests/demo/`), the arrows between the crates
//! (`tests/layering.rs`), and here: every example of the README and of `docs/`, as a test.

#[cfg(doctest)]
mod documents {
    macro_rules! documents {
        ($($name:ident: $path:literal),+ $(,)?) => {
            $(#[doc = include_str!($path)] mod $name {})+
        };
    }

    documents! {
        readme: "../../../README.md",
        guide: "../../../docs/guide.md",
        writing_a_store: "../../../docs/writing-a-store.md",
        contract: "../../../docs/contract.md",
        decisions: "../../../docs/decisions.md",
        redis: "../../../docs/redis.md",
        sql_stores: "../../../docs/sql-stores.md",
        threat_model: "../../../docs/threat-model.md",
    }
}
