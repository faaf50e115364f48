//! The server is killed during a reply, and the page recovers.

use crate::support::{PACE, open_thread, reply_shows, scripted, two_browsers};
use std::time::Duration;
use tandem_tests::{
    Reply,
    browser::{Screen, named, starting},
    eventually, fresh,
    provider::words,
};

#[tokio::test]
async fn a_reply_ends_after_a_kill_and_restart() {
    let (server, provider) = scripted().await;
    let (laptop, tablet, user) = two_browsers(&server, [Screen::LAPTOP; 2]).await;
    let word = fresh::word("story");
    provider.answer(&word, [Reply::words(300, PACE), Reply::words(300, Duration::from_millis(2))]);
    laptop.send_message(&word).await;
    open_thread(&tablet, &word).await;
    let twentieth = words(20).split_whitespace().last().unwrap().to_owned();
    for browser in [&laptop, &tablet] {
        reply_shows(browser, &twentieth).await;
    }
    server.kill();
    for browser in [&laptop, &tablet] {
        browser.reads(&named("status", "Connection"), "Reconnecting").await;
        assert!(browser.last_reply().await.contains(&twentieth), "what was shown stays while the server is away");
    }
    let draft = named("textbox", "Message");
    laptop.write(&draft, "written while it was away").await;

    server.start().await;
    for browser in [&laptop, &tablet] {
        browser.reads(&named("status", "Connection"), "Connected").await;
        browser.replies_ended(1).await;
    }
    assert_eq!(laptop.value(&draft).await, "written while it was away");
    assert!(user.snapshot().await.active_messages.is_empty());
    let ended = eventually("both devices to show the same end", async || {
        let (one, two) = (laptop.last_reply().await, tablet.last_reply().await);
        (one == two).then_some(one)
    })
    .await;
    let whole = ended.contains(words(300).trim());
    let interrupted = laptop.sees(&named("button", "Continue").within(starting("article", "Assistant"))).await;
    assert!(whole || interrupted, "the reply is complete, or shown as interrupted: {ended:?}");
    tokio::join!(laptop.close(), tablet.close());
}
