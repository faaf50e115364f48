//! Personal tokens, for other programs.

use crate::{
    components::{
        dialog::NewTokenDialog,
        form::FormError,
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

/// How far the making of a token is.
#[derive(Clone, Default, PartialEq)]
enum Making {
    #[default]
    Not,
    Asking {
        busy: bool,
        error: Option<FormError>,
        /// The server wants the password.
        password: bool,
    },
    Made(String),
}

#[derive(Clone, PartialEq, Properties)]
pub(super) struct TokensProps {
    /// Another number when tokens have ended elsewhere on the page.
    pub version: u32,
}

#[component]
pub(super) fn Tokens(props: &TokensProps) -> Html {
    let (engine, clock) = (use_engine(), use_clock());
    let tokens = use_state_eq(Vec::<PersonalToken>::new);
    let making = use_state_eq(Making::default);
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
            let (engine, load) = (engine.clone(), load.clone());
            spawn_local(async move {
                if let Err(error) = engine.api().revoke_token(id).await {
                    engine.notify(Notice::failed(error.to_string()));
                }
                load.emit(());
            });
        })
    };
    let on_new = {
        let making = making.clone();
        Callback::from(move |()| making.set(Making::Asking { busy: false, error: None, password: false }))
    };
    let on_copy = {
        let engine = engine.clone();
        Callback::from(move |text| engine.copy(text))
    };
    html! {
        <Section title="Tokens" text="For other programs, through the API or MCP. A token is shown once.">
            <TokenList tokens={(*tokens).clone()} {clock} {on_revoke} {on_new} />
            <CodeBlock language="json" title="MCP client, json" text={snippet(&window::origin())} on_copy={on_copy.clone()} />
            { dialog(&engine, &making, &load, &on_copy) }
        </Section>
    }
}

fn dialog(engine: &Engine, making: &UseStateHandle<Making>, load: &Callback<()>, on_copy: &Callback<String>) -> Html {
    let (secret, busy, error, ask_password) = match &**making {
        Making::Not => return Html::default(),
        Making::Asking { busy, error, password } => (None, *busy, error.clone(), *password),
        Making::Made(secret) => (Some(AttrValue::from(secret.clone())), false, None, false),
    };
    let on_create = {
        let (engine, making, load) = (engine.clone(), making.clone(), load.clone());
        Callback::from(move |new: NewToken| {
            making.set(Making::Asking { busy: true, error: None, password: new.password.is_some() });
            let (engine, making, load) = (engine.clone(), making.clone(), load.clone());
            spawn_local(async move {
                match engine.api().create_token(&new).await {
                    Ok(created) => {
                        making.set(Making::Made(created.token));
                        load.emit(());
                    }
                    Err(error) => {
                        let password = new.password.is_some() || wants_password(&error);
                        let error = Some(confirmation_error(&error));
                        making.set(Making::Asking { busy: false, error, password });
                    }
                }
            });
        })
    };
    let on_close = {
        let making = making.clone();
        Callback::from(move |()| making.set(Making::Not))
    };
    html! { <NewTokenDialog {secret} {ask_password} {busy} {error} {on_create} on_copy={on_copy.clone()} {on_close} /> }
}

async fn load(engine: Engine, tokens: UseStateHandle<Vec<PersonalToken>>) {
    match engine.api().tokens().await {
        Ok(list) => tokens.set(list),
        Err(error) => engine.notify(Notice::failed(error.to_string())),
    }
}

/// What an MCP client is configured with.
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
