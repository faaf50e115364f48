//! All devices of a user get the same events in the same order.

use crate::support;
use futures_util::future::join_all;
use tandem_protocol::{DeviceId, enums::TaskStatus, live::Command};
use tandem_tests::{Device, TestUser, commands, device::assert_equal};

#[tokio::test]
async fn a_change_on_one_device_is_seen_on_the_other() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&user, "phone").await);
    laptop.command(&commands::add_task("Buy milk")).await.expect("a task can be added");
    let task = phone.wait("the task", |seen| seen.replica.tasks().first().map(|task| (*task).clone())).await;
    assert_eq!(task.title, "Buy milk");
    phone.command(&Command::TaskComplete(task.id.into())).await.expect("it can be completed");
    laptop
        .wait("the completion", |seen| {
            seen.replica.task(task.id).filter(|task| task.status == TaskStatus::Done).map(|_| ())
        })
        .await;
    assert_equal(&laptop, &phone).await;
}

#[tokio::test]
async fn devices_that_write_at_once_see_one_order() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let mut devices = Vec::new();
    for name in ["laptop", "phone", "tablet", "watch"] {
        devices.push(Device::connected(&user, name).await);
    }
    devices.push({
        let mut batching = Device::new(&user, "batching").batching();
        batching.connect().await;
        batching
    });
    let writes = devices.iter().map(|device| async move {
        for number in 0..10 {
            let title = format!("{number} of {}", device.id());
            device.command(&commands::add_task(title.as_str())).await.expect("a task can be added");
        }
    });
    join_all(writes).await;
    let (first, others) = devices.split_first().expect("there are five");
    first.wait("all tasks", |seen| (seen.replica.tasks().len() == 50).then_some(())).await;
    let order = |device: &Device| device.look(|seen| seen.events().map(|event| event.seq).collect::<Vec<_>>());
    for other in others {
        assert_equal(first, other).await;
        let (one, two) = (order(first), order(other));
        let shared = one.len().min(two.len());
        assert_eq!(one[one.len() - shared..], two[two.len() - shared..]);
    }
}

#[tokio::test]
async fn an_event_names_the_device_and_the_command() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&user, "phone").await);
    let ack = laptop.command(&commands::add_task("Whose?")).await.expect("a task can be added");
    phone.reach(ack.seq).await;
    let event =
        phone.look(|seen| seen.events().find(|event| event.seq == ack.seq).cloned()).expect("it came as an event");
    assert_eq!(event.command_id, Some(ack.id));
    assert_eq!(event.actor.device_id.as_ref().map(DeviceId::as_str), Some(laptop.id()));
}

#[tokio::test]
async fn presence_names_each_connected_device_once() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let laptop = Device::connected(&user, "laptop").await;
    let mut phone = Device::connected(&user, "phone").await;
    let names = async |count: usize| {
        laptop
            .wait(format_args!("{count} devices"), |seen| {
                let present = seen.replica.presence();
                (present.len() == count).then(|| present.iter().map(|it| it.name.clone()).collect::<Vec<_>>())
            })
            .await
    };
    let mut both = names(2).await;
    both.sort();
    assert_eq!(both, ["laptop", "phone"]);
    phone.cut();
    assert_eq!(names(1).await, ["laptop"]);
}
