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

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SiblingsProps {
    pub id: MessageId,
    pub siblings: Option<Siblings>,
    pub on: Callback<MessageAction>,
}

/// Shows `‹ 2/3 ›` when there is more than one version.
#[component]
pub(crate) fn SiblingSwitch(props: &SiblingsProps) -> Html {
    let Some(Siblings { position, count }) = props.siblings.filter(|siblings| siblings.count > 1) else {
        return Html::default();
    };
    let id = props.id;
    let go = |step: i32| props.on.reform(move |()| MessageAction::Sibling(id, step));
    html! {
        <span class="siblings">
            <IconButton icon={Icon::Left} label={text::PREVIOUS_VERSION} onclick={go(-1)} disabled={position <= 1} />
            <span>{ format!("{position}/{count}") }</span>
            <IconButton icon={Icon::Right} label={text::NEXT_VERSION} onclick={go(1)} disabled={position >= count} />
        </span>
    }
}
