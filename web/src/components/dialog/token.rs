//! The dialog that creates a personal token and shows its secret once.

use super::Dialog;
use crate::components::{
    callbacks::{press, setter, toggle},
    form::{ErrorNotice, Field, FormStatus, PasswordField},
    markdown::CodeBlock,
};
use crate::platform::clock;
use crate::text::settings as text;
use tandem_protocol::{enums::Scope, rest::NewToken};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// How long a token lives, in days; 0 for ever.
const LIFETIMES: [(i64, &str); 4] =
    [(30, text::IN_30_DAYS), (90, text::IN_90_DAYS), (365, text::IN_A_YEAR), (0, text::NEVER)];

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct NewTokenDialogProps {
    /// The secret of the new token, shown in place of the form.
    #[prop_or_default]
    pub secret: Option<AttrValue>,
    /// Whether the server requires the password for this session.
    #[prop_or_default]
    pub ask_password: bool,
    #[prop_or_default]
    pub status: FormStatus,
    pub on_create: Callback<NewToken>,
    pub on_copy: Callback<String>,
    pub on_close: Callback<()>,
}

impl NewTokenDialogProps {
    fn title(&self) -> &'static str {
        if self.secret.is_some() { text::YOUR_NEW_TOKEN } else { text::NEW_TOKEN }
    }
}

#[component]
pub(crate) fn NewTokenDialog(props: &NewTokenDialogProps) -> Html {
    let name = use_state(String::new);
    let write = use_state(|| false);
    let days = use_state(|| 365_i64);
    let password = use_state(String::new);
    let on_password = setter(&password);
    let on_change = setter(&name);
    let on_days = {
        let days = days.clone();
        Callback::from(move |event: Event| {
            days.set(event.target_unchecked_into::<HtmlSelectElement>().value().parse().unwrap_or(0));
        })
    };
    let on_write = toggle(&write).reform(|_: Event| ());
    let onsubmit = {
        let (on, name, write, days) = (props.on_create.clone(), name.clone(), *write, *days);
        let password = props.ask_password.then(|| (*password).clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            // Every token may read.
            let scopes = if write { vec![Scope::Read, Scope::Write] } else { vec![Scope::Read] };
            let expires_at = (days > 0).then(|| clock::now().plus_millis(days * DAY_MS));
            on.emit(NewToken { name: name.trim().to_owned(), scopes, expires_at, password: password.clone() });
        })
    };
    let incomplete = name.trim().is_empty() || props.ask_password && password.is_empty();
    let close = press(&props.on_close);
    html! {
        <Dialog label={props.title()} class="dialog dialog-wide" on_close={props.on_close.clone()}>
            if let Some(secret) = &props.secret {
                <p>{ text::SHOWN_ONCE }</p>
                <CodeBlock language="" title={text::TOKEN} text={secret.clone()} on_copy={props.on_copy.clone()} />
                <div class="acts"><button type="button" class="btn btn-primary" onclick={close}>{ text::DONE }</button></div>
            } else {
                <p>{ text::FOR_ONE_PROGRAM_REVOKE_IT }</p>
                <form {onsubmit}>
                    <ErrorNotice error={props.status.error.clone()} />
                    <Field id="token-name" label={text::NAME_OF_THE_TOKEN} value={(*name).clone()} error={props.status.error.clone()}
                        field="name" {on_change} />
                    <div class="field">
                        <label for="token-expires">{ text::EXPIRES }</label>
                        <select class="input" id="token-expires" onchange={on_days}>
                            { for LIFETIMES.iter().map(|&(value, text)| html! {
                                <option value={value.to_string()} selected={value == *days}>{ text }</option>
                            }) }
                        </select>
                    </div>
                    <label class="tick-line">
                        <input type="checkbox" checked={*write} onchange={on_write} />
                        { text::MAY_ALSO_CHANGE_THINGS }
                    </label>
                    if props.ask_password {
                        <PasswordField id="token-password" value={(*password).clone()} error={props.status.error.clone()}
                            on_change={on_password} />
                    }
                    <div class="acts">
                        <button type="button" class="btn" onclick={close}>{ text::CANCEL }</button>
                        <button type="submit" class="btn btn-primary" disabled={props.status.busy || incomplete}>
                            { text::CREATE_TOKEN }
                        </button>
                    </div>
                </form>
            }
        </Dialog>
    }
}
