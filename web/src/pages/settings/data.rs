//! The section for storage, export, and deletion of the account.

use crate::text::settings as text;
use crate::{
    components::{
        callbacks::{press, set_to},
        callout::callout,
        dialog::DeleteAccountDialog,
        form::{FormError, FormStatus},
        icon::Icon,
        settings::{section, storage_use},
    },
    hooks::{use_engine, use_session},
    pages::form_error::{form_error, sign_in_error},
    platform::window,
    state::notice::Notice,
};
use tandem_protocol::ErrorCode;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The section `Your data`.
#[component]
pub(super) fn Data() -> Html {
    let (engine, session) = (use_engine(), use_session());
    // The dialog is open while there is a status.
    let deletion = use_state_eq(|| None::<FormStatus>);
    let storage = use_state_eq(|| None);
    {
        let (engine, storage) = (engine.clone(), storage.clone());
        use_effect_with((), move |()| {
            spawn_local(async move {
                // Optional: on failure the bar is not shown.
                storage.set(engine.api().storage().await.ok());
            });
        });
    }
    let export = Callback::from(move |_: MouseEvent| {
        let engine = engine.clone();
        spawn_local(async move {
            let notice = match engine.api().export().await {
                Ok(text) if window::download("tandem-export.json", &text, "application/json").is_ok() => {
                    Notice::done(text::EXPORTED_EVERYTHING)
                }
                Ok(_) => Notice::failed(text::COULD_NOT_SAVE_THE_FILE),
                Err(error) => Notice::failed(error.to_string()),
            };
            engine.notify(notice);
        });
    });
    let ask = press(&set_to(&deletion, Some(FormStatus::default())));
    let on_close = set_to(&deletion, None);
    let on_confirm = {
        let deletion = deletion.clone();
        Callback::from(move |password: String| {
            deletion.set(Some(FormStatus::busy()));
            let (session, deletion) = (session.clone(), deletion.clone());
            spawn_local(async move {
                if let Err(error) = session.delete_account(&password).await {
                    // A log-in marks two fields as wrong; here there is only the password.
                    let shown = if error.code() == Some(ErrorCode::InvalidCredentials) {
                        FormError {
                            title: text::THE_PASSWORD_IS_WRONG.into(),
                            text: AttrValue::default(),
                            ..sign_in_error(&error)
                        }
                    } else {
                        form_error(&error)
                    };
                    deletion.set(Some(FormStatus::ended(Some(shown))));
                }
            });
        })
    };
    let delete =
        html! { <button type="button" class="btn btn-quiet-danger" onclick={ask}>{ text::DELETE_ACCOUNT }</button> };
    let content = html! {
        <>
            if let Some(storage) = *storage {
                { storage_use(&storage) }
            }
            <p class="acts">
                <button type="button" class="btn" onclick={export}>{ Icon::Download.html() }{ text::EXPORT }</button>
            </p>
            <div class="danger-zone">
                { callout(None, text::DELETE_ACCOUNT, text::REMOVES_EVERY_CONVERSATION_AND_TASK, delete) }
            </div>
            if let Some(status) = &*deletion {
                <DeleteAccountDialog status={status.clone()} {on_confirm} {on_close} />
            }
        </>
    };
    section(text::YOUR_DATA, text::EVERYTHING_YOU_OWN_IN_ONE, content)
}
