//! The reader's place in a long conversation.

use crate::support::{open_thread, sign_in};
use serde_json::Value;
use std::time::Duration;
use tandem_tests::{
    Browser, Reply, TestServer, TestUser,
    browser::{Screen, named, starting},
    eventually,
    scripted_server::ScriptedServer,
};

/// More exchanges than are mounted and loaded at first.
const EXCHANGES: usize = 60;

/// A laptop that shows the end of a long conversation.
async fn long_thread() -> (ScriptedServer, Browser) {
    let scripted = ScriptedServer::start(TestServer::setup().without_rate_limits()).await;
    scripted.provider.answer("Hello", [Reply::text("Hello to you.")]);
    let server = &scripted.server;
    let user = TestUser::register(server).await;
    let conversation = user.start_conversation("Long").await.id;
    for number in 0..EXCHANGES {
        user.send_message(conversation, &format!("Hello number {number}")).await;
        // A conversation has a queue of twenty.
        if number % 15 == 14 {
            user.settled(Duration::from_mins(1)).await;
        }
    }
    user.settled(Duration::from_mins(1)).await;
    let laptop = Browser::new(server, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    open_thread(&laptop, "Long").await;
    laptop.reads(&starting("article", "You"), &format!("Hello number {}", EXCHANGES - 1)).await;
    (scripted, laptop)
}

/// Goes to the top of what is mounted, and notes which message is there, and where.
const TO_TOP: &str = "
    const log = document.querySelector('.log');
    log.scrollTop = 0;
    window.mark = [...log.querySelectorAll('article')].find((it) => it.getBoundingClientRect().bottom > log.getBoundingClientRect().top);
    window.place = window.mark.getBoundingClientRect().top;
    window.mounted = log.querySelectorAll('article')[0];
    window.frames = 0;
    const count = () => { window.frames += 1; requestAnimationFrame(count); };
    requestAnimationFrame(count);";

/// By how many pixels that message has moved, when older ones are above it and nothing has changed for some frames.
const MOVED: &str = "
    const log = document.querySelector('.log');
    const now = JSON.stringify([log.scrollTop, log.querySelectorAll('article')[0].innerText]);
    if (now !== window.before) { window.before = now; window.since = window.frames; }
    if (log.querySelectorAll('article')[0] === window.mounted || window.frames - window.since < 20) return null;
    return Math.abs(window.mark.getBoundingClientRect().top - window.place);";

#[tokio::test]
async fn older_messages_that_are_mounted_at_the_top_move_nothing() {
    let (_server, laptop) = long_thread().await;
    // The reader leaves the end first, as with a wheel.
    laptop.run("document.querySelector('.log').scrollTop -= 300", Vec::new()).await;
    laptop.find(&starting("button", "Jump to latest")).await;
    for _ in 0..2 {
        laptop.run(TO_TOP, Vec::new()).await;
        let moved = eventually("older messages to be mounted and the log to be still", async || {
            laptop.run(MOVED, Vec::new()).await.as_f64()
        })
        .await;
        assert!(moved <= 1.0, "the message that was read moved by {moved} px");
    }
    laptop.close().await;
}

#[tokio::test]
async fn an_own_message_leads_to_the_end_from_anywhere() {
    let (_server, laptop) = long_thread().await;
    laptop.run("document.querySelector('.log').scrollTop -= 300", Vec::new()).await;
    let end = format!("Hello number {}", EXCHANGES - 1);
    eventually("the end not to be mounted", async || {
        laptop.run("document.querySelector('.log').scrollTop = 0", Vec::new()).await;
        let log = laptop.texts(&named("log", "Conversation")).await;
        (!log.iter().any(|text| text.contains(&end))).then_some(())
    })
    .await;
    laptop.send_message("Hello, where am I?").await;
    let shown = "
        const log = document.querySelector('.log');
        const mine = [...log.querySelectorAll('article')].find((it) => it.innerText.includes('where am I?'));
        return mine ? log.scrollHeight - log.scrollTop - log.clientHeight : null;";
    eventually("the own message at the end", async || {
        let left = laptop.run(shown, Vec::new()).await;
        left.as_f64().filter(|left| *left <= 1.0)
    })
    .await;
    assert_eq!(laptop.run("return document.querySelector('.jump')", Vec::new()).await, Value::Null);
    laptop.close().await;
}

#[tokio::test]
async fn a_search_leads_to_the_message_and_marks_it() {
    let (_server, laptop) = long_thread().await;
    laptop.press("\u{e009}k\u{e000}").await;
    laptop.write(&named("searchbox", "Search"), "\"number 7\"").await;
    eventually("the hit to be the first", async || {
        let hits =
            laptop.run("return [...document.querySelectorAll('.hit')].map((it) => it.innerText)", Vec::new()).await;
        hits[0].as_str().is_some_and(|hit| hit.contains("Hello number 7")).then_some(())
    })
    .await;
    laptop.press("\u{e007}").await;
    let place = "
        const log = document.querySelector('.log').getBoundingClientRect();
        const hit = document.querySelector('article[data-found]');
        if (!hit) return null;
        const box = hit.getBoundingClientRect();
        return [hit.innerText, box.top >= log.top && box.bottom <= log.bottom];";
    let found = eventually("the message to be marked", async || {
        let found = laptop.run(place, Vec::new()).await;
        (found[1] == true).then(|| found[0].as_str().unwrap_or_default().to_owned())
    })
    .await;
    assert!(found.starts_with("Hello number 7\n"), "{found}");
    laptop.close().await;
}

#[tokio::test]
async fn the_whole_conversation_is_printed() {
    let (scripted, laptop) = long_thread().await;
    let stub = "
        window.print = () => {
            window.dispatchEvent(new Event('beforeprint'));
            requestAnimationFrame(() => requestAnimationFrame(() => {
                window.printed = document.querySelectorAll('article').length;
                window.dispatchEvent(new Event('afterprint'));
            }));
        };";
    laptop.run(stub, Vec::new()).await;
    laptop.click(&named("button", "Conversation menu")).await;
    laptop.click(&named("button", "Print")).await;
    let printed = async || laptop.run("return window.printed || null", Vec::new()).await.as_u64();
    assert_eq!(eventually("the page to be printed", printed).await, 2 * EXCHANGES as u64);
    laptop.close().await;
    drop(scripted);
}
