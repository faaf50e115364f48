//! What the reader reads, held in place while messages come and go above it.

use wasm_bindgen::JsCast;
use web_sys::Element;

/// The first message in view, and how far below the top of the viewport it stands, in pixels.
pub(super) struct Anchor {
    element: Element,
    offset: f64,
}

impl Anchor {
    /// The first child of the column that reaches into the viewport.
    pub(super) fn find(view: &Element, column: &Element) -> Option<Self> {
        let top = view.get_bounding_client_rect().top();
        let children = column.children();
        let (mut low, mut high) = (0, children.length());
        // Children stand below each other, so that the first in view is found by halves.
        while low < high {
            let middle = u32::midpoint(low, high);
            let above = children.item(middle).is_some_and(|child| child.get_bounding_client_rect().bottom() <= top);
            if above { low = middle + 1 } else { high = middle }
        }
        let element = children.item(low)?;
        let offset = element.get_bounding_client_rect().top() - top;
        Some(Self { element, offset })
    }

    /// How far the viewport has to scroll for the anchor to stand where it stood, in whole pixels; `None` when it is
    /// gone or has not moved.
    pub(super) fn shift(&self, view: &Element) -> Option<i32> {
        let node: &web_sys::Node = self.element.unchecked_ref();
        if !node.is_connected() {
            return None;
        }
        let offset = self.element.get_bounding_client_rect().top() - view.get_bounding_client_rect().top();
        let shift = (offset - self.offset).round();
        // Offsets inside a page of messages are far below two thousand million pixels.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        let shift = shift as i32;
        (shift != 0).then_some(shift)
    }
}
