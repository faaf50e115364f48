//! The dialog that creates a personal token and shows its secret once.

use super::{SecretDialog, SecretWords, secret_dialog};
use crate::components::{
    callbacks::{setter, toggle},
    form::{FormStatus, PasswordField},
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
const WORDS: SecretWords = SecretWords {
    new: text::NEW_TOKEN,
    purpose: text::FOR_ONE_PROGRAM_REVOKE_IT,
    name: text::NAME_OF_THE_TOKEN,
    create: text::CREATE_TOKEN,
    created: text::YOUR_NEW_TOKEN,
    secret: text::TOKEN,
};

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

#[component]
pub(crate) fn NewTokenDialog(props: &NewTokenDialogProps) -> Html {
    let name = use_state(String::new);
    let write = use_state(|| false);
    let days = use_state(|| 365_i64);
    let password = use_state(String::new);
    let on_days = {
        let days = days.clone();
        Callback::from(move |event: Event| {
            days.set(event.target_unchecked_into::<HtmlSelectElement>().value().parse().unwrap_or(0));
        })
    };
    let on_write = toggle(&write).reform(|_: Event| ());
    let on_create = {
        let (write, days) = (*write, *days);
        let password = props.ask_password.then(|| (*password).clone());
        props.on_create.reform(move |name| {
            // Every token may read.
            let scopes = if write { vec![Scope::Read, Scope::Write] } else { vec![Scope::Read] };
            let expires_at = (days > 0).then(|| clock::now().plus_millis(days * DAY_MS));
            NewToken { name, scopes, expires_at, password: password.clone() }
        })
    };
    let incomplete = props.ask_password && password.is_empty();
    let fields = html! {
        <>
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
                    on_change={setter(&password)} />
            }
        </>
    };
    secret_dialog(SecretDialog {
        words: WORDS,
        name: &name,
        secret: props.secret.as_ref(),
        status: &props.status,
        incomplete,
        on_create,
        on_copy: &props.on_copy,
        on_close: &props.on_close,
        fields,
    })
}
