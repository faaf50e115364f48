//! Resuming after a cut: no event is missing or duplicated.

use crate::support::{self, PACE};
use serde_json::json;
use tandem_protocol::{
    enums::WelcomeMode,
    live::{ServerFrame, client::ResumePoint},
};
use tandem_tests::{
    Device, Reply, TestUser,
    device::{Credentials, assert_equal, is_delta_of},
    provider::words,
};

#[tokio::test]
async fn a_device_that_was_cut_off_gets_exactly_what_it_missed() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let witness = Device::connected(&user, "witness").await;
    let mut device = Device::connected(&user, "travelling").await;
    for round in 0..5 {
        user.add_task(&format!("while connected {round}")).await;
        device.cut();
        let had = device.look(|seen| seen.replica.seq());
        user.add_task(&format!("while away {round}")).await;
        user.patch("/tasks/1").json(json!({ "title": format!("changed {round}") })).await.expect(200);
        let before = device.look(|seen| seen.events().count());
        assert_eq!(device.connect().await, WelcomeMode::Resumed);
        let replayed: Vec<i64> = device.look(|seen| seen.events().skip(before).map(|event| event.seq).collect());
        let top = had + i64::try_from(replayed.len()).unwrap();
        assert_eq!(replayed, (had + 1..=top).collect::<Vec<_>>());
    }
    assert_equal(&witness, &device).await;
}

#[tokio::test]
async fn a_resumed_reply_continues_at_the_offset_of_the_device() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let witness = Device::connected(&user, "witness").await;
    let mut device = Device::connected(&user, "travelling").await;
    let (word, reply) =
        fixture.start_reply(&device, [Reply::words(20, PACE).hold().and_words(20, 20, PACE).hold()]).await;
    device.text_of_at_least(reply, words(20).len()).await;
    device.cut();
    let had = device.text_of(reply);
    let frames = device.look(|seen| seen.frames.len());
    fixture.provider.release(&word);
    witness.text_of_at_least(reply, words(40).len()).await;

    assert_eq!(device.connect().await, WelcomeMode::Resumed);
    device.text_of_at_least(reply, words(40).len()).await;
    let offsets: Vec<usize> = device.look(|seen| {
        let deltas = seen.frames.iter().skip(frames).filter_map(|frame| match frame {
            ServerFrame::Delta(delta) if is_delta_of(frame, reply) => Some(delta.offset),
            _ => None,
        });
        deltas.collect()
    });
    assert_eq!(offsets.first(), Some(&had.len()), "what it has is not sent again");
    fixture.provider.release(&word);
    assert_eq!(device.ended(reply).await.text(), words(40));
    assert_equal(&witness, &device).await;
}

#[tokio::test]
async fn a_resume_point_of_another_log_leads_to_a_resync() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    user.add_task("known").await;
    let epoch = user.snapshot().await.epoch;
    let pasts =
        [ResumePoint { epoch: "another log".to_owned(), seq: 1 }, ResumePoint { epoch: epoch.clone(), seq: 1_000_000 }];
    for past in pasts {
        let mut device = Device::new(&user, "restored");
        device.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
        assert_eq!(device.hello_with(Some(past)).await.mode, WelcomeMode::Resync);
        device.load_snapshot().await;
        assert_eq!(device.hello().await.mode, WelcomeMode::Resumed);
        device.wait("live", |seen| seen.live.then_some(())).await;
        user.add_task("new").await;
        device.reach(user.snapshot().await.seq).await;
        assert_equal(&device, &Device::connected(&user, "fresh").await).await;
    }
}

#[tokio::test]
async fn a_device_without_a_resume_point_starts_at_the_head() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    user.add_task("before").await;
    let top = user.snapshot().await.seq;
    let mut device = Device::new(&user, "fresh");
    let welcome = device.connect_fresh().await;
    assert_eq!((welcome.mode, welcome.seq), (WelcomeMode::Fresh, top));
    user.add_task("after").await;
    device.reach(top + 1).await;
    assert_eq!(device.look(|seen| seen.events().count()), 1, "the past is not replayed");
    device.assert_faultless();
}

#[tokio::test]
async fn the_whole_log_can_be_replayed() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    for number in 0..20 {
        user.add_task(&format!("task {number}")).await;
    }
    let snapshot = user.snapshot().await;
    let mut device = Device::new(&user, "from the start");
    device.look(|seen| seen.replica = tandem_protocol::replica::Replica::at_start(snapshot.epoch.clone()));
    device.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
    let start = ResumePoint { epoch: snapshot.epoch, seq: 0 };
    assert_eq!(device.hello_with(Some(start)).await.mode, WelcomeMode::Resumed);
    device.reach(snapshot.seq).await;
    assert_eq!(device.look(|seen| seen.replica.tasks().len()), 20);
    device.assert_faultless();
}
