//! A typed wrapper of the browser's WebSocket.

use crate::platform::events::on;
use crate::platform::window::window;
use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CloseEvent, MessageEvent, WebSocket};

const PATH: &str = "/api/v1/ws";
const PROTOCOL: &str = "tandem.v1";

/// The events of a socket.
pub(super) enum SocketEvent {
    /// The handshake has succeeded.
    Open,
    Text(String),
    /// The socket was closed, with the code of the close frame. Without one the code is 1006; this includes refused
    /// handshakes.
    Closed(u16),
}

/// A socket that is open or connecting; dropping it closes it.
pub(super) struct Socket {
    socket: WebSocket,
    /// Dropped before the socket is closed, so that closing fires no event.
    _listeners: [EventListener; 3],
}

impl Socket {
    /// Starts the handshake. The token is sent as a subprotocol, because browsers allow no other header to be set.
    pub(super) fn open(token: &str, on_event: impl Fn(SocketEvent) + Clone + 'static) -> Result<Self, JsValue> {
        let protocols = Array::of2(&PROTOCOL.into(), &format!("bearer.{token}").into());
        let socket = WebSocket::new_with_str_sequence(&url()?, &protocols)?;
        let (opened, received, closed) = (on_event.clone(), on_event.clone(), on_event);
        let listeners = [
            on(&socket, "open", move |_| opened(SocketEvent::Open)),
            on(&socket, "message", move |event| {
                let data = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                if let Some(text) = data {
                    received(SocketEvent::Text(text));
                }
            }),
            on(&socket, "close", move |event| {
                closed(SocketEvent::Closed(event.dyn_ref::<CloseEvent>().map_or(1006, CloseEvent::code)));
            }),
        ];
        Ok(Self { socket, _listeners: listeners })
    }

    /// Sends a text message. A socket that is not open drops it: commands stay in the outbox until they are
    /// acknowledged.
    pub(super) fn send(&self, text: &str) {
        if self.socket.ready_state() == WebSocket::OPEN {
            // Fails only while the socket is connecting.
            let _ = self.socket.send_with_str(text);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The default code 1000 is always allowed.
        let _ = self.socket.close();
    }
}

fn url() -> Result<String, JsValue> {
    let location = window().location();
    let scheme = if location.protocol()? == "https:" { "wss" } else { "ws" };
    Ok(format!("{scheme}://{}{PATH}", location.host()?))
}
