//! Yew, with one compiled component for all function components.
//!
//! Yew compiles the whole life of a component (creating, comparing, drawing, dropping) once for each type of component: about
//! three kilobytes, for a hundred types a tenth of the client. Here `html!` makes a node of [`Component`] instead, which calls
//! the function of the type through a table. The client imports this package under the name `yew`, where the macros look for
//! what they use; all but [`virtual_dom::VChild`], contexts, effects, memos and state is Yew's own.
//!
//! A node of one function never takes over the state of another. Components that are no functions are not for `html!`.

mod classes;
mod component;
mod effect;
mod memo;
mod provided;
mod reducer;
mod seq;
mod state;
mod tag;

pub use classes::Classes;
pub use effect::use_effect_with;
pub use memo::{use_callback, use_memo, use_mut_ref};
pub use provided::{provide, use_provided};
pub use reducer::{UseReducerDispatcher, UseReducerHandle, use_reducer_eq};
pub use state::{UseStateHandle, UseStateSetter, use_state, use_state_eq};
pub use yew::*;

/// What most modules import.
pub mod prelude {
    pub use crate::classes::Classes;
    pub use crate::effect::use_effect_with;
    pub use crate::memo::{use_callback, use_memo, use_mut_ref};
    pub use crate::provided::use_provided;
    pub use crate::reducer::{UseReducerDispatcher, UseReducerHandle, use_reducer_eq};
    pub use crate::state::{UseStateHandle, UseStateSetter, use_state, use_state_eq};
    pub use yew::prelude::*;
}

/// The nodes of Yew, with other nodes for components and elements.
pub mod virtual_dom {
    pub use crate::component::VChild;
    pub use crate::tag::{AttributeOrProperty, Attributes, VTag};
    pub use yew::virtual_dom::*;
}

/// What Yew has for elements, with other classes, lists of children and references.
pub mod html {
    pub use crate::classes::Classes;
    pub use crate::seq::ChildrenRenderer;
    pub use crate::tag::OptionalRef as NodeRef;
    pub use yew::html::*;
}

/// What `html!` uses of Yew, with other lists of nodes.
pub mod utils {
    pub use crate::seq::NodeSeq;
    pub use yew::utils::*;
}
