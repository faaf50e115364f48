//! Contexts, whose provider is not a function component.

use yew::{ContextProvider, Html, html};

/// Hands a value down to everything in `children`.
pub fn provide<T: Clone + PartialEq + 'static>(context: T, children: Html) -> Html {
    html! { <ContextProvider<T> {context}>{ children }</ContextProvider<T>> }
}
