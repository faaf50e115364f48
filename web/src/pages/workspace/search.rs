//! Search over everything: asks after a pause in the typing, and once more when the server is busy.

use super::{ui::UiChange, use_ui};
use crate::{
    api::ApiError,
    components::dialog::SearchDialog,
    hooks::{go, use_engine},
    live::Engine,
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

/// Pause after the last key before the server is asked.
const PAUSE_MS: u32 = 120;
/// Pause before it is asked again when it did not say for how long, and the longest one.
const WAIT_MS: u32 = 1_000;
const MAX_WAIT_MS: u32 = 10_000;

/// What an answer of the server means for what is shown.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// This was found.
    Found(Vec<SearchHit>),
    /// What is shown stays; ask again after so many milliseconds.
    Again(u32),
    /// What is shown stays, with the reason.
    Failed(String),
}

/// Asks again once: a server that is still busy is not helped by more.
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

/// Asks until there is something to show; `None` when another question was asked meanwhile.
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

#[derive(Clone, PartialEq, Properties)]
pub(super) struct SearchProps {
    pub(super) on_close: Callback<()>,
}

/// Search over everything.
#[component]
pub(super) fn Search(props: &SearchProps) -> Html {
    let (engine, ui) = (use_engine(), use_ui());
    let query = use_state_eq(String::new);
    let hits = use_state_eq(Vec::<SearchHit>::new);
    let problem = use_state_eq(String::new);
    let busy = use_state_eq(|| false);
    // Counts questions: an answer to an older one is not shown.
    let asked = use_memo((), |()| Cell::new(0_u32));
    let on_query = {
        let (query, hits, busy, asked) = (query.clone(), hits.clone(), busy.clone(), Rc::clone(&asked));
        let problem = problem.clone();
        Callback::from(move |words: String| {
            query.set(words.clone());
            asked.set(asked.get() + 1);
            problem.set(String::new());
            if words.trim().is_empty() {
                hits.set(Vec::new());
                busy.set(false);
                return;
            }
            busy.set(true);
            let (engine, hits, busy, asked) = (engine.clone(), hits.clone(), busy.clone(), Rc::clone(&asked));
            let problem = problem.clone();
            spawn_local(async move {
                let question = asked.get();
                TimeoutFuture::new(PAUSE_MS).await;
                if question != asked.get() {
                    return;
                }
                match answer(&engine, words.trim(), || question == asked.get()).await {
                    None => return,
                    Some(Outcome::Found(found)) => hits.set(found),
                    Some(Outcome::Failed(reason)) => problem.set(reason),
                    Some(Outcome::Again(_)) => {}
                }
                busy.set(false);
            });
        })
    };
    let on_open = Callback::from(move |hit: SearchHit| {
        ui.change(UiChange::Close);
        match (hit.kind, hit.conversation_id) {
            (ObjectKind::Task, _) => ui.change(UiChange::ShowTasks),
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
            {on_open} on_close={props.on_close.clone()} />
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
    fn a_busy_server_is_asked_once_more_when_it_said() {
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
