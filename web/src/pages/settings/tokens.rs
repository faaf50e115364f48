//! The section of personal tokens.

use super::secrets::{self, SecretState};
use crate::text::settings as text;
use crate::{
    components::{
        callbacks::set_to,
        dialog::NewTokenDialog,
        icon::Icon,
        markdown::CodeBlock,
        settings::{SecretList, SecretRow, Section, secret_list, token_row},
    },
    hooks::{use_clock, use_engine},
    platform::window,
};
use tandem_protocol::{model::PersonalToken, rest::NewToken};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct TokensProps {
    /// Incremented when another section may have ended tokens.
    pub version: u32,
}

#[component]
pub(super) fn Tokens(props: &TokensProps) -> Html {
    let (engine, clock) = (use_engine(), use_clock());
    let tokens = use_state_eq(Vec::<PersonalToken>::new);
    let dialog = use_state_eq(SecretState::default);
    let load = {
        let (engine, tokens) = (engine.clone(), tokens.clone());
        Callback::from(move |()| {
            let (engine, tokens) = (engine.clone(), tokens.clone());
            spawn_local(async move { secrets::put(&engine, &tokens, engine.api().tokens().await) });
        })
    };
    {
        let load = load.clone();
        use_effect_with(props.version, move |_| load.emit(()));
    }
    let on_remove = {
        let (engine, load) = (engine.clone(), load.clone());
        Callback::from(move |row: SecretRow| {
            let api = engine.api().clone();
            engine.attempt(async move { api.revoke_token(&row.id).await }, load.clone());
        })
    };
    let on_copy = {
        let engine = engine.clone();
        Callback::from(move |text| engine.copy(text))
    };
    let form = dialog.shown().map(|(secret, status, ask_password)| {
        let on_create = {
            let (engine, dialog, load) = (engine.clone(), dialog.clone(), load.clone());
            Callback::from(move |new: NewToken| {
                let (api, ask_password) = (engine.api().clone(), new.password.is_some());
                let request = Box::pin(async move { api.create_token(&new).await.map(|created| created.token) });
                secrets::create(dialog.clone(), ask_password, load.clone(), request);
            })
        };
        html! {
            <NewTokenDialog {secret} {ask_password} {status} {on_create} on_copy={on_copy.clone()}
                on_close={set_to(&dialog, SecretState::Closed)} />
        }
    });
    let list = secret_list(&SecretList {
        label: text::PERSONAL_TOKENS,
        icon: Icon::Key,
        rows: tokens.iter().map(|token| token_row(token, &clock)).collect(),
        remove: text::REVOKE,
        on_remove,
        new: text::NEW_TOKEN,
        on_new: set_to(&dialog, SecretState::form()),
    });
    html! {
        <Section title={text::TOKENS} text={text::FOR_OTHER_PROGRAMS_THROUGH_THE}>
            { list }
            <CodeBlock language="json" title={text::MCP_CLIENT_JSON} text={snippet(&window::origin())} {on_copy} />
            { form }
        </Section>
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
