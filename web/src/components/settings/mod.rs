//! The components of the settings page.

mod devices;
mod secrets;
mod storage;
mod theme;
mod tokens;

pub(crate) use devices::{DeviceList, device_list};
pub(crate) use secrets::{SecretList, SecretRow, secret_list};
pub(crate) use storage::{size, storage_use};
pub(crate) use theme::theme_choice;
pub(crate) use tokens::token_row;

use yew::prelude::*;

/// A section with its heading, which is also the name of the region, on the left and its controls on the right.
pub(crate) fn section(title: &'static str, text: &'static str, controls: Html) -> Html {
    html! {
        <section class="sec" aria-label={title}>
            <div class="sec-h"><h2>{ title }</h2><p>{ text }</p></div>
            <div class="sec-b">{ controls }</div>
        </section>
    }
}
