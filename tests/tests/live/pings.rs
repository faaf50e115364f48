//! Ping and pong: silent connections are detected.

use crate::{handshake::assert_ended_with, support};
use std::time::Duration;
use tandem_protocol::{
    limits::{PING_INTERVAL, PONG_TIMEOUT},
    live::{CloseCode, ServerFrame},
};
use tandem_tests::{Device, TestUser};

/// Time limit for the close of a device without pongs, with a margin for a busy machine.
const PATIENCE: Duration = PING_INTERVAL.saturating_add(PONG_TIMEOUT).saturating_add(Duration::from_secs(15));

#[tokio::test]
async fn a_device_that_answers_pings_stays_and_one_that_does_not_is_cut_off() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let listening = Device::connected(&user, "listening").await;
    let mut deaf = Device::new(&user, "deaf").without_pongs();
    deaf.connect().await;
    let closed = deaf.wait_within(PATIENCE, "the end of the deaf device", |seen| seen.closed.clone()).await;
    assert_ended_with(&closed, CloseCode::NoPong);
    listening
        .wait("a ping", |seen| seen.frames.iter().any(|frame| matches!(frame, ServerFrame::Ping(_))).then_some(()))
        .await;
    assert!(listening.look(|seen| seen.closed.is_none()));
    listening.assert_faultless();
}
