//! The list of conversations, grouped by day.

use crate::components::{
    brand::brand,
    callbacks::press,
    clock::Clock,
    editor::LineEditor,
    format,
    icon::Icon,
    menu::{Menu, MenuItem, more},
};
use crate::text::workspace as text;
use jiff::civil::Date;
use tandem_protocol::{Timestamp, id::ConversationId, model::Conversation};
use yew::prelude::*;

/// The title of a conversation that has none yet.
pub(crate) const UNTITLED: &str = text::NEW_CONVERSATION;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ThreadRow {
    pub id: ConversationId,
    /// The title, or [`UNTITLED`].
    pub title: AttrValue,
    /// The time of the last message, or of the creation.
    pub at: Timestamp,
    /// The number of replies since the conversation was last read.
    pub unread: usize,
    pub running: bool,
    pub pinned: bool,
    pub archived: bool,
}

impl ThreadRow {
    pub(crate) fn new(conversation: &Conversation, running: bool) -> Self {
        Self {
            id: conversation.id,
            title: conversation.title.clone().map_or(AttrValue::Static(UNTITLED), AttrValue::from),
            at: conversation.last_message_at.unwrap_or(conversation.created_at),
            unread: usize::try_from(conversation.unread).unwrap_or(0),
            running,
            pinned: conversation.pinned,
            archived: conversation.archived,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ThreadAction {
    New,
    Search,
    Open(ConversationId),
    /// Begin to edit the title.
    Rename(ConversationId),
    /// Set the title that was edited; `None` to leave it as it was.
    Renamed(ConversationId, Option<String>),
    /// The text of a title has changed.
    TitleDraft(ConversationId, String),
    Pin(ConversationId, bool),
    Archive(ConversationId, bool),
    /// Offer the conversation as a Markdown file.
    Export(ConversationId),
    /// Print the open conversation, with all of its messages.
    Print,
    Delete(ConversationId),
    More,
}

/// The actions of the menu of a conversation, in its row and in the header.
pub(crate) fn thread_items(
    id: ConversationId,
    pinned: bool,
    archived: bool,
    on: &Callback<ThreadAction>,
) -> Vec<MenuItem> {
    let item = |icon: Icon, text: &'static str, action: ThreadAction| {
        MenuItem::new(icon, text, on.reform(move |()| action.clone()))
    };
    vec![
        item(Icon::Pencil, text::RENAME, ThreadAction::Rename(id)),
        item(Icon::Pin, if pinned { text::UNPIN } else { text::PIN }, ThreadAction::Pin(id, !pinned)),
        item(
            Icon::Archive,
            if archived { text::TAKE_OUT_OF_THE_ARCHIVE } else { text::ARCHIVE },
            ThreadAction::Archive(id, !archived),
        ),
        item(Icon::Download, text::EXPORT_AS_MARKDOWN, ThreadAction::Export(id)),
        item(Icon::Trash, text::DELETE, ThreadAction::Delete(id)),
    ]
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ThreadListProps {
    /// The conversations, newest activity first.
    pub threads: Vec<ThreadRow>,
    #[prop_or_default]
    pub current: Option<ConversationId>,
    #[prop_or_default]
    pub has_more: bool,
    /// Whether all of them are known: before that no list is known to be empty.
    #[prop_or_default]
    pub loaded: bool,
    /// The conversation whose title is being edited, and the text so far.
    #[prop_or_default]
    pub renaming: Option<(ConversationId, AttrValue)>,
    pub clock: Clock,
    pub on: Callback<ThreadAction>,
}

#[component]
pub(crate) fn ThreadList(props: &ThreadListProps) -> Html {
    let emit = |action: ThreadAction| props.on.reform(move |()| action.clone());
    let today = props.clock.today();
    html! {
        <nav class="nav" id="conversations" aria-label={text::CONVERSATIONS}>
            { brand() }
            <div class="nav-top">
                <button type="button" class="nav-act" onclick={press(&emit(ThreadAction::New))}>
                    { Icon::Plus.html() }{ text::NEW_CONVERSATION }
                </button>
                <button type="button" class="nav-act" aria-haspopup="dialog" aria-keyshortcuts="Control+K"
                    onclick={press(&emit(ThreadAction::Search))}>
                    { Icon::Search.html() }{ text::SEARCH }<kbd aria-hidden="true" class="hide-narrow">{ text::CTRL_K }</kbd>
                </button>
            </div>
            <div class="nav-list" tabindex="-1">
                <>{ for groups(&props.threads, &props.clock, today).into_iter().map(|group| section(props, group, today)) }</>
                if props.loaded && props.threads.is_empty() {
                    <p class="blank">{ text::NO_CONVERSATIONS_YET }</p>
                }
                if props.has_more {
                    <button type="button" class="text-btn" onclick={press(&emit(ThreadAction::More))}>
                        { text::SHOW_OLDER }
                    </button>
                }
            </div>
        </nav>
    }
}

fn section(props: &ThreadListProps, (name, threads): (&'static str, Vec<&ThreadRow>), today: Date) -> Html {
    let has_current = threads.iter().any(|thread| props.current == Some(thread.id));
    let count = threads.len();
    let rows = html! { <ul>{ for threads.into_iter().map(|thread| row(props, thread, today)) }</ul> };
    if name == ARCHIVED {
        // Out of the way, unless the open conversation is in there.
        return html! {
            <details key={name} open={has_current}>
                <summary class="group-h">{ format!("{name} ({count})") }</summary>{ rows }
            </details>
        };
    }
    html! { <section key={name}><h2 class="group-h">{ name }</h2>{ rows }</section> }
}

/// The title as it is edited.
fn editor(props: &ThreadListProps, thread: &ThreadRow, draft: AttrValue) -> Html {
    let id = thread.id;
    html! {
        <li key={id.to_string()} class="thread-row">
            <LineEditor label={text::title_of(&thread.title)} text={thread.title.clone()} {draft}
                on_draft={props.on.reform(move |text| ThreadAction::TitleDraft(id, text))}
                on_save={props.on.reform(move |title| ThreadAction::Renamed(id, Some(title)))}
                on_cancel={props.on.reform(move |()| ThreadAction::Renamed(id, None))} />
        </li>
    }
}

fn row(props: &ThreadListProps, thread: &ThreadRow, today: Date) -> Html {
    let id = thread.id;
    if let Some((_, draft)) = props.renaming.as_ref().filter(|(renaming, _)| *renaming == id) {
        return editor(props, thread, draft.clone());
    }
    let at = props.clock.local(thread.at);
    let on = props.on.clone();
    let onclick = Callback::from(move |event: MouseEvent| {
        // With a modifier key the browser opens the link in a new tab or window.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()) {
            event.prevent_default();
            on.emit(ThreadAction::Open(id));
        }
    });
    let current = props.current == Some(id);
    // The open conversation is being read.
    let unread = thread.unread > 0 && !current;
    html! {
        <li key={id.to_string()} class="thread-row">
            <a class={classes!("thread", unread.then_some("thread-unread"))} href={format!("/c/{id}")}
                aria-current={current.then_some("page")} {onclick}>
                <span class="thread-t" dir="auto" title={thread.title.clone()}>{ thread.title.clone() }</span>
                if thread.running {
                    <span class="sr">{ text::REPLY_RUNNING }</span><span class="spin" />
                } else if unread {
                    <span class="sr">{ format!(", {} unread", thread.unread) }</span><span class="dot dot-accent" />
                } else if thread.pinned {
                    { Icon::Pin.small() }
                } else {
                    <time datetime={thread.at.to_string()} title={format::moment(at, today)}>
                        { format::short_moment(at, today) }
                    </time>
                }
            </a>
            <Menu label={text::menu_of(&thread.title)} button={more()} class="icon-btn icon-btn-s thread-menu"
                items={thread_items(id, thread.pinned, thread.archived, &props.on)} />
        </li>
    }
}

/// The last group, which is closed.
const ARCHIVED: &str = text::ARCHIVED;

/// Groups the conversations by the day of the last message; empty groups are left out.
fn groups<'a>(threads: &'a [ThreadRow], clock: &Clock, today: Date) -> Vec<(&'static str, Vec<&'a ThreadRow>)> {
    // In the order in which they are shown.
    let mut groups: Vec<(&'static str, Vec<&ThreadRow>)> =
        [text::PINNED, text::TODAY, text::YESTERDAY, text::PREVIOUS_7_DAYS, text::OLDER, ARCHIVED]
            .map(|name| (name, Vec::new()))
            .into();
    for thread in threads {
        let group = match format::days_between(clock.local(thread.at).date(), today) {
            _ if thread.archived => 5,
            _ if thread.pinned => 0,
            ..=0 => 1,
            1 => 2,
            2..=7 => 3,
            _ => 4,
        };
        groups[group].1.push(thread);
    }
    groups.retain(|(_, threads)| !threads.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, id, now};

    #[test]
    fn conversations_are_grouped_by_day_in_their_order() {
        let day = 24 * 60 * 60 * 1000;
        let thread = |number: u128, days: i64| ThreadRow {
            id: ConversationId(id(number)),
            title: "T".into(),
            at: now().plus_millis(-days * day),
            unread: 0,
            running: false,
            pinned: number == 1,
            archived: number == 7,
        };
        let threads =
            [thread(1, 40), thread(2, 0), thread(3, 0), thread(4, 1), thread(5, 7), thread(6, 8), thread(7, 0)];
        let grouped: Vec<_> = groups(&threads, &clock(), clock().today())
            .into_iter()
            .map(|(name, threads)| (name, threads.iter().map(|thread| thread.id).collect::<Vec<_>>()))
            .collect();
        let ids = |numbers: &[u128]| numbers.iter().map(|&number| ConversationId(id(number))).collect::<Vec<_>>();
        assert_eq!(
            grouped,
            [
                ("Pinned", ids(&[1])),
                ("Today", ids(&[2, 3])),
                ("Yesterday", ids(&[4])),
                ("Previous 7 days", ids(&[5])),
                ("Older", ids(&[6])),
                ("Archived", ids(&[7]))
            ]
        );
    }
}
