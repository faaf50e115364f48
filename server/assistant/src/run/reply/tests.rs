//! The parts of a reply while it is written.

use super::*;
use std::time::Duration;

#[test]
fn text_of_an_answer_is_one_part_and_offsets_are_bytes() {
    let mut reply = ReplyBuffer::new(Vec::new());
    assert_eq!(reply.push(TextKind::Text, "wörd "), (0, 0));
    assert_eq!(reply.push(TextKind::Text, "🙂"), (0, 6));
    reply.close_text();
    assert_eq!(reply.push(TextKind::Text, "next"), (1, 0));
    assert_eq!(reply.parts, [Part::text("wörd 🙂"), Part::text("next")]);
}

#[test]
fn shown_text_is_counted_in_characters_from_a_part_on() {
    let reply = ReplyBuffer::new(vec![Part::text("before"), Part::text("🙂é")]);
    assert_eq!(reply.text_chars(1), 2);
    assert_eq!(reply.text_chars(2), 0);
}

#[tokio::test(start_paused = true)]
async fn thoughts_of_an_answer_are_one_part_whose_time_counts_while_it_thinks() {
    let mut reply = ReplyBuffer::new(Vec::new());
    let pause = || tokio::time::advance(Duration::from_secs(2));
    assert_eq!(reply.push(TextKind::Reasoning, "Hm"), (0, 0));
    pause().await;
    assert_eq!(reply.push(TextKind::Reasoning, ", "), (0, 2));
    pause().await;
    reply.end_thoughts();
    assert_eq!(reply.push(TextKind::Text, "Well"), (1, 0));
    assert_eq!(reply.take_ended(), Some(0));
    pause().await;
    assert_eq!(reply.push(TextKind::Reasoning, "so."), (0, 4));
    pause().await;
    assert_eq!(reply.push(TextKind::Text, "."), (1, 4));
    reply.close_text();
    assert_eq!(reply.parts, [Part::Reasoning { text: "Hm, so.".into(), duration_ms: 6_000 }, Part::text("Well.")]);
    assert_eq!((reply.text_chars(0), reply.take_ended()), (5, Some(0)));
    assert_eq!(reply.push(TextKind::Reasoning, "Next"), (2, 0));
}
