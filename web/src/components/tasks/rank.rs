//! A place between two others, in an order of texts.

const LOWEST: u8 = b'0';
const HIGHEST: u8 = b'z';

/// A text that sorts after `before` and before `after`; the ends of the list are `None`. `None` when there is no such
/// text, because the two are the same or the wrong way round.
pub(super) fn between(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let low = before.unwrap_or("").as_bytes();
    let high = after.map(str::as_bytes);
    if high.is_some_and(|high| low >= high) {
        return None;
    }
    let mut rank = Vec::new();
    // Whether `rank` still equals the start of `after`, which then bounds the next character.
    let mut bounded = high;
    for at in 0.. {
        let from = low.get(at).copied();
        let to = bounded.map(|high| high.get(at).copied().unwrap_or(LOWEST));
        let (floor, ceiling) = (from.unwrap_or(LOWEST - 1), to.unwrap_or(HIGHEST + 1));
        if ceiling > floor + 1 {
            let middle = floor + (ceiling - floor) / 2;
            rank.push(middle.clamp(LOWEST, HIGHEST));
            break;
        }
        // No room at this place: go on one to the right.
        let same = from.unwrap_or(LOWEST);
        rank.push(same);
        if to != Some(same) {
            bounded = None;
        } else if bounded.is_some_and(|high| at + 1 >= high.len()) {
            return None;
        }
    }
    // A rank that ended in the lowest character would leave no room before it.
    String::from_utf8(rank).ok().filter(|rank| before.is_none_or(|low| low < rank.as_str()))
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
