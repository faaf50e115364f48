//! A part of the state as components get it: shared, and equal only to itself.

use std::{ops::Deref, rc::Rc};

/// A value of a context. Two are equal when they are the same allocation: whoever changes something makes a new one, so
/// comparing never walks through the state.
#[derive(Debug, Default)]
pub(crate) struct PtrEq<T: ?Sized>(Rc<T>);

impl<T> PtrEq<T> {
    /// A new value, unequal to all others.
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
