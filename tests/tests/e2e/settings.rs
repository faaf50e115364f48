//! The settings, and unknown pages.

use crate::{
    support::{register, server, sign_in},
    tour::ESCAPE,
};
use serde_json::json;
use tandem_protocol::settings::DateStyle;
use tandem_tests::{
    Browser, TestUser,
    browser::{Screen, named, starting},
    eventually,
    plain::client,
    user::{PASSWORD, Visitor},
};

async fn at_settings() -> (Browser, String) {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    let email = register(&browser, "Ann").await;
    browser.go("/settings").await;
    browser.find(&named("heading", "Settings")).await;
    (browser, email)
}

#[tokio::test]
async fn the_theme_is_chosen_and_stays() {
    let (browser, _) = at_settings().await;
    let background = async || browser.run("return getComputedStyle(document.body).backgroundColor", Vec::new()).await;
    let light = background().await;
    browser.find(&named("group", "Theme")).await;
    // The radio button is hidden; users click its label.
    let dark = browser.find(&named("radio", "Dark")).await;
    browser.run("arguments[0].click()", vec![serde_json::to_value(&dark).unwrap()]).await;
    eventually("dark colours", async || (background().await != light).then_some(())).await;
    browser.reload().await;
    browser.find(&named("radio", "Dark")).await;
    assert_ne!(background().await, light);
    browser.close().await;
}

#[tokio::test]
async fn the_used_storage_is_shown() {
    let (browser, _) = at_settings().await;
    browser.reads(&named("region", "Your data"), "KB of 128 MB used").await;
    browser.close().await;
}

#[tokio::test]
async fn another_device_is_signed_out_from_the_list() {
    let (browser, email) = at_settings().await;
    let phone = Visitor::of(server().await).sign_in(&email, "My phone").await;
    browser.reload().await;
    let devices = named("region", "Devices");
    let row = starting("listitem", "").within(devices.clone());
    browser.reads(&row, "My phone").await;
    let revoke = eventually("the buttons", async || {
        let rows = browser.texts(&row).await;
        let at = rows.iter().position(|text| text.contains("My phone"))?;
        browser.all(&row).await.into_iter().nth(at)
    })
    .await;
    let buttons = "return [...arguments[0].querySelectorAll('button')].find((it) => it.textContent.includes('Revoke') \
                   || (it.ariaLabel || '').startsWith('Revoke')).click()";
    browser.run(buttons, vec![serde_json::to_value(&revoke).unwrap()]).await;
    eventually("the phone to be signed out", async || (phone.get("/me").await.status == 401).then_some(())).await;
    eventually("it to leave the list", async || {
        (!browser.texts(&row).await.iter().any(|text| text.contains("My phone"))).then_some(())
    })
    .await;
    browser.close().await;
}

#[tokio::test]
async fn a_calendar_feed_is_created_read_and_removed() {
    let (browser, email) = at_settings().await;
    let user = Visitor::of(server().await).sign_in(&email, "script").await;
    for (title, list) in [("Pay the rent", "Home"), ("Write the report", "Work")] {
        user.add(json!({ "title": title, "list": list, "due": { "date": "2096-11-26" } })).await;
    }
    let section = named("region", "Calendar feeds");
    browser.click(&named("button", "New feed").within(section.clone())).await;
    let form = named("dialog", "New feed");
    browser.write(&named("textbox", "Name of the feed").within(form.clone()), "Ours").await;
    browser.click(&named("checkbox", "Home").within(form.clone())).await;
    browser.click(&named("button", "Create feed").within(form.clone())).await;
    let shown = named("dialog", "Your new feed");
    let address = eventually("the address", async || {
        let texts = browser.texts(&shown).await;
        texts.iter().flat_map(|text| text.split_whitespace()).find(|word| word.starts_with("http")).map(str::to_owned)
    })
    .await;
    assert_eq!(address.rsplit_once('.').map(|(_, end)| end), Some("ics"), "{address}");
    browser.find(&named("button", "Copy code").within(shown.clone())).await;
    let read = async || client().get(&address).send().await.expect("an answer");
    let calendar = read().await.text().await.expect("a calendar");
    assert!(calendar.contains("Pay the rent") && !calendar.contains("Write the report"), "{calendar}");
    // The button that had the focus is gone: a key must close this dialog as it closes others, and not only hide it.
    browser.press(ESCAPE).await;
    browser.gone(&shown).await;
    let row = starting("listitem", "").within(section.clone());
    browser.reads(&row, "Ours").await;
    browser.reads(&row, "Home").await;
    browser.click(&named("button", "Remove").within(section.clone())).await;
    let question = named("dialog", "Remove Ours?");
    browser.click(&named("button", "Cancel").within(question.clone())).await;
    browser.gone(&question).await;
    assert_eq!(read().await.status(), 200);
    browser.click(&named("button", "Remove").within(section.clone())).await;
    browser.click(&named("button", "Remove").within(question.clone())).await;
    browser.gone(&row).await;
    assert_eq!(read().await.status(), 404);
    browser.close().await;
}

#[tokio::test]
async fn time_zones_are_listed_little_by_little_and_at_once_for_the_focus() {
    let (browser, email) = at_settings().await;
    let own = browser.run("return document.getElementById('profile-zone').value", Vec::new()).await;
    // The page is drawn again, and looked at before anything else happens.
    browser.click(&named("link", "Conversations")).await;
    browser.find(&named("textbox", "Message")).await;
    let script = "
        const drawn = () => new Promise((done) => setTimeout(done));
        const zones = () => document.getElementById('profile-zone');
        history.pushState(null, '', '/settings');
        dispatchEvent(new PopStateEvent('popstate'));
        while (!zones()) await drawn();
        const first = [zones().length, zones().value];
        zones().focus();
        await drawn();
        return [...first, zones().length, zones().value, [...zones().options].some((it) => it.value === 'UTC')];";
    let script = format!("return (async () => {{{script}}})()");
    let seen = browser.run(&script, Vec::new()).await;
    let [first, value, all, still, utc] = seen.as_array().expect("five values").as_slice() else { panic!("{seen}") };
    assert_eq!((value, still), (&own, &own));
    assert!(first.as_u64() < Some(100), "{first} at first");
    assert!(all.as_u64() > Some(300) && utc == &json!(true), "{all} for the focus, UTC: {utc}");
    browser.reload().await;
    let listed = "return document.getElementById('profile-zone')?.length ?? 0";
    eventually("all to be listed without the focus", async || {
        (browser.run(listed, Vec::new()).await == *all).then_some(())
    })
    .await;
    let choose = "const zones = document.getElementById('profile-zone');
        zones.value = 'UTC';
        zones.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.run(choose, Vec::new()).await;
    browser.click(&named("button", "Save")).await;
    let user = Visitor::of(server().await).sign_in(&email, "script").await;
    eventually("the time zone to be saved", async || {
        (user.get("/me").await.expect(200).value()["time_zone"] == "UTC").then_some(())
    })
    .await;
    browser.close().await;
}

#[tokio::test]
async fn the_name_is_changed() {
    let (browser, email) = at_settings().await;
    let name = named("textbox", "Name");
    browser.overwrite(&name, "Änn").await;
    browser.click(&named("button", "Save")).await;
    let user = Visitor::of(server().await).sign_in(&email, "script").await;
    eventually("the new name", async || {
        let me: tandem_protocol::model::User = user.get("/me").await.expect(200).read();
        (me.name == "Änn").then_some(())
    })
    .await;
    browser.close().await;
}

#[tokio::test]
async fn an_account_is_deleted_with_its_password() {
    let (browser, email) = at_settings().await;
    browser.click(&named("button", "Delete account")).await;
    let dialog = starting("dialog", "");
    let password = starting("password", "").within(dialog.clone());
    browser.find(&dialog).await;
    browser.write(&password, PASSWORD).await;
    browser.press("\u{e007}").await;
    browser.find(&named("button", "Sign in")).await;
    browser.reads(&named("main", ""), "Your account is deleted, with everything in it.").await;
    let refused = Visitor::of(server().await).log_in(&email, PASSWORD).await;
    refused.refused(tandem_protocol::ErrorCode::InvalidCredentials);
    browser.close().await;
}

#[tokio::test]
async fn an_unknown_page_shows_that_it_does_not_exist() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.go("/no/such/page").await;
    browser.find(&named("heading", "Page not found")).await;
    browser.click(&named("link", "Go to conversations")).await;
    browser.find(&named("textbox", "Message")).await;
    browser.close().await;
}

#[tokio::test]
async fn the_password_is_changed() {
    let (browser, email) = at_settings().await;
    let place = named("region", "Password");
    let new = "another sentence that is easy to keep";
    browser.write(&named("password", "Current password").within(place.clone()), PASSWORD).await;
    browser.write(&named("password", "New password").within(place.clone()), new).await;
    browser.click(&named("button", "Change password").within(place)).await;
    browser.reads(&named("region", "Notices"), "Password changed").await;
    // The button has the focus no longer, because it has nothing to send.
    eventually("the focus in the form", async || {
        (browser.run("return document.activeElement.id", Vec::new()).await == "new-password").then_some(())
    })
    .await;
    browser.go("/").await;
    browser.reads(&named("status", "Connection"), "Connected").await;
    browser.click(&named("button", "Account")).await;
    browser.click(&named("button", "Sign out")).await;
    browser.write(&named("textbox", "Email"), &email).await;
    browser.write(&named("password", "Password"), new).await;
    browser.click(&named("button", "Sign in")).await;
    browser.find(&named("textbox", "Message")).await;
    browser.close().await;
}

#[tokio::test]
async fn the_time_zone_of_the_browser_is_adopted_once_and_a_chosen_one_stays() {
    let server = server().await;
    let user = TestUser::register(server).await;
    let zone = async || user.snapshot().await.user.time_zone;
    assert_eq!(zone().await, "UTC");
    let browser = Browser::new(server, Screen::LAPTOP).await;
    browser.travel_to("Europe/Berlin").await;
    sign_in(&browser, user.email()).await;
    eventually("the zone of the browser", async || (zone().await == "Europe/Berlin").then_some(())).await;

    user.patch("/me").json(json!({ "time_zone": "UTC" })).await.expect(200);
    browser.reload().await;
    // A page that sends its zone does so before it can be written in.
    browser.send_message("What is due today?").await;
    browser.replies_ended(1).await;
    assert_eq!(zone().await, "UTC");
    browser.close().await;
}

#[tokio::test]
async fn answers_have_the_clock_and_the_order_of_dates_that_were_chosen() {
    let server = server().await;
    let user = TestUser::register(server).await;
    let browser = Browser::new(server, Screen::LAPTOP).await;
    sign_in(&browser, user.email()).await;
    let style = async || user.snapshot().await.user.settings.date_style();
    for (clock, order, written) in [("12", "month", "Dec 24, 5:00 PM"), ("24", "day", "24 Dec, 17:00")] {
        browser.go("/settings").await;
        browser.find(&named("button", "Export")).await;
        for (field, value) in [("choice-Clock", clock), ("choice-Dates", order)] {
            let choose = "const field = document.getElementById(arguments[0]);
                field.value = arguments[1];
                field.dispatchEvent(new Event('change', { bubbles: true }));";
            browser.run(choose, vec![field.into(), value.into()]).await;
        }
        let (twelve_hours, month_first) = (clock == "12", order == "month");
        let chosen = DateStyle { twelve_hours, month_first };
        eventually("the choice on the server", async || (style().await == chosen).then_some(())).await;
        browser.go("/").await;
        browser.send_message("add call Ann on dec 24 at 5pm").await;
        eventually(format_args!("{written} in the answer"), async || {
            let shown = browser.run("return document.querySelector('main').innerText", vec![]).await;
            shown.as_str().is_some_and(|text| text.contains(written)).then_some(())
        })
        .await;
    }
    browser.close().await;
}
