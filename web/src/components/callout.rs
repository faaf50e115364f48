//! A box that explains what happened and offers what to do. It stays where it is drawn, unlike a toast.

use crate::components::icon::Icon;
use yew::prelude::*;

/// Explains, with what can be done about it.
pub(crate) fn callout(
    icon: Option<Icon>,
    title: impl Into<AttrValue>,
    text: impl Into<AttrValue>,
    actions: Html,
) -> Html {
    notice(false, icon, title.into(), text.into(), actions)
}

/// Something was refused: drawn in red, with the role `alert`, for which a screen reader interrupts.
pub(crate) fn alert(icon: Icon, title: impl Into<AttrValue>, text: impl Into<AttrValue>) -> Html {
    notice(true, Some(icon), title.into(), text.into(), Html::default())
}

fn notice(refused: bool, icon: Option<Icon>, title: AttrValue, text: AttrValue, actions: Html) -> Html {
    html! {
        <div class={classes!("notice", refused.then_some("notice-bad"))} role={refused.then_some("alert")}>
            if let Some(icon) = icon { { icon.html() } }
            <div class="notice-t">
                <b>{ title }</b>
                if !text.is_empty() { <span>{ text }</span> }
            </div>
            if actions != Html::default() { <div class="notice-acts">{ actions }</div> }
        </div>
    }
}
