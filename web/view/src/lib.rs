//! Yew, with one compiled component for all function components.
//!
//! Yew compiles the whole life of a component (creating, comparing, drawing, dropping) once for each type of component: about
//! three kilobytes, for a hundred types a tenth of the client. Here `html!` makes a node of [`Component`] instead, which calls
//! the function of the type through a table. The client imports this package under the name `yew`, where the macros look for
//! what they use; all but [`virtual_dom::VChild`] and [`provide`] is Yew's own.
//!
//! A node of one function never takes over the state of another. Components that are no functions are not for `html!`:
//! [`provide`] makes the node of the only one that is used.

mod component;

pub use component::provide;
pub use yew::*;

/// The nodes of Yew, with another node for a component.
pub mod virtual_dom {
    pub use crate::component::VChild;
    pub use yew::virtual_dom::*;
}
