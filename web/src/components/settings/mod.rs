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

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SectionProps {
    /// The heading, which is also the name of the region.
    pub title: AttrValue,
    #[prop_or_default]
    pub text: AttrValue,
    pub children: Html,
}

/// A section with its heading on the left and its controls on the right.
#[component]
pub(crate) fn Section(props: &SectionProps) -> Html {
    html! {
        <section class="sec" aria-label={props.title.clone()}>
            <div class="sec-h"><h2>{ props.title.clone() }</h2><p>{ props.text.clone() }</p></div>
            <div class="sec-b">{ props.children.clone() }</div>
        </section>
    }
}
