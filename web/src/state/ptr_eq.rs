//! A shared value that is compared by allocation.
//!
//! Contexts and properties are compared at each render. With this type the comparison does not visit the value: whoever
//! changes something creates a new one.

use std::{ops::Deref, rc::Rc};

/// A shared value, equal only to its own clones.
#[derive(Debug, Default)]
pub(crate) struct PtrEq<T: ?Sized>(Rc<T>);

impl<T> PtrEq<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T: ?Sized> Clone for PtrEq<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: ?Sized> PartialEq for PtrEq<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: ?Sized> Deref for PtrEq<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> From<Rc<T>> for PtrEq<T> {
    fn from(value: Rc<T>) -> Self {
        Self(value)
    }
}
