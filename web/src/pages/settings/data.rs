//! Taking everything along, and leaving for good.

use crate::{
    components::{
        dialog::DeleteAccountDialog,
        form::FormError,
        icon::{Icon, SvgIcon},
        notice::Notice as Card,
        settings::{Section, StorageUse},
    },
    hooks::{use_engine, use_session},
    pages::form_error::{form_error, sign_in_error},
    platform::window,
    state::notice::Notice,
};
use tandem_protocol::ErrorCode;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// How far the deletion of the account is.
#[derive(Clone, Default, PartialEq)]
enum Leaving {
    #[default]
    Not,
    Asking {
        busy: bool,
        error: Option<FormError>,
    },
}

/// The section `Your data`.
#[component]
pub(super) fn Data() -> Html {
    let (engine, session) = (use_engine(), use_session());
    let leaving = use_state_eq(Leaving::default);
    let storage = use_state_eq(|| None);
    {
        let (engine, storage) = (engine.clone(), storage.clone());
        use_effect_with((), move |()| {
            spawn_local(async move {
                // Without an answer the bar is not there; what else is wrong, other parts of the page say.
                storage.set(engine.api().storage().await.ok());
            });
        });
    }
    let export = Callback::from(move |_: MouseEvent| {
        let engine = engine.clone();
        spawn_local(async move {
            let notice = match engine.api().export().await {
                Ok(text) if window::download("tandem-export.json", &text).is_ok() => {
                    Notice::done("Exported everything")
                }
                Ok(_) => Notice::failed("Could not save the file. The browser did not allow it."),
                Err(error) => Notice::failed(error.to_string()),
            };
            engine.notify(notice);
        });
    });
    let ask = {
        let leaving = leaving.clone();
        Callback::from(move |_: MouseEvent| leaving.set(Leaving::Asking { busy: false, error: None }))
    };
    let on_close = {
        let leaving = leaving.clone();
        Callback::from(move |()| leaving.set(Leaving::Not))
    };
    let on_confirm = {
        let leaving = leaving.clone();
        Callback::from(move |password: String| {
            leaving.set(Leaving::Asking { busy: true, error: None });
            let (session, leaving) = (session.clone(), leaving.clone());
            spawn_local(async move {
                if let Err(error) = session.delete_account(&password).await {
                    let said = if error.code() == Some(ErrorCode::InvalidCredentials) {
                        FormError {
                            title: "The password is wrong".into(),
                            text: AttrValue::default(),
                            ..sign_in_error(&error)
                        }
                    } else {
                        form_error(&error)
                    };
                    leaving.set(Leaving::Asking { busy: false, error: Some(said) });
                }
            });
        })
    };
    html! {
        <Section title="Your data" text="Everything you own in one JSON file.">
            if let Some(storage) = *storage {
                <StorageUse {storage} />
            }
            <p class="acts">
                <button type="button" class="btn" onclick={export}><SvgIcon icon={Icon::Download} />{ "Export" }</button>
            </p>
            <div class="danger-zone">
                <Card title="Delete account"
                    text="Removes every conversation and task from this server, at once and for good. Asks for your password.">
                    <button type="button" class="btn btn-quiet-danger" onclick={ask}>{ "Delete account" }</button>
                </Card>
            </div>
            if let Leaving::Asking { busy, error } = &*leaving {
                <DeleteAccountDialog busy={*busy} error={error.clone()} {on_confirm} {on_close} />
            }
        </Section>
    }
}
