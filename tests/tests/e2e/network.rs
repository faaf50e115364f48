//! A network that goes silently: packets are lost and nothing is closed.

use crate::support::{behind_proxy, server, sign_in};
use serde_json::json;
use std::time::{Duration, Instant};
use tandem_tests::{
    Browser, Device, TestUser, assert_within,
    browser::{Screen, named, starting},
    device::Seen,
    eventually,
    proxy::Direction,
};

/// Waits until the page shows that it has no connection.
async fn is_lost(laptop: &Browser) {
    eventually("the loss to be shown", async || {
        let status = laptop.texts(&named("status", "Connection")).await;
        status.iter().any(|text| text.contains("Reconnecting") || text.contains("Offline")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_silent_loss_is_shown_within_seconds_and_over_soon_after_the_network_is_back() {
    let (server, proxy) = behind_proxy().await;
    let user = TestUser::register(&server).await;
    let laptop = Browser::through(&proxy, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    // A reply shows that the socket is open; the status of the first second does not.
    laptop.send_message("First of all").await;
    laptop.replies_ended(1).await;
    let status = named("status", "Connection");
    for direction in [Direction::Up, Direction::Down] {
        proxy.stall(direction);
    }
    laptop.send_message("Hello there").await;
    let sent = Instant::now();
    is_lost(&laptop).await;
    assert_within("a silent loss until it is shown", sent, Duration::from_secs(8));
    laptop.reads(&status, "Offline").await;
    // What was under way is lost, as with a real network.
    proxy.cut();
    proxy.recover();
    let back = Instant::now();
    laptop.reads(&status, "Connected").await;
    assert_within("a network that is back until the page is connected", back, Duration::from_secs(8));
    laptop.replies_ended(2).await;
    let said = laptop.texts(&starting("article", "You")).await;
    assert_eq!(said.iter().filter(|text| text.contains("Hello there")).count(), 1);
    laptop.close().await;
}

#[tokio::test]
async fn the_browser_that_notices_the_loss_is_believed_at_once() {
    let (server, proxy) = behind_proxy().await;
    let user = TestUser::register(&server).await;
    let laptop = Browser::through(&proxy, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    // A reply shows that the socket is open; the status of the first second does not.
    laptop.send_message("First of all").await;
    laptop.replies_ended(1).await;
    for direction in [Direction::Up, Direction::Down] {
        proxy.stall(direction);
    }
    laptop.run("window.dispatchEvent(new Event('offline'))", Vec::new()).await;
    is_lost(&laptop).await;
    proxy.cut();
    proxy.recover();
    laptop.reads(&named("status", "Connection"), "Connected").await;
    laptop.close().await;
}

#[tokio::test]
async fn a_page_that_was_left_is_not_connected_until_the_way_back() {
    let server = server().await;
    let user = TestUser::register(server).await;
    let phone = Device::connected(&user, "phone").await;
    let laptop = Browser::new(server, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    let devices = |count: usize| move |seen: &Seen| (seen.replica.presence().len() == count).then_some(());
    phone.wait("both devices", devices(2)).await;
    laptop.leave().await;
    phone.wait("the laptop to be gone", devices(1)).await;
    laptop.back().await;
    phone.wait("the laptop to be back", devices(2)).await;
    laptop.send_message("Hello again").await;
    laptop.replies_ended(1).await;
    laptop.close().await;
}

#[tokio::test]
async fn the_mark_is_in_the_middle_while_the_program_loads() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    laptop.load_slowly(Some(40_000)).await;
    laptop.go("/sign-in").await;
    let measure = "
        const { left, right, top, bottom } = document.querySelector('main .i').getBoundingClientRect();
        const off = Math.max(Math.abs(left + right - innerWidth), Math.abs(top + bottom - innerHeight));
        return [off < 2, right - left > 32, document.querySelectorAll('button').length];";
    assert_eq!(laptop.run(measure, Vec::new()).await, json!([true, true, 0]));
    laptop.load_slowly(None).await;
    laptop.find(&named("button", "Sign in")).await;
    assert_eq!(laptop.run("return document.querySelectorAll('main').length", Vec::new()).await, 1);
    laptop.close().await;
}
