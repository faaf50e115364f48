//! Small buttons: an icon alone, or a text in a row.

use crate::components::{callbacks::press, icon::Icon};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct IconButtonProps {
    pub icon: Icon,
    /// The accessible name, also shown as a tooltip.
    pub label: AttrValue,
    pub onclick: Callback<()>,
    /// 28 px high instead of 32, for rows with little height.
    #[prop_or_default]
    pub small: bool,
    /// Whether the element that the button controls is open.
    #[prop_or_default]
    pub expanded: Option<bool>,
    /// The id of the element that the button controls.
    #[prop_or_default]
    pub controls: Option<AttrValue>,
    /// The value of `aria-haspopup`.
    #[prop_or_default]
    pub popup: Option<AttrValue>,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub class: Classes,
    /// Lets the parent set the focus.
    #[prop_or_default]
    pub node_ref: NodeRef,
}

/// A button that shows an icon only; its name is in `aria-label`.
#[component]
pub(crate) fn IconButton(props: &IconButtonProps) -> Html {
    let onclick = press(&props.onclick);
    html! {
        <button type="button" class={classes!("icon-btn", props.small.then_some("icon-btn-s"), props.class.clone())}
            ref={props.node_ref.clone()}
            aria-label={props.label.clone()} title={props.label.clone()} disabled={props.disabled}
            aria-expanded={props.expanded.map(truth)} aria-controls={props.controls.clone()}
            aria-haspopup={props.popup.clone()} {onclick}>
            { props.icon.html() }
        </button>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TextButtonProps {
    pub text: AttrValue,
    pub onclick: Callback<()>,
    #[prop_or_default]
    pub icon: Option<Icon>,
    #[prop_or_default]
    pub accent: bool,
    /// The accessible name, when it differs from the text.
    #[prop_or_default]
    pub label: Option<AttrValue>,
}

/// A text button without a frame, for rows.
#[component]
pub(crate) fn TextButton(props: &TextButtonProps) -> Html {
    html! {
        <button type="button" class={classes!("text-btn", props.accent.then_some("text-btn-accent"))}
            aria-label={props.label.clone()} onclick={press(&props.onclick)}>
            if let Some(icon) = props.icon {
                { icon.small() }
            }
            { &props.text }
        </button>
    }
}

/// A boolean as the value of an ARIA attribute.
pub(crate) fn truth(value: bool) -> AttrValue {
    AttrValue::Static(if value { "true" } else { "false" })
}
