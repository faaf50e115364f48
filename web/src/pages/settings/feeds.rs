//! The section of calendar feeds: addresses at which calendar programs read tasks.

use super::secrets::{self, SecretState};
use crate::text::settings as text;
use crate::{
    components::{
        callbacks::set_to,
        dialog::{Confirm, NewFeedDialog, confirm},
        icon::Icon,
        settings::{SecretList, SecretRow, Section, secret_list},
        tasks::list_names,
    },
    hooks::{use_engine, use_task_index},
    platform::window,
};
use tandem_protocol::{
    enums::FeedKind,
    rest::{Feed, NewFeed},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[component]
pub(super) fn Feeds() -> Html {
    let (engine, index) = (use_engine(), use_task_index());
    let feeds = use_state_eq(Vec::<Feed>::new);
    let dialog = use_state_eq(SecretState::default);
    let removing = use_state_eq(|| None::<SecretRow>);
    let load = {
        let (engine, feeds) = (engine.clone(), feeds.clone());
        Callback::from(move |()| {
            let (engine, feeds) = (engine.clone(), feeds.clone());
            spawn_local(async move { secrets::put(&engine, &feeds, engine.api().feeds().await) });
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    let on_remove = {
        let removing = removing.clone();
        Callback::from(move |row| removing.set(Some(row)))
    };
    let question = (*removing).as_ref().map(|row| {
        let (engine, load, id) = (engine.clone(), load.clone(), row.id.clone());
        let on_confirm = Callback::from(move |()| {
            let (api, id) = (engine.api().clone(), id.clone());
            engine.attempt(async move { api.remove_feed(&id).await }, load.clone());
        });
        confirm(Confirm {
            label: text::remove_feed(&row.name).into(),
            text: text::CALENDARS_STOP_AT_ONCE,
            stay: text::CANCEL,
            go_on: text::REMOVE,
            on_confirm,
            on_close: set_to(&removing, None),
        })
    });
    let form = dialog.shown().map(|(secret, status, _)| {
        let on_create = {
            let (engine, dialog, load) = (engine.clone(), dialog.clone(), load.clone());
            Callback::from(move |new: NewFeed| {
                let api = engine.api().clone();
                let request = Box::pin(async move { api.create_feed(&new).await.map(|path| window::origin() + &path) });
                secrets::create(dialog.clone(), false, load.clone(), request);
            })
        };
        let on_copy = {
            let engine = engine.clone();
            Callback::from(move |text| engine.copy(text))
        };
        html! {
            <NewFeedDialog lists={list_names(&index)} {secret} {status} {on_create} {on_copy}
                on_close={set_to(&dialog, SecretState::Closed)} />
        }
    });
    let list = secret_list(&SecretList {
        label: text::CALENDAR_FEEDS,
        icon: Icon::Calendar,
        rows: feeds.iter().map(row).collect(),
        remove: text::REMOVE,
        on_remove,
        new: text::NEW_FEED,
        on_new: set_to(&dialog, SecretState::form()),
    });
    html! {
        <Section title={text::CALENDAR_FEEDS} text={text::YOUR_TASKS_IN_CALENDARS}>
            { list }
            { form }
            { question }
        </Section>
    }
}

fn row(feed: &Feed) -> SecretRow {
    let lists = feed.lists.as_ref().map_or_else(|| text::ALL_LISTS.to_owned(), |lists| lists.join(", "));
    SecretRow {
        id: feed.id.to_string(),
        name: feed.name.clone(),
        tag: if feed.kind == FeedKind::Events { text::EVENTS } else { text::TASKS },
        note: if feed.include_done { text::with_done(lists) } else { lists },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, now};
    use tandem_protocol::id::FeedId;

    #[test]
    fn a_feed_shows_what_is_in_it() {
        let mut feed = Feed {
            id: FeedId(id(1)),
            name: "Ours".into(),
            lists: None,
            kind: FeedKind::Events,
            include_done: false,
            created_at: now(),
        };
        let shown = |feed: &Feed| (row(feed).tag, row(feed).note);
        assert_eq!(shown(&feed), ("Events", "All lists".to_owned()));
        feed.lists = Some(vec!["Home".into(), "Work".into()]);
        (feed.kind, feed.include_done) = (FeedKind::Tasks, true);
        assert_eq!(shown(&feed), ("Tasks", "Home, Work, with what is done".to_owned()));
    }
}
