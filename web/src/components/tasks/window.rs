//! Which rows of a long list are mounted: those in view and some beside them. Pure.
//!
//! A row that is not mounted is replaced by space of its height: as it was when it was last mounted, else an estimate. So
//! the list scrolls as if it were whole, and an event draws some thirty rows instead of all.

use std::ops::Range;

/// A height in tenths of a pixel. Whole numbers, because those with a point would add their formatting to the program.
pub(super) type Tenths = i32;

/// Mounted above and below the view: more than a turn of a wheel.
const OVERSCAN: Tenths = 6_000;
/// A list with fewer rows is mounted whole.
const WHOLE_UP_TO: usize = 40;

/// What is visible of the list, from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    pub(super) top: Tenths,
    pub(super) height: Tenths,
}

impl View {
    /// Rounded, so that the list is not drawn at each scrolled pixel. The overscan covers the difference.
    pub(super) fn rounded(top: Tenths, height: Tenths) -> Self {
        Self { top: top / 2_000 * 2_000, height: (height / 1_000 + 1) * 1_000 }
    }
}

/// The rows to mount: those near the view, and those that have to stay, because the focus or an editor is there.
pub(super) fn mounted(heights: &[Tenths], view: View, kept: &[usize]) -> Vec<usize> {
    if heights.len() <= WHOLE_UP_TO {
        return (0..heights.len()).collect();
    }
    let near = near(heights, view);
    (0..heights.len()).filter(|index| near.contains(index) || kept.contains(index)).collect()
}

fn near(heights: &[Tenths], view: View) -> Range<usize> {
    let (from, to) = (view.top - OVERSCAN, view.top + view.height + OVERSCAN);
    let (mut start, mut end, mut at) = (heights.len(), heights.len(), 0);
    for (index, height) in heights.iter().enumerate() {
        if at + height > from {
            start = start.min(index);
        }
        if at > to {
            end = index;
            break;
        }
        at += height;
    }
    start..end
}

/// The space before each mounted row, and after the last one.
pub(super) fn spaces(heights: &[Tenths], mounted: &[usize]) -> (Vec<Tenths>, Tenths) {
    let mut next = 0;
    let mut before = Vec::with_capacity(mounted.len());
    for &index in mounted {
        before.push(heights[next..index].iter().sum());
        next = index + 1;
    }
    (before, heights[next..].iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_list_is_mounted_whole() {
        assert_eq!(mounted(&[440; 12], View::default(), &[]).len(), 12);
    }

    #[test]
    fn of_a_long_list_the_rows_near_the_view_are_mounted() {
        let heights = [500; 300];
        let view = View { top: 50_000, height: 5_000 };
        let rows = mounted(&heights, view, &[0, 299]);
        assert_eq!((rows.first(), rows.last()), (Some(&0), Some(&299)));
        assert!(rows.contains(&100) && rows.contains(&109));
        assert!(rows.len() < 40, "{}", rows.len());
        let start = mounted(&heights, View { top: 0, height: 5_000 }, &[]);
        assert_eq!(start.first(), Some(&0));
    }

    proptest! {
        #[test]
        fn mounted_rows_and_spaces_are_as_high_as_the_list(
            heights in prop::collection::vec(200_i32..2_000, 41..400),
            top in 0_i32..400_000,
            kept in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        ) {
            let kept: Vec<usize> = kept.iter().map(|index| index.index(heights.len())).collect();
            let rows = mounted(&heights, View { top, height: 6_000 }, &kept);
            let (before, after) = spaces(&heights, &rows);
            let drawn: i32 = rows.iter().map(|index| heights[*index]).sum();
            prop_assert_eq!(drawn + before.iter().sum::<i32>() + after, heights.iter().sum::<i32>());
            prop_assert!(kept.iter().all(|index| rows.contains(index)));
        }
    }
}
