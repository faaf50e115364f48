//! State, which Yew compiles once for each type. Here it is compiled once.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use yew::functional::hook;

use crate::memo::mismatch;

/// State that draws the component again with every value that is set. As Yew's own hook.
#[hook]
pub fn use_state<T, F>(init: F) -> UseStateHandle<T>
where
    T: 'static,
    F: FnOnce() -> T,
{
    let inner = use_value(Box::new(move || Value::plain(init())));
    UseStateHandle { inner, wrap: Value::plain }
}

/// State that draws the component again when a different value is set. As Yew's own hook.
#[hook]
pub fn use_state_eq<T, F>(init: F) -> UseStateHandle<T>
where
    T: PartialEq + 'static,
    F: FnOnce() -> T,
{
    let inner = use_value_eq(Box::new(move || Value::compared(init())));
    UseStateHandle { inner, wrap: Value::compared }
}

#[hook]
fn use_value<'a>(init: Box<dyn FnOnce() -> Value + 'a>) -> yew::UseStateHandle<Value> {
    yew::functional::use_state(init)
}

#[hook]
fn use_value_eq<'a>(init: Box<dyn FnOnce() -> Value + 'a>) -> yew::UseStateHandle<Value> {
    yew::functional::use_state_eq(init)
}

/// The state. It reads as the present value, also in what an earlier render has made.
pub struct UseStateHandle<T> {
    inner: yew::UseStateHandle<Value>,
    wrap: fn(T) -> Value,
}

impl<T: 'static> UseStateHandle<T> {
    /// Replaces the value, and draws the component again.
    pub fn set(&self, value: T) {
        self.inner.set((self.wrap)(value));
    }

    /// What sets the value, without the present one.
    pub fn setter(&self) -> UseStateSetter<T> {
        UseStateSetter { inner: self.inner.setter(), wrap: self.wrap }
    }
}

impl<T: 'static> Deref for UseStateHandle<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // The hook of one place in a component has one type of state.
        self.inner.0.value().downcast_ref().unwrap_or_else(|| mismatch())
    }
}

impl<T> Clone for UseStateHandle<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), wrap: self.wrap }
    }
}

impl<T: PartialEq + 'static> PartialEq for UseStateHandle<T> {
    fn eq(&self, other: &Self) -> bool {
        // What two renders saw. Both read as the present value, so what they read is never a change, and a property or a
        // context with the state in it would not be drawn again.
        self.inner == other.inner
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for UseStateHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UseStateHandle").field(&**self).finish()
    }
}

/// What sets a state, without holding its present value.
pub struct UseStateSetter<T> {
    inner: yew::UseStateSetter<Value>,
    wrap: fn(T) -> Value,
}

impl<T> UseStateSetter<T> {
    /// Replaces the value, and draws the component again.
    pub fn set(&self, value: T) {
        self.inner.set((self.wrap)(value));
    }
}

impl<T> Clone for UseStateSetter<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), wrap: self.wrap }
    }
}

impl<T> fmt::Debug for UseStateSetter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UseStateSetter")
    }
}

/// A value of any type.
struct Value(Rc<dyn Held>);

impl Value {
    fn plain<T: 'static>(value: T) -> Self {
        Self(Rc::new(Plain(value)))
    }

    fn compared<T: PartialEq + 'static>(value: T) -> Self {
        Self(Rc::new(Compared(value)))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_equal(other.0.value())
    }
}

trait Held {
    fn value(&self) -> &dyn Any;
    fn is_equal(&self, other: &dyn Any) -> bool;
}

struct Plain<T>(T);

impl<T: 'static> Held for Plain<T> {
    fn value(&self) -> &dyn Any {
        &self.0
    }

    fn is_equal(&self, _: &dyn Any) -> bool {
        false
    }
}

struct Compared<T>(T);

impl<T: PartialEq + 'static> Held for Compared<T> {
    fn value(&self) -> &dyn Any {
        &self.0
    }

    fn is_equal(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| self.0 == *other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compared_values_are_equal_when_type_and_value_are_and_plain_ones_never() {
        assert!(Value::compared("a") == Value::compared("a"));
        assert!(Value::compared(1) != Value::compared(2));
        assert!(Value::compared(1_u32) != Value::compared(1_u64));
        assert!(Value::plain(1) != Value::plain(1));
    }
}
