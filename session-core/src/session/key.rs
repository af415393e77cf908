use std::{borrow::Cow, fmt, marker::PhantomData};

/// The name of a value in a session together with the value's type, so that the two cannot come
/// apart.
///
/// ```
/// use session_core::Key;
///
/// const CART: Key<Vec<u32>> = Key::new("cart");
/// assert_eq!(CART.name(), "cart");
/// ```
pub struct Key<T: ?Sized> {
    name: &'static str,
    value: PhantomData<fn(&T) -> Box<T>>,
}

impl<T: ?Sized> Key<T> {
    /// A key of this name.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            value: PhantomData,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl<T: ?Sized> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Key<T> {}

impl<T: ?Sized> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.name).finish()
    }
}

/// What names a value of type `T` in a session: a [`Key<T>`](Key), or text, which names a value of
/// any type.
pub trait SessionKey<T: ?Sized> {
    /// The name.
    fn name(&self) -> &str;

    /// The name, to keep.
    fn into_name(self) -> Cow<'static, str>;
}

impl<T: ?Sized> SessionKey<T> for Key<T> {
    fn name(&self) -> &str {
        self.name
    }

    fn into_name(self) -> Cow<'static, str> {
        Cow::Borrowed(self.name)
    }
}

impl<T: ?Sized> SessionKey<T> for &str {
    fn name(&self) -> &str {
        self
    }

    fn into_name(self) -> Cow<'static, str> {
        Cow::Owned(self.to_owned())
    }
}

impl<T: ?Sized> SessionKey<T> for &String {
    fn name(&self) -> &str {
        self
    }

    fn into_name(self) -> Cow<'static, str> {
        Cow::Owned(self.clone())
    }
}

impl<T: ?Sized> SessionKey<T> for String {
    fn name(&self) -> &str {
        self
    }

    fn into_name(self) -> Cow<'static, str> {
        Cow::Owned(self)
    }
}

impl<T: ?Sized> AsRef<str> for Key<T> {
    fn as_ref(&self) -> &str {
        self.name
    }
}
