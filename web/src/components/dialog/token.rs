//! The dialog that creates a personal token and shows its secret once.

use super::Dialog;
use crate::components::{
    callbacks::{press, setter, toggle},
    form::{ErrorNotice, Field, FormStatus, PasswordField},
    markdown::CodeBlock,
};
use tandem_protocol::{enums::Scope, rest::NewToken};
use yew::prelude::*;

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
        if self.secret.is_some() { "Your new token" } else { "New token" }
    }
}

#[component]
pub(crate) fn NewTokenDialog(props: &NewTokenDialogProps) -> Html {
    let name = use_state(String::new);
    let write = use_state(|| false);
    let password = use_state(String::new);
    let on_password = setter(&password);
    let on_change = setter(&name);
    let on_write = toggle(&write).reform(|_: Event| ());
    let onsubmit = {
        let (on, name, write) = (props.on_create.clone(), name.clone(), *write);
        let password = props.ask_password.then(|| (*password).clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            // Every token may read.
            let scopes = if write { vec![Scope::Read, Scope::Write] } else { vec![Scope::Read] };
            on.emit(NewToken { name: name.trim().to_owned(), scopes, expires_at: None, password: password.clone() });
        })
    };
    let incomplete = name.trim().is_empty() || props.ask_password && password.is_empty();
    let close = press(&props.on_close);
    html! {
        <Dialog label={props.title()} class="dialog dialog-wide" on_close={props.on_close.clone()}>
            if let Some(secret) = &props.secret {
                <p>{ "Copy it now: it is not shown again." }</p>
                <CodeBlock language="" title="Token" text={secret.clone()} on_copy={props.on_copy.clone()} />
                <div class="acts"><button type="button" class="btn btn-primary" onclick={close}>{ "Done" }</button></div>
            } else {
                <p>{ "For one program. Revoke it when that program no longer needs it." }</p>
                <form {onsubmit}>
                    <ErrorNotice error={props.status.error.clone()} />
                    <Field id="token-name" label="Name of the token" value={(*name).clone()} error={props.status.error.clone()}
                        field="name" {on_change} />
                    <label class="tick-line">
                        <input type="checkbox" checked={*write} onchange={on_write} />
                        { "May also change things" }
                    </label>
                    if props.ask_password {
                        <PasswordField id="token-password" value={(*password).clone()} error={props.status.error.clone()}
                            on_change={on_password} />
                    }
                    <div class="acts">
                        <button type="button" class="btn" onclick={close}>{ "Cancel" }</button>
                        <button type="submit" class="btn btn-primary" disabled={props.status.busy || incomplete}>
                            { "Create token" }
                        </button>
                    </div>
                </form>
            }
        </Dialog>
    }
}
