//! A finger that moves a row aside: to the right to complete the task, to the left to move it to tomorrow.
//!
//! The row follows the finger without a render. The style sheet draws what a longer way does (`data-swipe`), and leaves
//! vertical moves to the browser, which scrolls.

use super::list_events::row_of;
use tandem_protocol::id::TaskId;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, PointerEvent};

/// A shorter way is none.
const FAR_PX: i32 = 88;
/// Before, it may still become a tap or a scroll.
const START_PX: i32 = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SwipeEnd {
    Complete,
    Postpone,
}

#[derive(Default)]
pub(super) struct Swipe(Option<Row>);

struct Row {
    id: TaskId,
    /// What moves: the row without its subtasks.
    card: HtmlElement,
    pointer: i32,
    x: i32,
    y: i32,
    moving: bool,
}

impl Swipe {
    pub(super) fn begin(&mut self, event: &PointerEvent) {
        self.cancel();
        if event.pointer_type() != "touch" {
            return;
        }
        let Some((row, id)) = row_of(event) else { return };
        let card = row.query_selector(":scope > .task").ok().flatten().and_then(|card| card.dyn_into().ok());
        let (pointer, x, y) = (event.pointer_id(), event.client_x(), event.client_y());
        self.0 = card.map(|card| Row { id, card, pointer, x, y, moving: false });
    }

    pub(super) fn go_on(&mut self, event: &PointerEvent) {
        let Some(row) = self.0.as_mut().filter(|row| row.pointer == event.pointer_id()) else { return };
        let (across, down) = (event.client_x() - row.x, event.client_y() - row.y);
        if !row.moving && across.abs() > START_PX && across.abs() > 2 * down.abs() {
            row.moving = true;
            // The finger may leave the row.
            let _ = row.card.set_pointer_capture(row.pointer);
        }
        if row.moving {
            let _ = row.card.style().set_property("transform", &format!("translateX({across}px)"));
            let _ = row.card.set_attribute("data-swipe", name(across));
        }
    }

    pub(super) fn end(&mut self, event: &PointerEvent) -> Option<(TaskId, SwipeEnd)> {
        let row = self.0.as_ref().filter(|row| row.moving && row.pointer == event.pointer_id())?;
        let (id, end) = (row.id, end_of(event.client_x() - row.x));
        self.cancel();
        Some((id, end?))
    }

    /// Puts the row back.
    pub(super) fn cancel(&mut self) {
        if let Some(row) = self.0.take() {
            let _ = row.card.style().remove_property("transform");
            let _ = row.card.remove_attribute("data-swipe");
        }
    }
}

fn end_of(across: i32) -> Option<SwipeEnd> {
    match across {
        FAR_PX.. => Some(SwipeEnd::Complete),
        _ if across <= -FAR_PX => Some(SwipeEnd::Postpone),
        _ => None,
    }
}

/// The value of `data-swipe`.
fn name(across: i32) -> &'static str {
    match (end_of(across), across > 0) {
        (Some(SwipeEnd::Complete), _) => "complete",
        (Some(SwipeEnd::Postpone), _) => "postpone",
        (None, true) => "right",
        (None, false) => "left",
    }
}
