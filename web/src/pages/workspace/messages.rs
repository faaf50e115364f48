//! Connects the log to the state: which messages are mounted, and what their buttons do.
//!
//! **Invariant:** a delta renders [`LastReply`] only. Everything that is passed to other messages stays equal while a
//! reply is streamed.

use super::{
    pager::{PageMove, Pager},
    ui::UiChange,
    use_ui,
};
use crate::platform::events::on;
use crate::text::chat as text;
use crate::{
    components::{
        clock::Clock,
        log::Log,
        message::{DayLine, MessageAction, ReplyMessage, Siblings, UserMessage},
        shared::Shared,
        shell::Layout,
        tool::ToolAction,
    },
    hooks::{Providers, use_clock, use_engine, use_providers, use_stream, use_task_index, use_thread},
    live::Engine,
    platform::window,
    state::{
        drafts::DraftKey,
        model::{History, ThreadView},
        thread::{SendStatus, ThreadItem},
    },
};
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{MessageState, Role},
    live::command::ConversationUpdate,
    model::{Message, Part},
};
use yew::prelude::*;

/// The message that continues a reply that ended early.
const CONTINUE_TEXT: &str = text::CONTINUE_WHERE_YOU_STOPPED;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct MessagesProps {
    /// Whether the composer contains text: the running reply then has the button `Stop`.
    pub(super) written: bool,
}

#[component]
pub(super) fn Messages(props: &MessagesProps) -> Html {
    let (engine, ui, thread, clock) = (use_engine(), use_ui(), use_thread(), use_clock());
    let pager = use_reducer_eq(Pager::default);
    let count = thread.items.len();
    let newest = use_newest(&thread);
    use_growth(&thread, &pager);
    use_kept_edit(&engine, &thread);
    use_target(&thread, &pager);
    use_print(&pager);
    let on_found = use_callback(engine.clone(), |(), engine: &Engine| engine.found());
    let on = use_message_actions(&engine);
    let step = |step: PageMove| {
        let pager = pager.dispatcher();
        Callback::from(move |()| pager.dispatch((step, count)))
    };
    let on_older = {
        let (engine, pager, has_before) = (engine.clone(), pager.dispatcher(), pager.has_before(count));
        Callback::from(move |()| {
            // First mount messages that are loaded, then load more.
            if has_before {
                pager.dispatch((PageMove::Older, count));
            } else {
                engine.load_older();
            }
        })
    };
    let range = pager.range(count);
    let has_older = range.start > 0 || matches!(thread.history, History::Partial(_));
    let last_reply = thread.items.iter().rposition(|item| item.message.role == Role::Assistant);
    let mut day = None;
    let rows = thread.items[range.clone()].iter().zip(range).flat_map(|(item, index)| {
        let date = clock.local(item.message.created_at).date();
        // The first message of each day gets a heading.
        let line = (day.replace(date) != Some(date)).then(|| {
            html! {
                <DayLine key={date.to_string()} {date} clock={clock.clone()} />
            }
        });
        let last = index + 1 == count;
        let row = Row { item, last, engine: &engine, editing: ui.ui.editing, clock: &clock, on: &on };
        // Only the newest reply subscribes to the stream.
        let shown = if Some(index) == last_reply {
            html! {
                <LastReply key={item.message.id.to_string()} item={item.clone()} {last} stop_here={props.written}
                    clock={clock.clone()} on={on.clone()} />
            }
        } else {
            row.view()
        };
        line.into_iter().chain([shown])
    });
    html! {
        <Log thread={thread.id.map(|id| id.to_string()).unwrap_or_default()} own_sends={ui.ui.own_sends} {newest}
            {has_older} has_newer={pager.has_after()} {on_older} on_newer={step(PageMove::Newer)}
            on_latest={step(PageMove::Latest)} target={thread.target.map(|id| id.to_string())} {on_found}>
            { for rows }
        </Log>
    }
}

/// The values of one row.
struct Row<'a> {
    item: &'a ThreadItem,
    last: bool,
    engine: &'a Engine,
    editing: Option<MessageId>,
    clock: &'a Clock,
    on: &'a Callback<MessageAction>,
}

impl Row<'_> {
    fn view(&self) -> Html {
        let Self { item, last, engine, editing, clock, on } = *self;
        let message = Shared::from(&item.message);
        let key = message.id.to_string();
        let editing = editing == Some(message.id);
        match message.role {
            Role::User => {
                let draft =
                    if editing { engine.draft(edit_key(message.conversation_id, message.id)) } else { String::new() };
                html! {
                    <UserMessage {key} {message} status={item.status.clone()} clock={clock.clone()}
                        siblings={siblings(item)} {last} {editing} {draft} on={on.clone()} />
                }
            }
            Role::Assistant if has_tools(item) => html! {
                <ReplyWithTasks {key} item={item.clone()} {last} clock={clock.clone()} on={on.clone()} />
            },
            Role::Assistant => html! {
                <ReplyMessage {key} {message} clock={clock.clone()} siblings={siblings(item)} {last} on={on.clone()} />
            },
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ReplyProps {
    item: ThreadItem,
    last: bool,
    #[prop_or_default]
    stop_here: bool,
    clock: Clock,
    on: Callback<MessageAction>,
}

/// The newest reply, the one component that a delta renders.
#[component]
fn LastReply(props: &ReplyProps) -> Html {
    let stream = use_stream();
    let tasks = use_task_index();
    let providers = use_providers(Some(props.item.message.conversation_id)).all;
    let running = props.item.message.state == MessageState::Streaming;
    let streamed = stream.reply.as_ref().filter(|reply| running && reply.id == props.item.message.id);
    let message = Shared::from(streamed.unwrap_or(&props.item.message));
    html! {
        <ReplyMessage {message} clock={props.clock.clone()} siblings={siblings(&props.item)} last={props.last}
            stop_here={props.stop_here && running} {tasks} {providers} on={props.on.clone()} />
    }
}

/// A reply with tool cards, which show the current state of their tasks.
#[component]
fn ReplyWithTasks(props: &ReplyProps) -> Html {
    let tasks = use_task_index();
    html! {
        <ReplyMessage message={Shared::from(&props.item.message)} clock={props.clock.clone()}
            siblings={siblings(&props.item)} last={props.last} {tasks} on={props.on.clone()} />
    }
}

/// The number of messages since the first one that was loaded, which does not change when older messages are loaded.
#[hook]
fn use_newest(thread: &ThreadView) -> usize {
    let first = use_mut_ref(|| None::<(Option<ConversationId>, MessageId)>);
    let mut first = first.borrow_mut();
    let here = thread.items.first().map(|item| (thread.id, item.message.id));
    if first.is_none_or(|(conversation, _)| conversation != thread.id) {
        *first = here;
    }
    let place = first.and_then(|(_, id)| thread.items.iter().position(|item| item.message.id == id));
    thread.items.len() - place.unwrap_or(0)
}

/// Notifies the pager of messages that were added at the end.
#[hook]
fn use_growth(thread: &ThreadView, pager: &UseReducerHandle<Pager>) {
    let last = thread.items.last().map(|item| item.message.id);
    let ids: Vec<MessageId> = thread.items.iter().map(|item| item.message.id).collect();
    let before = use_mut_ref(|| None::<MessageId>);
    let (dispatch, conversation) = (pager.dispatcher(), thread.id);
    let shown = use_mut_ref(|| None);
    use_effect_with(last, move |last| {
        // After a switch to another conversation its last message is not new.
        let known = before.replace(*last);
        if shown.replace(conversation) != conversation {
            return dispatch.dispatch((PageMove::Latest, ids.len()));
        }
        let place = known.and_then(|known| ids.iter().position(|id| *id == known));
        if let Some(place) = place {
            dispatch.dispatch((PageMove::Grown(ids.len() - 1 - place), ids.len()));
        }
    });
}

/// Mounts the message that a search leads to.
#[hook]
fn use_target(thread: &ThreadView, pager: &UseReducerHandle<Pager>) {
    let dispatch = pager.dispatcher();
    let (items, count) = (&thread.items, thread.items.len());
    let index = thread.target.and_then(|id| items.iter().position(|item| item.message.id == id));
    use_effect_with(thread.target, move |_| {
        if let Some(index) = index {
            dispatch.dispatch((PageMove::Around(index), count));
        }
    });
}

/// Mounts all loaded messages while the browser prints.
#[hook]
fn use_print(pager: &UseReducerHandle<Pager>) {
    let dispatch = pager.dispatcher();
    use_effect_with((), move |()| {
        let listeners = [("beforeprint", true), ("afterprint", false)].map(|(name, all)| {
            let dispatch = dispatch.clone();
            on(&window::window(), name, move |_| dispatch.dispatch((PageMove::All(all), 0)))
        });
        move || drop(listeners)
    });
}

/// The callback of all messages. It stays the same callback, so that it causes no renders.
#[hook]
fn use_message_actions(engine: &Engine) -> Callback<MessageAction> {
    let ui = use_ui();
    let thread = use_thread();
    // The callback must stay equal, so it reads the current values from here.
    let who = use_providers(thread.id);
    let newest = use_mut_ref(|| (ui.clone(), thread.clone(), who.clone()));
    *newest.borrow_mut() = (ui, thread, who);
    use_callback(engine.clone(), move |action, engine: &Engine| {
        let (ui, thread, who) = newest.borrow().clone();
        match action {
            MessageAction::Copy(text) => engine.copy(text),
            MessageAction::Retry(id) => {
                engine.retry(id);
                ui.change(UiChange::Sent);
            }
            MessageAction::RetryWith(id, provider) => {
                if let Some(conversation) = thread.id {
                    let provider = Some(Some(provider));
                    engine.change_conversation(ConversationUpdate { provider, ..ConversationUpdate::of(conversation) });
                }
                engine.retry(id);
                ui.change(UiChange::Sent);
            }
            MessageAction::Continue(id) => {
                let item = thread.items.iter().find(|item| item.message.id == id);
                if item.is_some_and(|item| is_built_in(&item.message, &who)) {
                    engine.retry(id);
                } else {
                    engine.send_text(thread.id, CONTINUE_TEXT);
                }
                ui.change(UiChange::Sent);
            }
            MessageAction::Stop(id) => engine.stop_reply(id),
            MessageAction::StartEdit(id) => ui.change(UiChange::Edit(Some(id))),
            MessageAction::EditDraft(id, text) => write_edit(engine, &thread, id, text),
            MessageAction::CancelEdit(id) => {
                write_edit(engine, &thread, id, String::new());
                ui.change(UiChange::Edit(None));
                focus_composer(&ui);
            }
            MessageAction::SaveEdit(id, text) => {
                // The reply to the old text must not start.
                if let Some(reply) = waiting_reply(&thread, id) {
                    engine.stop_reply(reply);
                }
                engine.edit_message(id, &text);
                // The text is in the outbox now.
                write_edit(engine, &thread, id, String::new());
                ui.change(UiChange::Sent);
                focus_composer(&ui);
            }
            MessageAction::Resend(id) => engine.resend(id),
            MessageAction::Unqueue(id) => match waiting_reply(&thread, id) {
                Some(reply) => engine.stop_reply(reply),
                // Without a queued reply the message has not been sent yet.
                None => engine.discard(id),
            },
            MessageAction::Sibling(id, step) => engine.choose_version(id, step),
            MessageAction::Tool(ToolAction::Undo(token)) => engine.undo(token),
            MessageAction::Tool(ToolAction::Decide { message_id, call_id, decision }) => {
                engine.decide(message_id, call_id, decision);
            }
        }
    })
}

fn edit_key(conversation: ConversationId, message: MessageId) -> DraftKey {
    DraftKey::Edit(conversation, message)
}

fn write_edit(engine: &Engine, thread: &ThreadView, message: MessageId, text: String) {
    if let Some(conversation) = thread.id {
        engine.write_draft(edit_key(conversation, message), text);
    }
}

/// The editor had the focus, and is removed.
fn focus_composer(ui: &super::UiHandle) {
    // On a phone the keyboard would cover the messages.
    if ui.ui.layout != Layout::Narrow {
        window::focus("message");
    }
}

/// Opens the editor of a message again whose edit was interrupted, for instance by a reload, and keeps the message
/// visible while it is edited.
#[hook]
fn use_kept_edit(engine: &Engine, thread: &ThreadView) {
    let ui = use_ui();
    {
        let (engine, ui) = (engine.clone(), ui.clone());
        let here = thread.id.filter(|_| !thread.items.is_empty());
        use_effect_with(here, move |here| {
            if let Some(message) = here.and_then(|conversation| engine.edited_message(conversation)) {
                ui.change(UiChange::Edit(Some(message)));
            }
        });
    }
    let engine = engine.clone();
    use_effect_with(ui.ui.editing, move |editing| engine.mark_edited(*editing));
}

/// Whether the built-in assistant has written a message. It cannot continue a text, so it is retried instead. A reply
/// that was interrupted early does not say who wrote it; then it was who answers next.
fn is_built_in(message: &Message, who: &Providers) -> bool {
    message.provider.as_ref().map_or(who.first(), |provider| &provider.name) == "builtin"
}

/// The queued reply to a message.
fn waiting_reply(thread: &ThreadView, message: MessageId) -> Option<MessageId> {
    thread.items.iter().find(|item| item.message.id == message).and_then(|item| match item.status {
        SendStatus::Queued { reply, .. } => Some(reply),
        _ => None,
    })
}

fn siblings(item: &ThreadItem) -> Option<Siblings> {
    let count = item.versions.len();
    (count > 1).then(|| Siblings { position: item.position(), count })
}

fn has_tools(item: &ThreadItem) -> bool {
    item.message.parts.iter().any(|part| matches!(part, Part::ToolCall(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::reply;
    use tandem_protocol::{enums::ProviderState, model::ProviderRef, rest::ProviderInfo};

    #[test]
    fn a_reply_is_repeated_instead_of_continued_when_the_built_in_assistant_writes() {
        let info = |name: &str| ProviderInfo {
            name: name.to_owned(),
            model: String::new(),
            state: ProviderState::Ready,
            local: name == "builtin",
        };
        let with = |names: &[&str]| Providers { all: names.iter().copied().map(info).collect(), chosen: None };
        let (alone, last) = (with(&["builtin"]), with(&["openai", "builtin"]));
        // A server that was killed has not recorded who wrote.
        let unknown = reply("It began");
        assert!(is_built_in(&unknown, &alone));
        assert!(!is_built_in(&unknown, &last));
        assert!(!is_built_in(&unknown, &with(&[])));
        let provider = |name: &str| Some(ProviderRef { name: name.into(), model: String::new(), instead_of: None });
        assert!(is_built_in(&Message { provider: provider("builtin"), ..reply("") }, &last));
        assert!(!is_built_in(&Message { provider: provider("openai"), ..reply("") }, &alone));
    }
}
