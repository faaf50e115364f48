//! The Tandem web client: a Yew program that draws the state of `tandem_protocol`'s replica.
//!
//! Reading order: [`platform`] wraps the browser (clock, storage, randomness), [`api`] is the REST API, [`live`] is the
//! connection. [`state`] decides what is true and what is shown; it is pure and tested on the host. [`hooks`] give
//! components access to it, [`components`] draw, [`pages`] combine them, [`app`] selects the page. [`text`] has the words of
//! all of them.

// The macros of Yew look for this name.
extern crate tandem_view as yew;

mod api;
mod app;
mod components;
mod hooks;
mod live;
mod pages;
mod platform;
mod state;
#[cfg(test)]
mod testing;
mod text;

use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Mounts the client in the body of the page.
#[wasm_bindgen(start)]
pub fn start() {
    yew::Renderer::<app::App>::new().render();
}
