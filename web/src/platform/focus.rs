//! Keeps the keyboard focus when the element that has it goes, so that no key falls to the page.
//!
//! A component that knows where its focus belongs moves it itself, right after the change. This is for all others: a row that
//! is completed, a toast that is answered, a menu whose conversation moves. The focus goes to the nearest neighbour in the same
//! part of the page, or else back to where it was before.
//!
//! **Invariant:** not after a finger, under which a field would open the keyboard of the screen.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/platform/focus.js")]
extern "C" {
    /// Begins; once for the page.
    pub(crate) fn keep();
}
