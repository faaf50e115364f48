//! A card that says what happened, what is safe, and what to do, in that order.

use crate::components::icon::{Icon, SvgIcon};
use yew::prelude::*;

/// What a notice means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    /// Something needs a decision.
    Warn,
    Bad,
}

#[derive(Clone, PartialEq, Properties)]
pub struct NoticeProps {
    /// What is drawn; without it there is only text.
    #[prop_or_default]
    pub icon: Option<Icon>,
    pub title: AttrValue,
    /// What is safe and what may help.
    #[prop_or_default]
    pub text: AttrValue,
    #[prop_or_default]
    pub tone: Tone,
    /// Whether a screen reader interrupts for it: role `alert`.
    #[prop_or_default]
    pub alert: bool,
    #[prop_or_default]
    pub children: Children,
}

/// A notice inside a message, a form or a panel.
#[component]
pub fn Notice(props: &NoticeProps) -> Html {
    let tone = match props.tone {
        Tone::Plain => None,
        Tone::Warn => Some("notice-warn"),
        Tone::Bad => Some("notice-bad"),
    };
    html! {
        <div class={classes!("notice", tone)} role={props.alert.then_some("alert")}>
            if let Some(icon) = props.icon { <SvgIcon {icon} /> }
            <div class="notice-t">
                <b>{ props.title.clone() }</b>
                if !props.text.is_empty() { <span>{ props.text.clone() }</span> }
            </div>
            if !props.children.is_empty() { <div class="notice-acts">{ props.children.clone() }</div> }
        </div>
    }
}
