//! A box that explains what happened and offers what to do. It stays where it is drawn, unlike a toast.

use crate::components::icon::Icon;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct CalloutProps {
    #[prop_or_default]
    pub icon: Option<Icon>,
    pub title: AttrValue,
    #[prop_or_default]
    pub text: AttrValue,
    /// Whether something was refused: drawn in red, with the role `alert`, for which a screen reader interrupts.
    #[prop_or_default]
    pub alert: bool,
    #[prop_or_default]
    pub children: Html,
}

#[component]
pub(crate) fn Callout(props: &CalloutProps) -> Html {
    html! {
        <div class={classes!("notice", props.alert.then_some("notice-bad"))} role={props.alert.then_some("alert")}>
            if let Some(icon) = props.icon { { icon.html() } }
            <div class="notice-t">
                <b>{ props.title.clone() }</b>
                if !props.text.is_empty() { <span>{ props.text.clone() }</span> }
            </div>
            if props.children != Html::default() { <div class="notice-acts">{ props.children.clone() }</div> }
        </div>
    }
}
