//! A plan as a stream: text word by word, so that a person sees it grow, then the calls.

use super::plan::AnswerPlan;
use crate::provider::{Chunk, ChunkStream, Finish};
use futures_util::{StreamExt as _, stream};
use std::time::Duration;

/// From one piece to the next.
const EVERY: Duration = Duration::from_millis(20);
/// Most pieces of a reply: longer ones have longer pieces, and take no more than about a second.
const MAX_PIECES: usize = 50;

/// The plan on its way.
pub(super) fn stream(plan: AnswerPlan) -> ChunkStream {
    let text = pieces(&plan.text).into_iter().map(|text| Chunk { text, ..Chunk::default() });
    let end = Chunk { calls: plan.calls, finish: Some(Finish::Stop), usage: Some((0, 0)), ..Chunk::default() };
    let chunks: Vec<Chunk> = text.chain([end]).collect();
    let paced = stream::iter(chunks).enumerate().then(|(at, chunk)| async move {
        if at > 0 && !chunk.text.is_empty() {
            tokio::time::sleep(EVERY).await;
        }
        Ok(chunk)
    });
    paced.boxed()
}

/// The text cut after words. Put together the pieces are the text.
fn pieces(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let size = words.len().div_ceil(MAX_PIECES).max(1);
    words.chunks(size).map(<[&str]>::concat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_words_and_make_up_the_text() {
        assert_eq!(pieces("Added **Milk** (#1)."), ["Added ", "**Milk** ", "(#1)."]);
        let long = "word\n".repeat(1_000);
        let pieces = pieces(&long);
        assert_eq!((pieces.len(), pieces.concat()), (MAX_PIECES, long));
    }
}
