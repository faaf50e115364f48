//! The switch between the versions of a message.

use crate::components::{button::IconButton, icon::Icon, message::MessageAction};
use crate::text::chat as text;
use tandem_protocol::id::MessageId;
use yew::prelude::*;

/// The position of a message among its versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Siblings {
    pub position: usize,
    /// The number of versions; the switch is shown from 2 on.
    pub count: usize,
}

/// Shows `‹ 2/3 ›` when there is more than one version.
pub(crate) fn sibling_switch(id: MessageId, siblings: Option<Siblings>, on: &Callback<MessageAction>) -> Html {
    let Some(Siblings { position, count }) = siblings.filter(|siblings| siblings.count > 1) else {
        return Html::default();
    };
    let go = |step: i32| on.reform(move |()| MessageAction::Sibling(id, step));
    html! {
        <span class="siblings">
            { IconButton::new(Icon::Left, text::PREVIOUS_VERSION, go(-1)).disabled(position <= 1).html() }
            <span>{ format!("{position}/{count}") }</span>
            { IconButton::new(Icon::Right, text::NEXT_VERSION, go(1)).disabled(position >= count).html() }
        </span>
    }
}
