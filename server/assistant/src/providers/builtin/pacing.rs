//! Streams a plan: the text word by word, so that it is seen to grow as with a model, then the calls.

use super::plan::AnswerPlan;
use crate::provider::{Chunk, ChunkStream, Finish};
use futures_util::{StreamExt as _, stream};
use std::time::Duration;

const CHUNK_INTERVAL: Duration = Duration::from_millis(20);
/// Chunks of the text of one answer: a longer text has longer chunks, and takes about a second.
const MAX_CHUNKS: usize = 50;

pub(super) fn stream(plan: AnswerPlan) -> ChunkStream {
    let text = text_chunks(&plan.text).into_iter().map(|text| Chunk { text, ..Chunk::default() });
    let end = Chunk { calls: plan.calls, finish: Some(Finish::Stop), usage: Some((0, 0)), ..Chunk::default() };
    let chunks: Vec<Chunk> = text.chain([end]).collect();
    let paced = stream::iter(chunks).enumerate().then(|(at, chunk)| async move {
        if at > 0 && !chunk.text.is_empty() {
            tokio::time::sleep(CHUNK_INTERVAL).await;
        }
        Ok(chunk)
    });
    paced.boxed()
}

/// The text cut after words, into chunks that add up to it.
fn text_chunks(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let size = words.len().div_ceil(MAX_CHUNKS).max(1);
    words.chunks(size).map(<[&str]>::concat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_chunks_are_words_and_make_up_the_text() {
        assert_eq!(text_chunks("Added **Milk** (#1)."), ["Added ", "**Milk** ", "(#1)."]);
        let long = "word\n".repeat(1_000);
        let text_chunks = text_chunks(&long);
        assert_eq!((text_chunks.len(), text_chunks.concat()), (MAX_CHUNKS, long));
    }
}
