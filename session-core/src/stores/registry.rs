use std::{collections::BTreeMap, fmt, pin::Pin, sync::Arc};

use crate::{FullStore, StoreError};

type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn FullStore>, StoreError>> + Send>>;
type Opener = Box<dyn Fn(String) -> Opening + Send + Sync>;

/// Stores by name, opened from URLs: for an application that learns at run time which database keeps which
/// sessions.
///
/// Which kinds of URL there are is the application's choice, since a store crate is one dependency.
///
/// ```
/// # use session_core::{FullStore, StoreError};
/// # async fn open_somehow(_: &str) -> Result<std::sync::Arc<dyn FullStore>, StoreError> {
/// #     Err(StoreError::new(session_core::StoreErrorKind::Unavailable, session_core::Operation::Open))
/// # }
/// use session_core::StoreRegistry;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut stores = StoreRegistry::new();
/// // For each kind, such as RedisStore::open.
/// stores.scheme("redis", |url| async move { open_somehow(&url).await });
///
/// stores.open("visitors", "redis://localhost/0").await?;
/// let visitors = stores.get("visitors")?;
/// # let _ = visitors;
/// let unknown = stores.get("admins").map(drop).unwrap_err();
/// assert_eq!(unknown.to_string(), "there is no store \"admins\"; there are: visitors");
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct StoreRegistry {
    openers: BTreeMap<String, Opener>,
    stores: BTreeMap<String, Arc<dyn FullStore>>,
}

impl StoreRegistry {
    /// One that knows no scheme and no store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how stores are opened whose URL begins with this and a colon. A scheme that is known already is
    /// opened so from now on.
    pub fn scheme<O, F>(&mut self, scheme: &str, open: O) -> &mut Self
    where
        O: Fn(String) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Arc<dyn FullStore>, StoreError>> + Send + 'static,
    {
        let open: Opener = Box::new(move |url| Box::pin(open(url)));
        self.openers.insert(scheme.to_owned(), open);
        self
    }

    /// Opens a store and gives it this name.
    ///
    /// # Errors
    /// [`OpenStoreError`]: the name is taken, nobody knows how to open such a URL, or it could not be opened.
    pub async fn open(&mut self, name: &str, url: &str) -> Result<(), OpenStoreError> {
        self.is_free(name)?;
        let scheme = url.split(':').next().unwrap_or_default();
        let Some(open) = self.openers.get(scheme) else {
            return Err(OpenStoreError::UnknownScheme {
                name: name.to_owned(),
                known: listed(&self.openers),
            });
        };
        let store = open(url.to_owned()).await?;
        self.insert(name, store)
    }

    /// Gives a store that is open already this name.
    ///
    /// # Errors
    /// [`OpenStoreError::NameTaken`].
    pub fn insert(&mut self, name: &str, store: Arc<dyn FullStore>) -> Result<(), OpenStoreError> {
        self.is_free(name)?;
        self.stores.insert(name.to_owned(), store);
        Ok(())
    }

    /// The store of this name.
    ///
    /// # Errors
    /// [`UnknownStore`] names those that there are.
    pub fn get(&self, name: &str) -> Result<Arc<dyn FullStore>, UnknownStore> {
        self.stores.get(name).cloned().ok_or_else(|| UnknownStore {
            name: name.to_owned(),
            known: listed(&self.stores),
        })
    }

    /// The names of all stores, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.stores.keys().map(String::as_str)
    }

    fn is_free(&self, name: &str) -> Result<(), OpenStoreError> {
        if self.stores.contains_key(name) {
            return Err(OpenStoreError::NameTaken {
                name: name.to_owned(),
            });
        }
        Ok(())
    }
}

fn listed<T>(of: &BTreeMap<String, T>) -> String {
    let names: Vec<&str> = of.keys().map(String::as_str).collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    names.join(", ")
}

impl fmt::Debug for StoreRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreRegistry")
            .field("schemes", &self.openers.keys())
            .field("stores", &self.stores.keys())
            .finish()
    }
}

/// No store has this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no store {name:?}; there are: {known}")]
pub struct UnknownStore {
    name: String,
    known: String,
}

/// Why a store was not opened. The URL, which may have a password in it, is not shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenStoreError {
    /// Another store has this name.
    #[error("there is a store {name:?} already")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// There is nothing to open such a URL with.
    #[error("the URL of the store {name:?} begins with none of these schemes: {known}")]
    UnknownScheme {
        /// The name that the store was to have.
        name: String,
        /// The schemes that are known.
        known: String,
    },
    /// It could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}
