//! Buttons that are only an icon.

use crate::components::{
    callbacks::press,
    icon::{Icon, IconSize, SvgIcon},
};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct IconButtonProps {
    pub icon: Icon,
    /// The accessible name, also shown as a tooltip.
    pub label: AttrValue,
    /// Pressed with mouse, finger or keyboard.
    pub onclick: Callback<()>,
    /// 28 px instead of 32 where the row is low.
    #[prop_or_default]
    pub small: bool,
    /// For a button that opens something: whether it is open.
    #[prop_or_default]
    pub expanded: Option<bool>,
    /// The id of what it opens.
    #[prop_or_default]
    pub controls: Option<AttrValue>,
    /// What kind of thing it opens, for `aria-haspopup`.
    #[prop_or_default]
    pub popup: Option<AttrValue>,
    /// Cannot be pressed now.
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub class: Classes,
    /// To give the focus to it.
    #[prop_or_default]
    pub node_ref: NodeRef,
}

/// A button without words: its name is in `aria-label`.
#[component]
pub(crate) fn IconButton(props: &IconButtonProps) -> Html {
    let onclick = press(&props.onclick);
    html! {
        <button type="button" class={classes!("icon-btn", props.small.then_some("icon-btn-s"), props.class.clone())}
            ref={props.node_ref.clone()}
            aria-label={props.label.clone()} title={props.label.clone()} disabled={props.disabled}
            aria-expanded={props.expanded.map(truth)} aria-controls={props.controls.clone()}
            aria-haspopup={props.popup.clone()} {onclick}>
            <SvgIcon icon={props.icon} />
        </button>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TextButtonProps {
    /// The words on it, which are its name.
    pub text: AttrValue,
    /// Pressed with mouse, finger or keyboard.
    pub onclick: Callback<()>,
    /// A small drawing before the words.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// In the colour that says "act here".
    #[prop_or_default]
    pub accent: bool,
    /// A name other than the words on it.
    #[prop_or_default]
    pub label: Option<AttrValue>,
}

/// A quiet button of words, for rows.
#[component]
pub(crate) fn TextButton(props: &TextButtonProps) -> Html {
    html! {
        <button type="button" class={classes!("text-btn", props.accent.then_some("text-btn-accent"))}
            aria-label={props.label.clone()} onclick={press(&props.onclick)}>
            if let Some(icon) = props.icon {
                <SvgIcon {icon} size={IconSize::Small} />
            }
            { &props.text }
        </button>
    }
}

/// A truth value as ARIA writes it.
pub(crate) fn truth(value: bool) -> AttrValue {
    AttrValue::Static(if value { "true" } else { "false" })
}
