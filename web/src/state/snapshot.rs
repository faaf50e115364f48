//! A part of the state as components get it: shared, and equal only to itself.

use std::{ops::Deref, rc::Rc};

/// A value of a context. Two are equal when they are the same allocation: whoever changes something makes a new one, so
/// comparing never walks through the state.
#[derive(Debug, Default)]
pub struct Snapshot<T>(Rc<T>);

impl<T> Snapshot<T> {
    /// A new value, unequal to all others.
    pub fn new(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T> Clone for Snapshot<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Snapshot<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Snapshot<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
