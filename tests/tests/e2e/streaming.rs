//! A running reply: it grows, continues after a reload, and can be stopped.

use crate::support::{
    PACE, assert_grew, growth, open_thread, reply_shows, scripted, sign_in, two_browsers, watch_growth,
};
use tandem_tests::{
    Browser, Reply, TestUser,
    browser::{Screen, named, starting},
    eventually, fresh,
    provider::words,
};

/// The last word of a reply of so many words, which no other word contains.
fn last_word(count: usize) -> String {
    words(count).split_whitespace().last().expect("there are words").to_owned()
}

#[tokio::test]
async fn a_reload_in_the_middle_of_a_reply_loses_nothing() {
    let (server, provider) = scripted().await;
    let (laptop, tablet, _) = two_browsers(&server, [Screen::LAPTOP; 2]).await;
    let word = fresh::word("story");
    provider.answer(&word, [Reply::words(40, PACE).hold().and_words(40, 40, PACE)]);
    laptop.send_message(&word).await;
    open_thread(&tablet, &word).await;
    tokio::join!(watch_growth(&laptop), watch_growth(&tablet));
    for browser in [&laptop, &tablet] {
        reply_shows(browser, &last_word(40)).await;
    }
    let shown = laptop.last_reply().await;

    laptop.reload().await;
    reply_shows(&laptop, &last_word(40)).await;
    let reply = starting("article", "Assistant");
    assert_eq!(laptop.attribute(&reply, "aria-busy").await.as_deref(), Some("true"), "the reply still runs");
    for text in shown.split_whitespace().filter(|text| words(40).contains(text)) {
        assert!(laptop.last_reply().await.contains(text), "{text} was shown before the reload");
    }
    watch_growth(&laptop).await;
    provider.release(&word);
    for browser in [&laptop, &tablet] {
        browser.replies_ended(1).await;
        reply_shows(browser, words(80).trim()).await;
        assert_grew(&growth(browser).await, 3);
    }
    assert_eq!(provider.requests(&word).len(), 1, "a reload asks nothing of the provider");
    tokio::join!(laptop.close(), tablet.close());
}

#[tokio::test]
async fn stop_ends_the_reply_on_both_devices() {
    let (server, provider) = scripted().await;
    let (laptop, tablet, _) = two_browsers(&server, [Screen::LAPTOP; 2]).await;
    let word = fresh::word("endless");
    provider.answer(&word, [Reply::words(12, PACE).hang()]);
    laptop.send_message(&word).await;
    open_thread(&tablet, &word).await;
    reply_shows(&tablet, &last_word(12)).await;
    tablet.click(&named("button", "Stop")).await;
    for browser in [&laptop, &tablet] {
        browser.replies_ended(1).await;
        reply_shows(browser, "You stopped this reply").await;
        reply_shows(browser, words(12).trim()).await;
        browser.find(&named("button", "Send")).await;
    }
    provider.wait_for_hang_up(&word).await;
    tokio::join!(laptop.close(), tablet.close());
}

#[tokio::test]
async fn a_message_written_during_a_reply_waits_for_its_turn() {
    let (server, provider) = scripted().await;
    let (laptop, tablet, _) = two_browsers(&server, [Screen::LAPTOP; 2]).await;
    let (first, second) = (fresh::word("first"), fresh::word("second"));
    provider.answer(&first, [Reply::words(5, PACE).hold()]);
    provider.answer(&second, [Reply::text("The second answer.")]);
    laptop.send_message(&first).await;
    reply_shows(&laptop, &last_word(5)).await;
    let message = named("textbox", "Message");
    laptop.write(&message, &second).await;
    laptop.click(&named("button", "Queue")).await;
    assert_eq!(laptop.value(&message).await, "");
    laptop.reads(&starting("article", "You"), &second).await;
    laptop.find(&named("button", "Stop")).await;
    provider.release(&first);
    laptop.replies_ended(2).await;
    reply_shows(&laptop, "The second answer.").await;
    tablet.go(&laptop.path().await).await;
    reply_shows(&tablet, "The second answer.").await;
    tokio::join!(laptop.close(), tablet.close());
}

#[tokio::test]
async fn markup_from_a_model_is_text_and_nothing_leaves_the_page() {
    let (server, provider) = scripted().await;
    let (laptop, tablet, _) = two_browsers(&server, [Screen::LAPTOP; 2]).await;
    tablet.close().await;
    let word = fresh::word("evil");
    let text = "<img src=x onerror=\"window.owned=1\"> <script>window.owned=1</script> \
                [link](javascript:window.owned=1) ![picture](https://evil.example/x.png)\n\n\
                **bold** and `code`\n\n```js\nalert(1)\n```\n\nThe end.";
    provider.answer(&word, [Reply::text(text)]);
    laptop.send_message(&word).await;
    laptop.replies_ended(1).await;
    reply_shows(&laptop, "The end.").await;
    let found = laptop.run(
        "const log = document.querySelector('[role=log]');
         const hrefs = [...log.querySelectorAll('a')].map((it) => it.href);
         return [window.owned || 0, log.querySelectorAll('img, script, iframe').length,
                 hrefs.filter((it) => it.startsWith('javascript:')).length, log.querySelectorAll('strong').length];",
        Vec::new(),
    );
    assert_eq!(found.await, serde_json::json!([0, 0, 0, 1]));
    laptop.find(&named("button", "Copy code")).await;
    let script =
        "return performance.getEntriesByType('resource').filter((it) => !it.name.startsWith(location.origin)).length";
    assert_eq!(laptop.run(script, Vec::new()).await, serde_json::json!(0));
    laptop.close().await;
}

#[tokio::test]
async fn a_block_that_is_added_to_a_long_reply_restyles_none_of_those_before_it() {
    let (server, provider) = scripted().await;
    let user = TestUser::register(&server).await;
    let laptop = Browser::traced(&server, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    let word = fresh::word("treatise");
    let blocks = |count: usize| "# Title\n\nSome *words*.\n\n- one\n- two\n\n> quoted\n\n".repeat(count);
    let mut reply = Reply::text(&blocks(200)).hold();
    for _ in 0..20 {
        // After the words of the one before, which would else stand in the line of the heading.
        reply = reply.then(Reply::text(&format!("\n\n{}", blocks(1))).and_words(0, 2, PACE));
    }
    provider.answer(&word, [reply]);
    laptop.send_message(&word).await;
    let mounted = |count: usize| format!("return document.querySelectorAll('.prose h3').length >= {count}");
    eventually("the long reply", async || (laptop.run(&mounted(200), Vec::new()).await == true).then_some(())).await;
    provider.release(&word);
    laptop.replies_ended(1).await;
    eventually("the whole reply", async || (laptop.run(&mounted(220), Vec::new()).await == true).then_some(())).await;
    let restyled = laptop.restyled().await;
    // The reply has over 1,600 elements.
    let last = restyled.len().saturating_sub(10);
    assert!(last > 0 && restyled[last..].iter().all(|elements| *elements < 400), "{restyled:?}");
    laptop.close().await;
}
