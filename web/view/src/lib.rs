//! Yew, but for two things that its macros name, what a component's tag becomes and what an element's tag becomes, and
//! for one hook.
//!
//! Yew compiles its life cycle (creating, mounting, comparing, updating, removing) anew for every component: 2 KB each,
//! and the client has a hundred. Here every function component is drawn by one and the same component, [`Part`], which is
//! handed the function and its properties as a trait object; and an element is made by a call instead of in place. The
//! web client names this crate `yew`, writes `html!` and `#[component]` as ever, and weighs a sixth less.
//!
//! What is left out: struct components as tags (contexts have [`provide()`]), and children of a certain type.

mod effect;
mod element;
mod part;
mod provide;

pub use effect::use_effect_with;
pub use part::{Part, PartProps};
pub use provide::provide;
pub use yew::*;

/// As Yew's, with the two replaced.
pub mod virtual_dom {
    pub use crate::{element::VTag, part::VChild};
    pub use yew::virtual_dom::*;
}

/// As Yew's, with its hook for effects replaced.
pub mod prelude {
    pub use crate::effect::use_effect_with;
    pub use yew::prelude::*;
}
