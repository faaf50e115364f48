//! Positions of tasks in their order: texts of letters and digits, compared as bytes.
//!
//! A text fits between any two others, so that moving a task writes that task only. Such texts get longer: each move
//! into the same gap halves it. At the ends of the list there is no gap to halve, and a position is a step beyond the
//! last one instead, so that the top of a list can be taken again and again. Whoever finds a position longer than
//! [`LONGEST`] gives the tasks around it new ones, by [`spread`].
//!
//! **Invariant:** a position made here does not end in the lowest digit: there is always room before it.

/// The digits in ascending order.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE: u128 = 62;
/// Characters of the longest position that is made.
pub const LONGEST: usize = 40;
/// Characters of the longest position that is accepted from a client.
pub const LONGEST_ACCEPTED: usize = 100;
/// Characters of the positions beyond the ends. Those of new tasks have ten (`task::create`), so that millions of steps
/// fit before the first one.
const STEP_CHARS: usize = 16;
/// A step leaves room for moves to between two tasks that were moved to the same end.
const STEP: u128 = BASE * BASE;

/// Whether a client may give this position.
pub fn is_valid(position: &str) -> bool {
    // ASCII alone has the same order as bytes, in both databases and in the client.
    (1..=LONGEST_ACCEPTED).contains(&position.len()) && position.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The position of a new task: the tasks stand in the order of their numbers.
pub fn of_number(number: i64) -> String {
    format!("{number:010}")
}

/// A position between two others; `None` stands for an end of the list. Returns `None` if there is none: the two are
/// equal, in the wrong order, or differ only in trailing lowest digits.
pub fn between(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let beyond = match (before, after) {
        (None, Some(after)) => number(after)?.checked_sub(STEP).filter(|step| *step > 0),
        (Some(before), None) => Some(number(before)? + STEP).filter(|step| *step < BASE.pow(chars(STEP_CHARS))),
        _ => None,
    };
    beyond.map(text).or_else(|| middle(before, after))
}

/// As many positions between two others, in ascending order and evenly spread.
pub fn spread(before: Option<&str>, after: Option<&str>, count: usize) -> Option<Vec<String>> {
    if count == 0 {
        return Some(Vec::new());
    }
    let middle = middle(before, after)?;
    let mut all = spread(before, Some(&middle), count / 2)?;
    let above = spread(Some(&middle), after, count - count / 2 - 1)?;
    all.push(middle);
    all.extend(above);
    Some(all)
}

/// The text in the middle of two others.
fn middle(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let low = before.unwrap_or("").as_bytes();
    // The upper bound of the next digit. There is none once the text is smaller than `after`.
    let mut bound = after.map(str::as_bytes);
    if bound.is_some_and(|high| low >= high) {
        return None;
    }
    let mut text = String::new();
    for at in 0.. {
        let floor = low.get(at).map_or(Some(0), |byte| digit(*byte))?;
        let ceiling = match bound {
            Some(high) => digit(*high.get(at)?)?,
            None => DIGITS.len(),
        };
        if ceiling > floor + 1 {
            text.push(char::from(DIGITS[usize::midpoint(floor, ceiling)]));
            break;
        }
        // No digit fits between the two here: continue with the next place.
        text.push(char::from(DIGITS[floor]));
        if ceiling != floor {
            bound = None;
        }
    }
    Some(text)
}

fn digit(byte: u8) -> Option<usize> {
    DIGITS.iter().position(|digit| *digit == byte)
}

/// The first [`STEP_CHARS`] characters as a number.
fn number(position: &str) -> Option<u128> {
    let digits = position.bytes().chain(std::iter::repeat(DIGITS[0])).take(STEP_CHARS);
    let mut number = 0;
    for byte in digits {
        number = number * BASE + digit(byte)? as u128;
    }
    Some(number)
}

fn text(mut number: u128) -> String {
    let mut digits = [DIGITS[0]; STEP_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = usize::try_from(number % BASE).map_or(DIGITS[0], |value| DIGITS[value]);
        number /= BASE;
    }
    String::from_utf8_lossy(&digits).trim_end_matches(char::from(DIGITS[0])).to_owned()
}

fn chars(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ends_can_be_taken_again_and_again() {
        let (mut first, mut last) = (of_number(1), of_number(10_000));
        for _ in 0..10_000 {
            let before = between(None, Some(&first)).unwrap();
            let after = between(Some(&last), None).unwrap();
            assert!(before < first && last < after, "{before} {first}, {last} {after}");
            assert!(before.len() <= STEP_CHARS && after.len() <= STEP_CHARS);
            (first, last) = (before, after);
        }
        assert!(last < of_number(10_001), "a new task still comes last");
    }

    #[test]
    fn the_ends_of_all_positions_have_room() {
        assert!(between(None, None).is_some());
        for last in ["z", "zzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzz"] {
            assert!(between(Some(last), None).is_some_and(|after| after.as_str() > last), "{last}");
        }
        for first in ["1", "0000000000000000001", "00000000000000001"] {
            assert!(between(None, Some(first)).is_some_and(|before| before.as_str() < first), "{first}");
        }
        assert_eq!(between(None, Some("000")), None);
    }

    #[test]
    fn there_is_nothing_between_a_position_and_itself() {
        assert_eq!(between(Some("b"), Some("b")), None);
        assert_eq!(between(Some("c"), Some("b")), None);
        assert_eq!(between(Some("a"), Some("a0")), None);
    }

    #[test]
    fn many_positions_are_short_when_they_are_spread() {
        for (before, after) in [(None, None), (Some("a"), Some("b")), (None, Some("0000000004")), (Some("z"), None)] {
            let all = spread(before, after, 1_000).unwrap();
            assert!(all.len() == 1_000 && all.is_sorted() && all.iter().all(|position| position.len() <= 14));
            assert!(before.is_none_or(|before| before < all[0].as_str()));
            assert!(after.is_none_or(|after| all[999].as_str() < after));
        }
        assert_eq!(spread(Some("a"), Some("a0"), 2), None);
    }

    proptest! {
        #[test]
        fn a_position_between_two_lies_between_them(a in "[0-9A-Za-z]{1,20}", b in "[0-9A-Za-z]{1,20}") {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            if let Some(position) = between(Some(&low), Some(&high)) {
                prop_assert!(low < position && position < high && !position.ends_with('0'), "{low} {position} {high}");
            } else {
                prop_assert!(high.trim_end_matches('0') == low.trim_end_matches('0'), "{low} {high}");
            }
            let before = between(None, Some(&low));
            prop_assert!(before.is_none_or(|before| before < low && !before.ends_with('0')));
            let after = between(Some(&high), None);
            prop_assert!(after.is_some_and(|after| after > high && !after.ends_with('0')));
        }
    }
}
