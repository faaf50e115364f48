//! The sections of personal tokens and of calendar feeds: what other programs use with a secret, which is shown once.
//!
//! One component for both, because most of them is the same: a list, how one is created, and how one is removed.

use super::{feeds, tokens};
use crate::text::settings as text;
use crate::{
    api::{feed_body, token_body},
    components::{
        callbacks::set_to,
        clock::Clock,
        dialog::{NewFeedDialog, NewTokenDialog, Question, confirm},
        form::FormStatus,
        icon::Icon,
        markdown::CodeBlock,
        settings::{SecretList, SecretRow, secret_list, section, token_row},
        tasks::list_names,
    },
    hooks::{use_clock, use_engine, use_task_index},
    live::Engine,
    pages::form_error::{confirmation_error, wants_password},
    platform::window,
    state::notice::Notice,
};
use tandem_protocol::rest::{NewFeed, NewToken};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretKind {
    Tokens,
    Feeds,
}

/// The state of the dialog that creates one.
#[derive(Clone, Default, PartialEq)]
enum SecretState {
    #[default]
    Closed,
    Form {
        status: FormStatus,
        /// Whether the server has required the password.
        ask_password: bool,
    },
    /// The secret of the new one.
    Created(String),
}

#[derive(Clone, PartialEq, Properties)]
pub(super) struct SecretsProps {
    pub kind: SecretKind,
    /// Incremented when another section may have ended some.
    pub version: u32,
}

#[component]
pub(super) fn Secrets(props: &SecretsProps) -> Html {
    let (engine, clock, index) = (use_engine(), use_clock(), use_task_index());
    let kind = props.kind;
    let rows = use_state_eq(Vec::<SecretRow>::new);
    let dialog = use_state_eq(SecretState::default);
    let removing = use_state_eq(|| None::<SecretRow>);
    let load = {
        let (engine, rows) = (engine.clone(), rows.clone());
        Callback::from(move |()| spawn_local(load(kind, engine.clone(), clock.clone(), rows.clone())))
    };
    {
        let load = load.clone();
        use_effect_with(props.version, move |_| load.emit(()));
    }
    let remove = {
        let (engine, load) = (engine.clone(), load.clone());
        Callback::from(move |row: SecretRow| {
            let api = engine.api().clone();
            engine
                .attempt(async move { api.act("DELETE", &format!("{}/{}", kind.path(), row.id)).await }, load.clone());
        })
    };
    let question = (*removing).clone().map(|row| {
        confirm(Question {
            label: text::remove_feed(&row.name).into(),
            text: text::CALENDARS_STOP_AT_ONCE,
            stay: text::CANCEL,
            go_on: text::REMOVE,
            on_confirm: remove.reform(move |()| row.clone()),
            on_close: set_to(&removing, None),
        })
    });
    let on_copy = {
        let engine = engine.clone();
        Callback::from(move |text| engine.copy(text))
    };
    let form = SecretState::Form { status: FormStatus::default(), ask_password: false };
    let is_tokens = kind == SecretKind::Tokens;
    let pick = |token: &'static str, feed: &'static str| if is_tokens { token } else { feed };
    let list = secret_list(&SecretList {
        label: pick(text::PERSONAL_TOKENS, text::CALENDAR_FEEDS),
        icon: if is_tokens { Icon::Key } else { Icon::Calendar },
        rows: (*rows).clone(),
        remove: pick(text::REVOKE, text::REMOVE),
        on_remove: if is_tokens {
            remove
        } else {
            let removing = removing.clone();
            Callback::from(move |row| removing.set(Some(row)))
        },
        new: pick(text::NEW_TOKEN, text::NEW_FEED),
        on_new: set_to(&dialog, form),
    });
    let content = html! {
        <>
            { list }
            if is_tokens {
                <CodeBlock language="json" title={text::MCP_CLIENT_JSON} text={tokens::snippet(&window::origin())}
                    on_copy={on_copy.clone()} />
            }
            { dialog_of(kind, &engine, &dialog, &load, on_copy, || list_names(&index)) }
            { question }
        </>
    };
    section(
        pick(text::TOKENS, text::CALENDAR_FEEDS),
        pick(text::FOR_OTHER_PROGRAMS_THROUGH_THE, text::YOUR_TASKS_IN_CALENDARS),
        content,
    )
}

impl SecretKind {
    fn path(self) -> &'static str {
        if self == Self::Tokens { "/api/v1/tokens" } else { "/api/v1/feeds" }
    }
}

fn dialog_of(
    kind: SecretKind,
    engine: &Engine,
    dialog: &UseStateHandle<SecretState>,
    load: &Callback<()>,
    on_copy: Callback<String>,
    lists: impl FnOnce() -> Vec<String>,
) -> Html {
    let (secret, status, ask_password) = match &**dialog {
        SecretState::Closed => return Html::default(),
        SecretState::Form { status, ask_password } => (None, status.clone(), *ask_password),
        SecretState::Created(secret) => (Some(AttrValue::from(secret.clone())), FormStatus::default(), false),
    };
    let on_close = set_to(dialog, SecretState::Closed);
    let create = {
        let (engine, dialog, load) = (engine.clone(), dialog.clone(), load.clone());
        Callback::from(move |(body, has_password): (String, bool)| {
            spawn_local(create(kind, engine.clone(), dialog.clone(), load.clone(), body, has_password));
        })
    };
    if kind == SecretKind::Tokens {
        let on_create = create.reform(|new: NewToken| (token_body(&new), new.password.is_some()));
        html! { <NewTokenDialog {secret} {ask_password} {status} {on_create} {on_copy} {on_close} /> }
    } else {
        let on_create = create.reform(|new: NewFeed| (feed_body(&new), false));
        html! { <NewFeedDialog lists={lists()} {secret} {status} {on_create} {on_copy} {on_close} /> }
    }
}

/// Sends the request that creates one, and shows its secret.
async fn create(
    kind: SecretKind,
    engine: Engine,
    state: UseStateHandle<SecretState>,
    load: Callback<()>,
    body: String,
    ask_password: bool,
) {
    state.set(SecretState::Form { status: FormStatus::busy(), ask_password });
    match engine.api().create_secret(kind.path(), &body).await {
        Ok(secret) => {
            // A feed has an address at this server.
            let origin = if secret.starts_with('/') { window::origin() } else { String::new() };
            state.set(SecretState::Created(origin + &secret));
            load.emit(());
        }
        Err(error) => {
            // Once required, the field stays for the next try.
            let ask_password = ask_password || wants_password(&error);
            let status = FormStatus::ended(Some(confirmation_error(&error)));
            state.set(SecretState::Form { status, ask_password });
        }
    }
}

async fn load(kind: SecretKind, engine: Engine, clock: Clock, rows: UseStateHandle<Vec<SecretRow>>) {
    let api = engine.api();
    let loaded = match kind {
        SecretKind::Tokens => api.tokens().await.map(|all| all.iter().map(|token| token_row(token, &clock)).collect()),
        SecretKind::Feeds => api.feeds().await.map(|all| all.iter().map(feeds::row).collect()),
    };
    match loaded {
        Ok(list) => rows.set(list),
        Err(error) => engine.notify(Notice::failed(error.to_string())),
    }
}
