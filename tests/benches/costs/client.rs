//! What a device does with a reply: the replica, and the Markdown that is drawn.

use crate::texts::{TOKENS, deltas, event, reply, tokens};
use criterion::{BatchSize, Criterion, Throughput};
use std::hint::black_box;
use tandem_markdown::Document;
use tandem_protocol::{
    ConversationId, Timestamp,
    enums::MessageState,
    live::{EventBody, ServerFrame},
    model::Conversation,
    replica::Replica,
};

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replica");
    let frames = frames();
    group.throughput(Throughput::Elements(u64::try_from(TOKENS).unwrap()));
    group.bench_function(format!("a reply of {TOKENS} tokens, read and applied"), |bencher| {
        bencher.iter_batched(
            || Replica::at_start("epoch"),
            |mut replica| {
                for frame in frames.iter().flat_map(|text| ServerFrame::parse(text).unwrap()) {
                    replica.apply(&frame);
                }
                assert!(replica.faults().is_empty());
                replica
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();

    let mut group = criterion.benchmark_group("Markdown");
    for count in [TOKENS, 10 * TOKENS] {
        let tokens = tokens(count);
        group.throughput(Throughput::Elements(u64::try_from(count).unwrap()));
        group.bench_function(format!("a reply of {count} tokens, drawn after each"), |bencher| {
            bencher.iter(|| {
                let mut document = Document::default();
                for token in &tokens {
                    document.append(token);
                    black_box(document.blocks());
                }
                document.finish();
                document
            });
        });
    }
    group.finish();
}

/// The frames of a reply as a device is sent them.
fn frames() -> Vec<String> {
    let text: String = tokens(TOKENS).concat();
    let conversation = Conversation::empty(ConversationId(crate::texts::id(1)), Timestamp::from_millis(0));
    let begin = [
        EventBody::ConversationCreated { conversation },
        EventBody::MessageCreated { message: reply(MessageState::Streaming, "") },
    ];
    let end = EventBody::MessageCompleted { message: reply(MessageState::Complete, &text) };
    let begin = (1..).zip(&begin).map(|(seq, body)| ServerFrame::Event(event(seq, body)));
    let tokens = deltas(TOKENS).into_iter().map(ServerFrame::Delta);
    let frames = begin.chain(tokens).chain([ServerFrame::Event(event(3, &end))]);
    frames.map(|frame| frame.to_json()).collect()
}
