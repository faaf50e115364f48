//! Scroll anchoring: keeps the first visible message in place while the content above it changes.

use wasm_bindgen::JsCast;
use web_sys::Element;

/// The first visible message, and its distance from the top of the viewport in pixels.
pub(super) struct Anchor {
    element: Element,
    offset: f64,
}

impl Anchor {
    /// Finds the first message of the column that reaches into the viewport.
    pub(super) fn find(view: &Element, column: &Element) -> Option<Self> {
        let top = view.get_bounding_client_rect().top();
        let children = column.children();
        let (mut low, mut high) = (0, children.length());
        // Children are laid out from top to bottom, so a binary search measures few of them. Each measurement may force
        // a layout.
        while low < high {
            let middle = u32::midpoint(low, high);
            let above = children.item(middle).is_some_and(|child| child.get_bounding_client_rect().bottom() <= top);
            if above { low = middle + 1 } else { high = middle }
        }
        // Headings stay at the top when older messages are mounted below them, so that they do not show what has moved.
        let element = (low..children.length()).filter_map(|index| children.item(index)).find(is_message)?;
        let offset = element.get_bounding_client_rect().top() - top;
        Some(Self { element, offset })
    }

    /// By how many whole pixels to scroll so that the message is where it was; `None` when it has left the page or has
    /// not moved.
    pub(super) fn shift(&self, view: &Element) -> Option<i32> {
        let node: &web_sys::Node = self.element.unchecked_ref();
        if !node.is_connected() {
            return None;
        }
        let offset = self.element.get_bounding_client_rect().top() - view.get_bounding_client_rect().top();
        let shift = (offset - self.offset).round();
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        let shift = shift as i32;
        (shift != 0).then_some(shift)
    }
}

fn is_message(element: &Element) -> bool {
    element.tag_name() == "ARTICLE"
}
