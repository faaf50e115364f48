//! A card that says what happened, what is safe, and what to do, in that order.

use crate::components::icon::{Icon, SvgIcon};
use yew::prelude::*;

/// What a notice means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing is lost.
    #[default]
    Plain,
    /// Something needs a decision.
    Warn,
    /// Something was refused.
    Bad,
}

/// Properties of [`Notice`].
#[derive(Clone, PartialEq, Properties)]
pub struct NoticeProps {
    /// What is drawn; without it there is only text.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// What happened.
    pub title: AttrValue,
    /// What is safe and what may help.
    #[prop_or_default]
    pub text: AttrValue,
    /// What it means.
    #[prop_or_default]
    pub tone: Tone,
    /// Whether a screen reader interrupts for it: role `alert`.
    #[prop_or_default]
    pub alert: bool,
    /// Buttons.
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
