//! The section that changes the password, and selects the personal tokens that stay valid.

use crate::text::settings as text;
use crate::{
    components::{
        callbacks::setter,
        form::{FormStatus, PasswordField, error_notice},
        settings::section,
    },
    hooks::use_engine,
    live::Engine,
    pages::form_error::confirmation_error,
    state::notice::Notice,
};
use tandem_protocol::{TokenId, model::PersonalToken, rest::ChangePassword};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct PasswordProps {
    /// Called after a change, which may have ended tokens.
    pub on_changed: Callback<()>,
}

#[component]
pub(super) fn Password(props: &PasswordProps) -> Html {
    let engine = use_engine();
    let [current, new] = [use_state_eq(String::new), use_state_eq(String::new)];
    let tokens = use_state_eq(Vec::<PersonalToken>::new);
    let kept = use_state_eq(Vec::<TokenId>::new);
    let status = use_state_eq(FormStatus::default);
    let onfocusin = {
        // Loaded when the form gets the focus, so that the list is current.
        let (engine, tokens) = (engine.clone(), tokens.clone());
        Callback::from(move |_: FocusEvent| spawn_local(load(engine.clone(), tokens.clone())))
    };
    let on_keep = {
        let kept = kept.clone();
        Callback::from(move |id: TokenId| {
            let mut next = (*kept).clone();
            match next.iter().position(|kept| *kept == id) {
                Some(index) => drop(next.remove(index)),
                None => next.push(id),
            }
            kept.set(next);
        })
    };
    let onsubmit = {
        let (current, new, kept, status) = (current.clone(), new.clone(), kept.clone(), status.clone());
        let (tokens, on_changed) = (tokens.clone(), props.on_changed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            // Tokens that have ended in the meantime are skipped.
            let keep = tokens.iter().filter(|token| kept.contains(&token.id)).map(|token| token.id.to_string());
            let body = ChangePassword {
                current_password: (*current).clone(),
                new_password: (*new).clone(),
                keep_tokens: keep.collect(),
            };
            status.set(FormStatus::busy());
            let (engine, current, new, kept) = (engine.clone(), current.clone(), new.clone(), kept.clone());
            let (status, on_changed) = (status.clone(), on_changed.clone());
            spawn_local(async move {
                let error = engine.api().change_password(&body).await.err().map(|error| confirmation_error(&error));
                if error.is_none() {
                    current.set(String::new());
                    new.set(String::new());
                    kept.set(Vec::new());
                    engine.notify(Notice::done(text::PASSWORD_CHANGED));
                    on_changed.emit(());
                }
                status.set(FormStatus::ended(error));
            });
        })
    };
    let [on_current, on_new] = [&current, &new].map(setter);
    let incomplete = current.is_empty() || new.is_empty();
    let content = html! {
        <>
            <form class="sec-b" aria-label={text::PASSWORD} {onsubmit} {onfocusin} novalidate=true>
                { error_notice(status.error.as_ref()) }
                <PasswordField id="current-password" label={text::CURRENT_PASSWORD} field="current_password"
                    value={(*current).clone()} error={status.error.clone()} on_change={on_current} />
                <PasswordField id="new-password" label={text::NEW_PASSWORD} field="new_password" new=true
                    value={(*new).clone()} error={status.error.clone()} on_change={on_new} />
                { keep(&tokens, &kept, &on_keep) }
                <p class="acts">
                    <button type="submit" class="btn btn-primary" disabled={status.busy || incomplete}>
                        { text::CHANGE_PASSWORD }
                    </button>
                </p>
            </form>
        </>
    };
    section(text::PASSWORD, text::A_NEW_PASSWORD_SIGNS_OUT, content)
}

/// A checkbox for each token.
fn keep(tokens: &[PersonalToken], kept: &[TokenId], on_keep: &Callback<TokenId>) -> Html {
    if tokens.is_empty() {
        return Html::default();
    }
    html! {
        <fieldset aria-label={text::PERSONAL_TOKENS_TO_KEEP}>
            <p>{ text::TOKENS_THAT_YOU_DO_NOT }</p>
            { for tokens.iter().map(|token| {
                let id = token.id;
                let onchange = on_keep.reform(move |_: Event| id);
                html! {
                    <label class="tick-line" key={id.to_string()}>
                        <input type="checkbox" checked={kept.contains(&id)} {onchange} />
                        { text::keep_token(&token.name) }
                    </label>
                }
            }) }
        </fieldset>
    }
}

async fn load(engine: Engine, tokens: UseStateHandle<Vec<PersonalToken>>) {
    // Optional: without the list no token stays valid.
    if let Ok(list) = engine.api().tokens().await {
        tokens.set(list);
    }
}
