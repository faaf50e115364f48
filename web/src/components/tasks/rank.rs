//! Positions in a list as texts: a position between any two others, without renumbering.

/// The digits of a position in ascending order. The server accepts letters and digits only.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A text that sorts between two others; `None` stands for an end of the list. Returns `None` if there is no such text:
/// the two are equal, in the wrong order, or differ only in trailing zeros.
///
/// The result never ends in a zero, so there is always room before it.
pub(super) fn between(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let low = before.unwrap_or("").as_bytes();
    // The upper bound of the next digit. There is none once the text is smaller than `after`.
    let mut bound = after.map(str::as_bytes);
    if bound.is_some_and(|high| low >= high) {
        return None;
    }
    let mut rank = String::new();
    for at in 0.. {
        let floor = low.get(at).map_or(Some(0), |byte| digit(*byte))?;
        let ceiling = match bound {
            Some(high) => digit(*high.get(at)?)?,
            None => DIGITS.len(),
        };
        if ceiling > floor + 1 {
            rank.push(char::from(DIGITS[usize::midpoint(floor, ceiling)]));
            break;
        }
        // No digit fits between the two here: continue with the next place.
        rank.push(char::from(DIGITS[floor]));
        if ceiling != floor {
            bound = None;
        }
    }
    Some(rank)
}

fn digit(byte: u8) -> Option<usize> {
    DIGITS.iter().position(|digit| *digit == byte)
}

#[cfg(test)]
mod tests {
    use super::between;
    use proptest::prelude::*;

    #[test]
    fn the_ends_of_a_list_have_room() {
        let first = between(None, None).expect("room");
        let before = between(None, Some(&first)).expect("room");
        let after = between(Some(&first), None).expect("room");
        assert!(before < first && first < after, "{before} {first} {after}");
    }

    #[test]
    fn there_is_nothing_between_a_place_and_itself() {
        assert_eq!(between(Some("b"), Some("b")), None);
        assert_eq!(between(Some("c"), Some("b")), None);
    }

    proptest! {
        #[test]
        fn a_place_between_two_lies_between_them(a in "[0-9A-Za-z]{1,6}", b in "[0-9A-Za-z]{1,6}") {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            if let Some(rank) = between(Some(&low), Some(&high)) {
                prop_assert!(low < rank && rank < high, "{low} {rank} {high}");
            } else {
                // Only where the texts leave no room: the same, or one with nothing but the lowest after the other.
                prop_assert!(high.trim_end_matches('0') == low.trim_end_matches('0'), "{low} {high}");
            }
        }

        #[test]
        fn a_list_can_be_sorted_for_ever(moves in prop::collection::vec(any::<prop::sample::Index>(), 1..200)) {
            let mut list: Vec<String> = Vec::new();
            for place in moves {
                let at = place.index(list.len() + 1);
                let before = at.checked_sub(1).map(|before| list[before].as_str());
                let rank = between(before, list.get(at).map(String::as_str)).expect("room");
                list.insert(at, rank);
            }
            prop_assert!(list.is_sorted());
        }
    }
}
