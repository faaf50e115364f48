//! A card that says what happened, what is safe, and what to do, in that order.

use crate::components::icon::{Icon, SvgIcon};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct CalloutProps {
    /// What is drawn; without it there is only text.
    #[prop_or_default]
    pub icon: Option<Icon>,
    pub title: AttrValue,
    /// What is safe and what may help.
    #[prop_or_default]
    pub text: AttrValue,
    /// Whether something was refused: drawn in red, with the role `alert`, for which a screen reader interrupts.
    #[prop_or_default]
    pub alert: bool,
    #[prop_or_default]
    pub children: Children,
}

/// A notice inside a message, a form or a panel.
#[component]
pub(crate) fn Callout(props: &CalloutProps) -> Html {
    html! {
        <div class={classes!("notice", props.alert.then_some("notice-bad"))} role={props.alert.then_some("alert")}>
            if let Some(icon) = props.icon { <SvgIcon {icon} /> }
            <div class="notice-t">
                <b>{ props.title.clone() }</b>
                if !props.text.is_empty() { <span>{ props.text.clone() }</span> }
            </div>
            if !props.children.is_empty() { <div class="notice-acts">{ props.children.clone() }</div> }
        </div>
    }
}
