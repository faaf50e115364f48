//! Makes a conversation fit the context of a model.

use super::{ChatHistory, ChatTurn, Exchange, sizes};
use std::ops::Range;

/// Characters of a tool result in an earlier exchange.
const OLD_RESULT_CHARS: usize = 200;
/// Characters of a result in the current reply, when the last exchange alone exceeds the budget.
const NEW_RESULT_CHARS: usize = 4_000;
/// Exchanges that are sent, and that stay when the older ones are summarised. The service reads a limited number of messages.
const MAX_EXCHANGES: usize = 80;
const KEPT_EXCHANGES: usize = 40;

/// Shortens, then drops, until the exchanges fit the budget.
///
/// It removes in portions of half a budget, so that the start of a request stays the same for several messages.
pub(super) fn fit(mut exchanges: Vec<Exchange>, budget: usize) -> ChatHistory {
    let sizes: Vec<usize> = exchanges.iter().map(Exchange::size).collect();
    let (total, portion): (usize, _) = (sizes.iter().sum(), (budget / 2).max(1));
    let target = total.saturating_sub(total.saturating_sub(budget).div_ceil(portion) * portion);
    let old = exchanges.len().saturating_sub(1);
    let first = usize::from(exchanges.first().is_some_and(|exchange| exchange.is_summary));
    let mut left = total;
    for exchange in &mut exchanges[..old] {
        if left <= target {
            break;
        }
        left -= exchange.size();
        shorten(&mut exchange.turns, OLD_RESULT_CHARS);
        left += exchange.size();
    }
    let mut end = first;
    while left > target && end < old {
        // A whole exchange at a time: a result without its call would be refused.
        left -= exchanges[end].size();
        end += 1;
    }
    let outgrown = outgrown(&exchanges, &sizes, first..end, budget);
    exchanges.drain(first..end);
    if left > budget
        && let Some(current) = exchanges.last_mut()
    {
        shorten(&mut current.turns, NEW_RESULT_CHARS);
    }
    let turns = exchanges.into_iter().flat_map(|exchange| exchange.turns).collect();
    ChatHistory { turns, is_truncated: end > first, outgrown }
}

/// The last message of the exchanges that a summary should stand for: those that are dropped, and so many after them that
/// it takes a while until the next summary.
fn outgrown(exchanges: &[Exchange], sizes: &[usize], dropped: Range<usize>, budget: usize) -> Option<usize> {
    let old = exchanges.len().saturating_sub(1);
    let mut end = dropped.end;
    if old - dropped.start > MAX_EXCHANGES {
        end = end.max(old - KEPT_EXCHANGES);
    }
    if end == dropped.start {
        return None;
    }
    let mut kept: usize = sizes[end..].iter().sum();
    while kept > budget / 2 && end < old {
        kept -= sizes[end];
        end += 1;
    }
    Some(exchanges[end - 1].last)
}

pub(super) fn turn_size(turn: &ChatTurn) -> usize {
    match turn {
        ChatTurn::User(text) => text.len(),
        ChatTurn::Assistant { text, calls, echo } => {
            let thoughts = if echo.is_empty() { 0 } else { sizes::json_bytes(echo) };
            text.len() + thoughts + calls.iter().map(|call| call.name.len() + call.arguments.len()).sum::<usize>()
        }
        ChatTurn::Tool { result, .. } => result.len(),
    }
}

fn shorten(turns: &mut [ChatTurn], chars: usize) {
    for turn in turns {
        if let ChatTurn::Tool { result, .. } = turn {
            sizes::truncate_chars(result, chars);
        }
    }
}
