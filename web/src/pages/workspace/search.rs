//! The search dialog: sends a query after a pause in the typing, and once more if the server is busy.

use super::{
    threads::begin,
    ui::{Overlay, UiChange},
    use_ui,
};
use crate::text::workspace as text;
use crate::{
    api::ApiError,
    components::{dialog::SearchDialog, icon::Icon},
    hooks::{go, use_clock, use_engine, use_session},
    live::Engine,
    platform::{case, theme::Theme},
    state::{outbox::is_busy, route::Route},
};
use gloo_timers::future::TimeoutFuture;
use std::{cell::Cell, rc::Rc};
use tandem_protocol::{
    enums::ObjectKind,
    rest::{Page, SearchHit},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The pause after the last key press before a query is sent.
const PAUSE_MS: u32 = 120;
/// The pause before a query is repeated if the server requested none, and the longest one.
const WAIT_MS: u32 = 1_000;
const MAX_WAIT_MS: u32 = 10_000;

/// The result of a query.
#[derive(Debug, PartialEq)]
enum Outcome {
    Found(Vec<SearchHit>),
    /// The server is busy: repeat the query after this many milliseconds. The old hits stay.
    Again(u32),
    /// The query failed with this reason. The old hits stay.
    Failed(String),
}

/// Interprets a response. A query is repeated once; more would not help a busy server.
fn outcome(found: Result<Page<SearchHit>, ApiError>, retry_after: Option<u32>, is_first: bool) -> Outcome {
    match found {
        Ok(page) => Outcome::Found(page.items),
        Err(error) if is_first && error.code().is_some_and(is_busy) => {
            let wait = retry_after.map_or(WAIT_MS, |seconds| seconds.saturating_mul(1_000));
            Outcome::Again(wait.clamp(WAIT_MS, MAX_WAIT_MS))
        }
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Sends a query, and repeats it if necessary. Returns `None` if the person has entered another one in the meantime.
async fn answer(engine: &Engine, words: &str, is_current: impl Fn() -> bool) -> Option<Outcome> {
    let mut is_first = true;
    loop {
        let (found, retry_after) = engine.api().search(words).await;
        if !is_current() {
            return None;
        }
        match outcome(found, retry_after, is_first) {
            Outcome::Again(wait) => TimeoutFuture::new(wait).await,
            shown => return Some(shown),
        }
        is_first = false;
        if !is_current() {
            return None;
        }
    }
}

/// What a command does.
#[derive(Clone, Copy)]
enum Act {
    New,
    Tasks,
    Settings,
    Shortcuts,
    Theme(Theme),
    SignOut,
}

/// A command of the search box.
struct Command {
    text: &'static str,
    icon: Icon,
    act: Act,
}

impl Command {
    /// Whether words are a part of its text. Without words it is a suggestion.
    fn is_meant_by(&self, words: &str) -> bool {
        case::lower(self.text).contains(case::lower(words.trim()).as_str())
    }
}

const COMMANDS: [Command; 7] = [
    Command { text: text::NEW_CONVERSATION, icon: Icon::Plus, act: Act::New },
    Command { text: text::SHOW_TASKS, icon: Icon::Tasks, act: Act::Tasks },
    Command { text: text::SETTINGS, icon: Icon::Settings, act: Act::Settings },
    Command { text: text::KEYBOARD_SHORTCUTS, icon: Icon::Info, act: Act::Shortcuts },
    Command { text: text::SWITCH_TO_DARK, icon: Icon::Moon, act: Act::Theme(Theme::Dark) },
    Command { text: text::SWITCH_TO_LIGHT, icon: Icon::Sun, act: Act::Theme(Theme::Light) },
    Command { text: text::SIGN_OUT, icon: Icon::Out, act: Act::SignOut },
];

#[derive(Clone, PartialEq, Properties)]
pub(super) struct SearchProps {
    pub(super) on_close: Callback<()>,
}

#[component]
pub(super) fn Search(props: &SearchProps) -> Html {
    let (engine, ui, clock, session) = (use_engine(), use_ui(), use_clock(), use_session());
    let query = use_state_eq(String::new);
    let hits = use_state_eq(Vec::<SearchHit>::new);
    let problem = use_state_eq(String::new);
    let busy = use_state_eq(|| false);
    // Counts the queries, because responses to older ones must be dropped.
    let query_count = use_memo((), |()| Cell::new(0_u32));
    let on_query = {
        let engine = engine.clone();
        let (query, hits, busy, query_count) = (query.clone(), hits.clone(), busy.clone(), Rc::clone(&query_count));
        let problem = problem.clone();
        Callback::from(move |words: String| {
            query.set(words.clone());
            query_count.set(query_count.get() + 1);
            problem.set(String::new());
            if words.trim().is_empty() {
                hits.set(Vec::new());
                busy.set(false);
                return;
            }
            busy.set(true);
            let (engine, hits, busy, query_count) =
                (engine.clone(), hits.clone(), busy.clone(), Rc::clone(&query_count));
            let problem = problem.clone();
            spawn_local(async move {
                // Any key press during the pause makes this query obsolete.
                let current = query_count.get();
                TimeoutFuture::new(PAUSE_MS).await;
                if current != query_count.get() {
                    return;
                }
                match answer(&engine, words.trim(), || current == query_count.get()).await {
                    None => return,
                    Some(Outcome::Found(found)) => hits.set(found),
                    Some(Outcome::Failed(reason)) => problem.set(reason),
                    Some(Outcome::Again(_)) => {}
                }
                busy.set(false);
            });
        })
    };
    let commands: Vec<&'static Command> = COMMANDS.iter().filter(|command| command.is_meant_by(&query)).collect();
    let shown = commands.iter().map(|command| (command.icon, AttrValue::Static(command.text))).collect::<Vec<_>>();
    let on_command = {
        let ui = ui.clone();
        Callback::from(move |index: usize| {
            ui.change(UiChange::Close);
            match commands[index].act {
                Act::New => begin(&ui),
                Act::Tasks => ui.change(UiChange::ShowTasks),
                Act::Settings => go(Route::Settings),
                Act::Shortcuts => ui.change(UiChange::Open(Overlay::Shortcuts)),
                Act::Theme(theme) => theme.choose(),
                Act::SignOut => session.sign_out(),
            }
        })
    };
    let on_open = Callback::from(move |hit: SearchHit| {
        ui.change(UiChange::Close);
        match (hit.kind, hit.conversation_id) {
            // Tasks have no page of their own.
            (ObjectKind::Task, _) => {
                if let Ok(id) = hit.id.parse() {
                    ui.change(UiChange::SeekTask(id));
                }
            }
            (ObjectKind::Message, Some(id)) => {
                if let Ok(message) = hit.id.parse() {
                    engine.seek(id, message);
                }
                go(Route::Conversation(id));
            }
            (_, Some(id)) => go(Route::Conversation(id)),
            (_, None) => {
                if let Ok(id) = hit.id.parse() {
                    go(Route::Conversation(id));
                }
            }
        }
    });
    html! {
        <SearchDialog query={(*query).clone()} hits={(*hits).clone()} busy={*busy} problem={(*problem).clone()} {on_query}
            {on_open} commands={shown} {on_command} {clock} on_close={props.on_close.clone()} />
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::{ErrorCode, Problem};

    fn refused(code: ErrorCode) -> Result<Page<SearchHit>, ApiError> {
        Err(ApiError::Refused(Box::new(Problem {
            kind: "about:blank".into(),
            title: code.title().into(),
            status: code.status(),
            code,
            detail: "Too many searches at once.".into(),
            request_id: "r".into(),
            errors: Vec::new(),
            task: None,
        })))
    }

    #[test]
    fn a_busy_server_is_queried_once_more_after_the_requested_pause() {
        for code in [ErrorCode::RateLimited, ErrorCode::Overloaded, ErrorCode::Unavailable] {
            assert_eq!(outcome(refused(code), Some(3), true), Outcome::Again(3_000));
            assert_eq!(outcome(refused(code), None, true), Outcome::Again(WAIT_MS));
            assert_eq!(outcome(refused(code), Some(3_600), true), Outcome::Again(MAX_WAIT_MS));
        }
    }

    #[test]
    fn a_server_that_stays_busy_is_left_alone_and_its_sentence_shown() {
        let said = Outcome::Failed("Too many searches at once.".to_owned());
        assert_eq!(outcome(refused(ErrorCode::RateLimited), Some(1), false), said);
        assert_eq!(outcome(refused(ErrorCode::InvalidRequest), None, true), said);
    }

    #[test]
    fn what_was_found_is_shown() {
        let page = Page { items: Vec::new(), next_cursor: None };
        assert_eq!(outcome(Ok(page), None, true), Outcome::Found(Vec::new()));
    }
}
