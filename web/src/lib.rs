//! The Tandem web client: a Yew program that renders what `tandem_protocol`'s replica knows.
//!
//! Reading order: [`platform`] is all that touches the browser's facts (clock, storage, randomness), [`api`] speaks REST,
//! [`live`] owns the socket, [`state`] decides what is true and what is shown (pure, tested on the host), [`hooks`] hands
//! that to components, [`components`] draw, [`pages`] compose them, [`app`] routes.

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

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the client in the page's body.
#[wasm_bindgen(start)]
pub fn start() {
    yew::Renderer::<app::App>::new().render();
}
