//! Encoding frames, and their way through the hub into the queues of devices.

use crate::texts::{TOKENS, deltas, event, id, reply};
use criterion::{BatchSize, Criterion, Throughput};
use std::{hint::black_box, sync::Arc};
use tandem_bus::{BusMessage, Listener as _};
use tandem_protocol::{
    DeviceId, SessionId, Timestamp, UserId,
    enums::MessageState,
    id::ConnectionId,
    live::{Delta, Event, EventBody, ServerFrame, server::PresentDevice},
};
use tandem_realtime::{
    Hub,
    hub::Registration,
    send_queue::SendQueue,
    wire::{EncodedEvent, encode},
};

/// Devices of the user, as many as the table of performance counts with, and many.
const DEVICES: [usize; 2] = [2, 1_000];
/// Events that wait for a device.
const WAITING: i64 = 100;

pub(crate) fn measure(criterion: &mut Criterion) {
    let deltas = deltas(TOKENS);
    let events: Vec<Event> = (1..=WAITING).map(completed).collect();
    let mut group = criterion.benchmark_group("encode");
    let (delta, event) = (ServerFrame::Delta(deltas[100].clone()), ServerFrame::Event(events[0].clone()));
    group.bench_function("a token", |bencher| bencher.iter(|| encode(black_box(&delta))));
    group.bench_function("an event with a whole reply", |bencher| bencher.iter(|| encode(black_box(&event))));
    group.finish();

    let mut group = criterion.benchmark_group("fan out");
    for devices in DEVICES {
        group.throughput(Throughput::Elements(u64::try_from(TOKENS * devices).unwrap()));
        group.bench_function(format!("a reply of {TOKENS} tokens to {devices} devices"), |bencher| {
            bencher.iter_batched(|| connected(devices), |hub| stream(&hub, &deltas), BatchSize::LargeInput);
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("send queue");
    let encoded: Vec<EncodedEvent> = events.iter().map(EncodedEvent::from).collect();
    group.throughput(Throughput::Elements(WAITING.unsigned_abs()));
    group.bench_function(format!("{WAITING} events, pushed and taken"), |bencher| {
        bencher.iter(|| {
            let queue = SendQueue::new(None);
            for event in &encoded {
                let _ = queue.push_event(event);
            }
            drain(&queue)
        });
    });
    group.finish();
}

fn completed(seq: i64) -> Event {
    let text: String = crate::texts::tokens(TOKENS).concat();
    event(seq, &EventBody::MessageCompleted { message: reply(MessageState::Complete, &text) })
}

fn user() -> UserId {
    UserId::from("ann")
}

/// A hub with devices of one user, and their queues.
fn connected(devices: usize) -> (Hub, Vec<Arc<SendQueue>>) {
    let (hub, _signals) = Hub::new(devices);
    hub.set_head(&user(), 0, &[]);
    let queues = (0..devices).map(|number| {
        let (number, queue) = (id(u128::try_from(number).unwrap()), Arc::new(SendQueue::new(None)));
        let connection = ConnectionId(number);
        let (id, connected_at) = (DeviceId::from(number.to_string()), Timestamp::from_millis(0));
        let device = PresentDevice { id, name: String::new(), connected_at };
        let registration = Registration { connection, session: SessionId(number), device, queue: Arc::clone(&queue) };
        hub.register(&user(), registration);
        hub.set_head(&user(), 0, &[]);
        hub.release(&user(), connection, 0, |_| "live".into(), &[]).unwrap();
        queue
    });
    let queues = queues.collect();
    (hub, queues)
}

/// Publishes a reply to devices that keep up: each takes every token.
fn stream((hub, queues): &(Hub, Vec<Arc<SendQueue>>), deltas: &[Delta]) -> usize {
    let mut taken = 0;
    for delta in deltas {
        hub.on_message(&user(), &BusMessage::Delta(Arc::new(delta.clone())));
        taken += queues.iter().map(|queue| queue.take().len()).sum::<usize>();
    }
    taken
}

fn drain(queue: &SendQueue) -> usize {
    let taken = std::iter::repeat_with(|| queue.take().len()).take_while(|taken| *taken > 0);
    taken.sum()
}
