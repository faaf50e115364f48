//! The section for name and time zone.

use crate::text::settings as text;
use crate::{
    api::ApiError,
    api::body::{object, quoted},
    components::{
        form::{Field, FormError, error_notice},
        settings::section,
    },
    hooks::{use_engine, use_user},
    pages::form_error::form_error,
    platform::{clock, events::after},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The options that are added to the list of time zones at a time. There are hundreds, which take a phone long to lay out.
const ZONES_AT_A_TIME: usize = 64;

/// The result of the last save.
#[derive(Clone, Default, PartialEq)]
enum Saved {
    #[default]
    Untouched,
    Yes,
    No(FormError),
}

#[component]
pub(super) fn Profile() -> Html {
    let (engine, user) = (use_engine(), use_user());
    let name = use_state_eq(|| user.name.clone());
    let zone = use_state_eq(|| user.time_zone.clone());
    let saved = use_state_eq(Saved::default);
    {
        // Updates the fields when the profile was changed on another device.
        let (name, zone) = (name.clone(), zone.clone());
        use_effect_with((user.name.clone(), user.time_zone.clone()), move |(new_name, new_zone)| {
            name.set(new_name.clone());
            zone.set(new_zone.clone());
        });
    }
    let zones = use_memo((), |()| clock::time_zones());
    let listed = use_state_eq(|| 0);
    {
        let listed = listed.clone();
        use_effect_with((*listed, zones.len()), move |&(count, all)| {
            let more = (count < all).then(|| after(100, move || listed.set(count + ZONES_AT_A_TIME)));
            move || drop(more)
        });
    }
    // Opened earlier than that, the list is whole at once.
    let list_all = {
        let (listed, all) = (listed.clone(), zones.len());
        Callback::from(move |_: FocusEvent| listed.set(all))
    };
    let onsubmit = {
        let (name, zone, saved) = (name.clone(), zone.clone(), saved.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let patch = object(&[("name", quoted(name.trim())), ("time_zone", quoted(&zone))]);
            let (engine, saved) = (engine.clone(), saved.clone());
            spawn_local(async move {
                let result = engine.save_user(&patch).await;
                saved.set(outcome(result));
            });
        })
    };
    let error = match &*saved {
        Saved::No(error) => Some(error.clone()),
        Saved::Untouched | Saved::Yes => None,
    };
    let on_name = {
        let (name, saved) = (name.clone(), saved.clone());
        Callback::from(move |text| {
            name.set(text);
            saved.set(Saved::Untouched);
        })
    };
    let on_zone = {
        let (zone, saved) = (zone.clone(), saved.clone());
        Callback::from(move |text| {
            zone.set(text);
            saved.set(Saved::Untouched);
        })
    };
    let content = html! {
        <>
            <form class="sec-b" aria-label={text::PROFILE} {onsubmit} novalidate=true>
                { error_notice(error.as_ref()) }
                <div class="two">
                    <Field id="profile-name" label={text::NAME} field="name" autocomplete="name" value={(*name).clone()}
                        error={error} on_change={on_name} />
                    { zone_field(&zone, &zones, *listed, &on_zone, list_all) }
                </div>
                <div class="field"><span class="label">{ text::EMAIL }</span><span>{ user.email.clone() }</span></div>
                <p class="acts">
                    <button type="submit" class="btn btn-primary">{ text::SAVE }</button>
                    <span class="hint-t" role="status">{ if *saved == Saved::Yes { text::SAVED } else { "" } }</span>
                </p>
            </form>
        </>
    };
    section(text::PROFILE, text::THE_TIME_ZONE_DECIDES_WHAT, content)
}

fn outcome(result: Result<(), ApiError>) -> Saved {
    match result {
        Ok(()) => Saved::Yes,
        Err(error) => Saved::No(form_error(&error)),
    }
}

/// The combobox `Time zone` with the zones that the browser knows, of which the first are `listed`; a text field in
/// browsers that cannot list them.
fn zone_field(
    zone: &str,
    zones: &[String],
    listed: usize,
    on_change: &Callback<String>,
    onfocus: Callback<FocusEvent>,
) -> Html {
    if zones.is_empty() {
        return html! {
            <Field id="profile-zone" label={text::TIME_ZONE} field="time_zone" value={zone.to_owned()}
                on_change={on_change.clone()} />
        };
    }
    let zones = &zones[..listed.min(zones.len())];
    // The zone of the account may not be listed yet, or be one that this browser does not know.
    let known = zones.iter().any(|name| name == zone);
    let names = (!known).then_some(zone).into_iter().chain(zones.iter().map(String::as_str));
    let onchange = on_change.reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    html! {
        <div class="field">
            <label for="profile-zone">{ text::TIME_ZONE }</label>
            <select class="input" id="profile-zone" {onchange} {onfocus}>
                { for names.map(|name| {
                    let selected = name == zone;
                    html! { <option key={name} value={name.to_owned()} {selected}>{ name }</option> }
                }) }
            </select>
        </div>
    }
}
