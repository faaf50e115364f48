//! A model that thinks before it writes, as the page shows it.

use crate::support::{PACE, open_thread, reply_shows, scripted, two_browsers};
use tandem_tests::{
    Reply,
    browser::{Screen, named, starting},
    eventually, fresh,
    provider::words,
};

#[tokio::test]
async fn a_thought_is_folded_and_opens_while_it_streams() {
    let (server, provider) = scripted().await;
    let (laptop, tablet, _) = two_browsers(&server, [Screen::LAPTOP; 2]).await;
    let word = fresh::word("puzzle");
    let script = Reply::default().and_thoughts(0, 6, PACE).hold().and_thoughts(6, 4, PACE);
    provider.answer(&word, [script.hold().then(Reply::text("It is four."))]);
    laptop.send_message(&word).await;
    open_thread(&tablet, &word).await;
    let thinking = named("button", "Thinking…");
    for browser in [&laptop, &tablet] {
        assert_eq!(browser.attribute(&thinking, "aria-expanded").await.as_deref(), Some("false"));
    }
    assert!(!laptop.last_reply().await.contains("plain0"), "it is folded");
    tablet.click(&thinking).await;
    reply_shows(&tablet, words(6).trim()).await;
    // A device that comes back has the thought so far, and gets the rest.
    laptop.reload().await;
    laptop.click(&thinking).await;
    reply_shows(&laptop, words(6).trim()).await;
    provider.release(&word);
    for browser in [&laptop, &tablet] {
        reply_shows(browser, words(10).trim()).await;
    }
    provider.release(&word);
    let thought = starting("button", "Thought for");
    for browser in [&laptop, &tablet] {
        browser.replies_ended(1).await;
        reply_shows(browser, "It is four.").await;
        let open = browser.attribute(&thought, "aria-expanded").await;
        assert_eq!(open.as_deref(), Some("true"), "it stays as it was when the reply ends");
        browser.click(&thought).await;
        eventually("the thought to be folded", async || (!browser.last_reply().await.contains("plain0")).then_some(()))
            .await;
    }
    tokio::join!(laptop.close(), tablet.close());
}
