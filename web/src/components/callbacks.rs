//! Constructors of callbacks that many components need.

use yew::prelude::*;

/// A click handler that needs nothing of the event.
pub(crate) fn press(on: &Callback<()>) -> Callback<MouseEvent> {
    on.reform(|_| ())
}

/// Negates a piece of state.
pub(crate) fn toggle(state: &UseStateHandle<bool>) -> Callback<()> {
    let state = state.clone();
    Callback::from(move |()| state.set(!*state))
}

/// Stores whatever it is called with.
pub(crate) fn setter<T: 'static>(state: &UseStateHandle<T>) -> Callback<T> {
    let state = state.clone();
    Callback::from(move |value| state.set(value))
}

/// Stores the same value at each call.
pub(crate) fn set_to<T: Clone + 'static>(state: &UseStateHandle<T>, value: T) -> Callback<()> {
    let state = state.clone();
    Callback::from(move |()| state.set(value.clone()))
}
