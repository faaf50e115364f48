//! A message of the person: a bubble with its send status and buttons.

use crate::text::chat as text;
use crate::{
    components::{
        button::{IconButton, TextButton},
        callbacks::set_to,
        clock::Clock,
        editor::TextEditor,
        format,
        icon::Icon,
        markdown::linkified,
        message::{MessageAction, Siblings, sibling_switch},
        shared::Shared,
    },
    state::thread::SendStatus,
};
use tandem_protocol::model::Message;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct UserMessageProps {
    pub message: Shared<Message>,
    pub status: SendStatus,
    pub clock: Clock,
    #[prop_or_default]
    pub siblings: Option<Siblings>,
    /// Whether this is the newest message; its buttons are always visible.
    #[prop_or_default]
    pub last: bool,
    #[prop_or_default]
    pub editing: bool,
    /// The edited text that was kept; empty if none was.
    #[prop_or_default]
    pub draft: AttrValue,
    pub on: Callback<MessageAction>,
}

/// Bytes of a text from which only its start is shown, and bytes of that start. A pasted file would otherwise stand
/// between the question and everything before it.
const FOLD_FROM: usize = 4_000;
const FOLD_TO: usize = 2_000;

fn start_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(FOLD_TO)]
}

/// An article named `You, 09:30`.
#[component]
pub(crate) fn UserMessage(props: &UserMessageProps) -> Html {
    let whole = use_state_eq(|| false);
    let local = props.clock.local(props.message.created_at);
    let at = format::clock_time(local.time());
    // The editor replaces the bubble and its buttons.
    let class = classes!("msg", "msg-you", props.last.then_some("msg-last"));
    if props.editing {
        return html! { <article {class} aria-label={text::by_you_at(&at)}><EditedMessage ..props.clone() /></article> };
    }
    let bubble = match props.status {
        SendStatus::Waiting | SendStatus::Queued { .. } => Some("bubble-waiting"),
        SendStatus::Failed(_) => Some("bubble-failed"),
        SendStatus::Stored | SendStatus::Sending => None,
    };
    let text = props.message.text();
    let folded = !*whole && text.len() > FOLD_FROM;
    // Focusable, so that a tap on the message shows its buttons.
    html! {
        <article {class} tabindex="-1" data-message={props.message.id.to_string()} aria-label={text::by_you_at(&at)}>
            <p class={classes!("bubble", bubble)} dir="auto">
                { linkified(if folded { start_of(&text) } else { &text }) }
                if folded {
                    { "… " }{ TextButton::new(text::SHOW_ALL_OF_IT, set_to(&whole, true)).accent().html() }
                }
            </p>
            <div class="msg-acts">
                { note(props) }
                if props.status == SendStatus::Stored {
                    <span class="hush">
                        <time class="meta" datetime={props.message.created_at.to_string()} title={format::full(local)}>{ at }</time>
                        { IconButton::new(Icon::Copy, text::COPY, copy(props)).html() }
                        { edit(props) }
                    </span>
                }
                { sibling_switch(props.message.id, props.siblings, &props.on) }
            </div>
        </article>
    }
}

/// The editor of a message, which stays when another device sends a new version of it.
#[component]
fn EditedMessage(props: &UserMessageProps) -> Html {
    let id = props.message.id;
    let versions = props.siblings.map_or(1, |siblings| siblings.count);
    let at_start = *use_memo((), |()| versions);
    html! {
        <>
            if versions > at_start {
                <p class="note" role="status">
                    { Icon::Info.html() }{ text::ANOTHER_DEVICE_SENT_A_NEW }
                </p>
            }
            <TextEditor label={text::EDIT_MESSAGE} text={props.message.text()} draft={props.draft.clone()} save={text::SEND}
                on_draft={props.on.reform(move |text| MessageAction::EditDraft(id, text))}
                on_save={props.on.reform(move |text| MessageAction::SaveEdit(id, text))}
                on_cancel={props.on.reform(move |()| MessageAction::CancelEdit(id))} />
        </>
    }
}

/// The status below the bubble, except of messages that the server has stored.
fn note(props: &UserMessageProps) -> Html {
    let id = props.message.id;
    let note = |icon: Icon, text: &'static str| html! { <span class="note">{ icon.html() }{ text }</span> };
    match &props.status {
        SendStatus::Stored => Html::default(),
        SendStatus::Sending => html! { <span class="note"><span class="spin" />{ text::SENDING }</span> },
        SendStatus::Waiting => note(Icon::Clock, text::WAITING_FOR_THE_CONNECTION),
        SendStatus::Queued { elsewhere: false, .. } => html! {
            <>
                { note(Icon::Queue, text::QUEUED_GOES_OUT_AFTER_THIS) }
                <span class="hush">
                    { edit(props) }
                    { IconButton::new(Icon::Cross, text::REMOVE_FROM_QUEUE, props.on.reform(move |()| MessageAction::Unqueue(id))).html() }
                </span>
            </>
        },
        SendStatus::Queued { elsewhere: true, .. } => html! {
            <>
                { note(Icon::Queue, text::WAITING_FOR_YOUR_OTHER_REPLIES) }
                <span class="hush">{ edit(props) }</span>
                { TextButton::new(text::STOP, props.on.reform(move |()| MessageAction::Unqueue(id))).icon(Icon::Stop).html() }
            </>
        },
        SendStatus::Failed(reason) => html! {
            <>
                <span class="note note-bad">{ Icon::Alert.html() }{ text::NOT_SENT }
                    if !reason.is_empty() { { ": " }{ reason.clone() } }
                </span>
                { TextButton::new(text::RETRY, props.on.reform(move |()| MessageAction::Resend(id))).accent().html() }
            </>
        },
    }
}

fn copy(props: &UserMessageProps) -> Callback<()> {
    let message = props.message.clone();
    props.on.reform(move |()| MessageAction::Copy(message.text()))
}

fn edit(props: &UserMessageProps) -> Html {
    let id = props.message.id;
    html! {
        { IconButton::new(Icon::Pencil, text::EDIT, props.on.reform(move |()| MessageAction::StartEdit(id))).html() }
    }
}
