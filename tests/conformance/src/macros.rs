//! The macros that write a named test per law and form of the store.

/// Tests every law that needs nothing but [`Store`](session_core::Store).
///
/// Takes the name of an `async fn() -> impl Store` that makes an empty store; each law gets its
/// own. Makes a module `store_laws` with a test per law in each of `itself`, `boxed`
/// (through `Box<dyn Store>`) and `shared` (through `Arc<dyn Store>`).
#[macro_export]
macro_rules! store_laws {
    ($fresh:path) => {
        $crate::__group! { store_laws, store, Store, $fresh }
    };
}

/// Tests the laws of a [`rename`](session_core::Store::rename) that is one atomic step, which the
/// provided one is not. Needs [`store_laws!`] beside it.
///
/// Takes the name of an `async fn() -> impl Store` that makes an empty store.
#[macro_export]
macro_rules! one_step_rename_laws {
    ($fresh:path) => {
        $crate::__group! { one_step_rename_laws, one_step_rename, Store, $fresh }
    };
}

/// Tests the laws of [`Maintain`](session_core::Maintain). Needs [`store_laws!`] beside it.
///
/// Takes the name of an `async fn() -> impl MaintainedStore` that makes an empty store.
#[macro_export]
macro_rules! maintain_laws {
    ($fresh:path) => {
        $crate::__group! { maintain_laws, maintain, MaintainedStore, $fresh }
    };
}

/// Tests the laws of [`OwnerIndex`](session_core::OwnerIndex). Needs [`store_laws!`] beside it.
///
/// Takes the name of an `async fn() -> impl IndexedStore` that makes an empty store.
#[macro_export]
macro_rules! owner_index_laws {
    ($fresh:path) => {
        $crate::__group! { owner_index_laws, owner_index, IndexedStore, $fresh }
    };
}

/// Tests that two stores side by side in one database stay apart.
///
/// Takes the name of an `async fn() -> (impl Store, impl Store)` that makes two empty stores with
/// different namespaces (key prefix or table) in one database.
#[macro_export]
macro_rules! namespace_laws {
    ($two:path) => {
        $crate::__group! { namespace_laws, namespaces, (Store), $two }
    };
}

/// Tests every law there is: for a store with [`Store`](session_core::Store) and a one-step
/// `rename`, [`Maintain`](session_core::Maintain), [`OwnerIndex`](session_core::OwnerIndex) and
/// namespaces.
///
/// Takes the names of an `async fn() -> impl FullStore` and of an
/// `async fn() -> (impl FullStore, impl FullStore)`, as the other macros do. Makes a module for
/// each of them.
#[macro_export]
macro_rules! full_store_laws {
    ($fresh:path, $two:path) => {
        $crate::store_laws! { $fresh }
        $crate::one_step_rename_laws! { $fresh }
        $crate::maintain_laws! { $fresh }
        $crate::owner_index_laws! { $fresh }
        $crate::__group! { full_laws, full, FullStore, $fresh }
        $crate::namespace_laws! { $two }
        $crate::__group! { full_namespace_laws, full_namespaces, (FullStore), $two }
    };
}

/// A module of tests for one group, with a module for each form of the store.
#[doc(hidden)]
#[macro_export]
macro_rules! __group {
    ($module:ident, $group:ident, $kind:tt, $fresh:path) => {
        #[cfg(test)]
        mod $module {
            use super::*;

            mod itself {
                use super::*;
                $crate::__subject! { $kind, $fresh, $crate::__itself }
                $crate::__registry! { $group [$crate::__tests] }
            }

            mod boxed {
                use super::*;
                $crate::__subject! { $kind, $fresh, $crate::__boxed }
                $crate::__registry! { $group [$crate::__tests] }
            }

            mod shared {
                use super::*;
                $crate::__subject! { $kind, $fresh, $crate::__shared }
                $crate::__registry! { $group [$crate::__tests] }
            }
        }
    };
}

/// The function that makes what a law is held against: one store, or two.
#[doc(hidden)]
#[macro_export]
macro_rules! __subject {
    (($kind:ident), $two:path, $($form:tt)+) => {
        async fn subject() -> [$crate::Tested<dyn $crate::kind::$kind>; 2] {
            let (one, other) = $two().await;
            [$($form)+!($kind, one), $($form)+!($kind, other)]
        }
    };
    ($kind:ident, $fresh:path, $($form:tt)+) => {
        async fn subject() -> $crate::Tested<dyn $crate::kind::$kind> {
            let store = $fresh().await;
            $($form)+!($kind, store)
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __itself {
    ($kind:ident, $store:ident) => {{
        let store: ::std::sync::Arc<dyn $crate::kind::$kind> = ::std::sync::Arc::new($store);
        $crate::Tested::new(store)
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __boxed {
    ($kind:ident, $store:ident) => {{
        let store: ::std::boxed::Box<dyn $crate::kind::$kind> = ::std::boxed::Box::new($store);
        $crate::__itself!($kind, store)
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __shared {
    ($kind:ident, $store:ident) => {{
        let store: ::std::sync::Arc<dyn $crate::kind::$kind> = ::std::sync::Arc::new($store);
        $crate::__itself!($kind, store)
    }};
}

/// A test per law.
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($group:ident; $($number:ident $file:ident::$law:ident $sentence:literal)*) => {$(
        #[test]
        fn $law() {
            $crate::check(stringify!($number), subject(), |subject| {
                ::std::boxed::Box::pin($crate::laws::$file::$law(subject))
            });
        }
    )*};
}
