//! The browser's WebSocket: opened with a token, closed when dropped.

use crate::platform::window::window;
use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CloseEvent, MessageEvent, WebSocket};

const PATH: &str = "/api/v1/ws";
const PROTOCOL: &str = "tandem.v1";

/// What a socket says.
pub(super) enum SocketEvent {
    /// The server took the handshake.
    Open,
    Text(String),
    /// It is over. 1006 when no close frame came, which is also all that a refused handshake looks like.
    Closed(u16),
}

/// An open socket, or one that is being opened.
pub(super) struct Socket {
    socket: WebSocket,
    /// Dropped first, so that a socket which is given up is silent.
    _listeners: [EventListener; 3],
}

impl Socket {
    /// Begins to open a socket. The token goes where a browser can put one: a subprotocol.
    pub(super) fn open(token: &str, on_event: impl Fn(SocketEvent) + Clone + 'static) -> Result<Self, JsValue> {
        let protocols = Array::of2(&PROTOCOL.into(), &format!("bearer.{token}").into());
        let socket = WebSocket::new_with_str_sequence(&url()?, &protocols)?;
        let (opened, received, closed) = (on_event.clone(), on_event.clone(), on_event);
        let listeners = [
            EventListener::once(&socket, "open", move |_| opened(SocketEvent::Open)),
            EventListener::new(&socket, "message", move |event| {
                let data = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                if let Some(text) = data {
                    received(SocketEvent::Text(text));
                }
            }),
            EventListener::once(&socket, "close", move |event| {
                closed(SocketEvent::Closed(event.dyn_ref::<CloseEvent>().map_or(1006, CloseEvent::code)));
            }),
        ];
        Ok(Self { socket, _listeners: listeners })
    }

    /// Sends a text message. A socket that is closing loses it: whatever matters is in the outbox until it is answered.
    pub(super) fn send(&self, text: &str) {
        if self.socket.ready_state() == WebSocket::OPEN {
            // Fails only while the socket is still being opened, which the state excludes.
            let _ = self.socket.send_with_str(text);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // 1000 without a reason is always allowed.
        let _ = self.socket.close();
    }
}

fn url() -> Result<String, JsValue> {
    let location = window().location();
    let scheme = if location.protocol()? == "https:" { "wss" } else { "ws" };
    Ok(format!("{scheme}://{}{PATH}", location.host()?))
}
