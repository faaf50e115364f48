//! The section of personal tokens.

use crate::text::settings as text;
use crate::{
    components::{
        callbacks::set_to,
        dialog::NewTokenDialog,
        form::FormStatus,
        markdown::CodeBlock,
        settings::{Section, TokenList},
    },
    hooks::{use_clock, use_engine},
    live::Engine,
    pages::form_error::{confirmation_error, wants_password},
    platform::window,
    state::notice::Notice,
};
use tandem_protocol::{model::PersonalToken, rest::NewToken};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The state of the dialog that creates a token.
#[derive(Clone, Default, PartialEq)]
enum TokenDialog {
    #[default]
    Closed,
    Form {
        status: FormStatus,
        /// Whether the server has required the password.
        ask_password: bool,
    },
    /// The secret of the new token.
    Created(String),
}

#[derive(Clone, PartialEq, Properties)]
pub(super) struct TokensProps {
    /// Incremented when another section may have ended tokens.
    pub version: u32,
}

#[component]
pub(super) fn Tokens(props: &TokensProps) -> Html {
    let (engine, clock) = (use_engine(), use_clock());
    let tokens = use_state_eq(Vec::<PersonalToken>::new);
    let dialog = use_state_eq(TokenDialog::default);
    let load = {
        let (engine, tokens) = (engine.clone(), tokens.clone());
        Callback::from(move |()| spawn_local(load(engine.clone(), tokens.clone())))
    };
    {
        let load = load.clone();
        use_effect_with(props.version, move |_| load.emit(()));
    }
    let on_revoke = {
        let (engine, load) = (engine.clone(), load.clone());
        Callback::from(move |id| {
            let api = engine.api().clone();
            engine.attempt(async move { api.revoke_token(id).await }, load.clone());
        })
    };
    let on_new = set_to(&dialog, TokenDialog::Form { status: FormStatus::default(), ask_password: false });
    let on_copy = {
        let engine = engine.clone();
        Callback::from(move |text| engine.copy(text))
    };
    html! {
        <Section title={text::TOKENS} text={text::FOR_OTHER_PROGRAMS_THROUGH_THE}>
            <TokenList tokens={(*tokens).clone()} {clock} {on_revoke} {on_new} />
            <CodeBlock language="json" title={text::MCP_CLIENT_JSON} text={snippet(&window::origin())} on_copy={on_copy.clone()} />
            { dialog_view(&engine, &dialog, &load, &on_copy) }
        </Section>
    }
}

fn dialog_view(
    engine: &Engine,
    dialog: &UseStateHandle<TokenDialog>,
    load: &Callback<()>,
    on_copy: &Callback<String>,
) -> Html {
    let (secret, status, ask_password) = match &**dialog {
        TokenDialog::Closed => return Html::default(),
        TokenDialog::Form { status, ask_password } => (None, status.clone(), *ask_password),
        TokenDialog::Created(secret) => (Some(AttrValue::from(secret.clone())), FormStatus::default(), false),
    };
    let on_create = {
        let (engine, dialog, load) = (engine.clone(), dialog.clone(), load.clone());
        Callback::from(move |new: NewToken| {
            let ask_password = new.password.is_some();
            dialog.set(TokenDialog::Form { status: FormStatus::busy(), ask_password });
            let (engine, dialog, load) = (engine.clone(), dialog.clone(), load.clone());
            spawn_local(async move {
                match engine.api().create_token(&new).await {
                    Ok(created) => {
                        dialog.set(TokenDialog::Created(created.token));
                        load.emit(());
                    }
                    Err(error) => {
                        // Once required, the field stays for the next try.
                        let ask_password = ask_password || wants_password(&error);
                        let status = FormStatus::ended(Some(confirmation_error(&error)));
                        dialog.set(TokenDialog::Form { status, ask_password });
                    }
                }
            });
        })
    };
    let on_close = set_to(dialog, TokenDialog::Closed);
    html! { <NewTokenDialog {secret} {ask_password} {status} {on_create} on_copy={on_copy.clone()} {on_close} /> }
}

async fn load(engine: Engine, tokens: UseStateHandle<Vec<PersonalToken>>) {
    match engine.api().tokens().await {
        Ok(list) => tokens.set(list),
        Err(error) => engine.notify(Notice::failed(error.to_string())),
    }
}

/// The configuration of an MCP client.
fn snippet(origin: &str) -> String {
    format!(
        r#"{{
  "mcpServers": {{
    "tandem": {{
      "url": "{origin}/mcp",
      "headers": {{ "Authorization": "Bearer tnd_…" }}
    }}
  }}
}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn the_snippet_is_json_with_the_address_of_this_server() {
        let value: serde_json::Value = serde_json::from_str(&snippet("https://tandem.example.org")).unwrap();
        assert_eq!(value["mcpServers"]["tandem"]["url"], "https://tandem.example.org/mcp");
    }
}
