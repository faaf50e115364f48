//! Small buttons: an icon alone, or a text in a row.

use crate::components::{callbacks::press, icon::Icon};
use yew::prelude::*;

/// A button that shows an icon only; its name is in `aria-label`.
pub(crate) struct IconButton {
    icon: Icon,
    label: AttrValue,
    onclick: Callback<()>,
    small: bool,
    expanded: Option<bool>,
    controls: Option<AttrValue>,
    disabled: bool,
    class: Option<&'static str>,
    node_ref: NodeRef,
}

// No component: that would be compiled once more for each place that has one.
impl IconButton {
    /// The label is the accessible name, also shown as a tooltip.
    pub(crate) fn new(icon: Icon, label: impl Into<AttrValue>, onclick: Callback<()>) -> Self {
        Self {
            icon,
            label: label.into(),
            onclick,
            small: false,
            expanded: None,
            controls: None,
            disabled: false,
            class: None,
            node_ref: NodeRef::default(),
        }
    }

    /// 28 px high instead of 32, for rows with little height.
    pub(crate) fn small(self) -> Self {
        Self { small: true, ..self }
    }

    /// Whether the element that the button controls is open.
    pub(crate) fn expanded(self, expanded: bool) -> Self {
        Self { expanded: Some(expanded), ..self }
    }

    /// The id of the element that the button controls.
    pub(crate) fn controls(self, id: impl Into<AttrValue>) -> Self {
        Self { controls: Some(id.into()), ..self }
    }

    pub(crate) fn disabled(self, disabled: bool) -> Self {
        Self { disabled, ..self }
    }

    pub(crate) fn class(self, class: &'static str) -> Self {
        Self { class: Some(class), ..self }
    }

    /// Lets the parent set the focus.
    pub(crate) fn node_ref(self, node_ref: NodeRef) -> Self {
        Self { node_ref, ..self }
    }

    pub(crate) fn html(self) -> Html {
        let class = classes!("icon-btn", self.small.then_some("icon-btn-s"), self.class);
        html! {
            <button type="button" {class} ref={self.node_ref} aria-label={self.label.clone()} title={self.label}
                disabled={self.disabled} aria-expanded={self.expanded.map(truth)} aria-controls={self.controls}
                onclick={press(&self.onclick)}>
                { self.icon.html() }
            </button>
        }
    }
}

/// A text button without a frame, for rows.
pub(crate) struct TextButton {
    text: AttrValue,
    onclick: Callback<()>,
    icon: Option<Icon>,
    accent: bool,
    label: Option<AttrValue>,
}

impl TextButton {
    pub(crate) fn new(text: impl Into<AttrValue>, onclick: Callback<()>) -> Self {
        Self { text: text.into(), onclick, icon: None, accent: false, label: None }
    }

    pub(crate) fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }

    pub(crate) fn accent(self) -> Self {
        Self { accent: true, ..self }
    }

    /// The accessible name, when it differs from the text.
    pub(crate) fn label(self, label: &'static str) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    pub(crate) fn html(self) -> Html {
        html! {
            <button type="button" class={classes!("text-btn", self.accent.then_some("text-btn-accent"))}
                aria-label={self.label} onclick={press(&self.onclick)}>
                if let Some(icon) = self.icon {
                    { icon.small() }
                }
                { self.text }
            </button>
        }
    }
}

/// A boolean as the value of an ARIA attribute.
pub(crate) fn truth(value: bool) -> AttrValue {
    AttrValue::Static(if value { "true" } else { "false" })
}
