//! The service worker of the site, through the developer tools of the browser: no driver presses a notification of the system.

use super::{Browser, WORKS};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{client_async, tungstenite::Message};

/// Raises the event of a press. One that a script raises may not extend the life of the worker, so its promise is kept here.
const PRESS: &str = "(async (title, action) => {
    const notification = (await self.registration.getNotifications()).find((one) => one.title === title);
    const event = new NotificationEvent('notificationclick', { notification, action });
    let answered;
    event.waitUntil = (promise) => { answered = promise; };
    self.dispatchEvent(event);
    // Only a finger may bring a window to the front.
    await answered.catch((error) => { if (error.name !== 'InvalidAccessError') throw error; });
})";

impl Browser {
    /// Presses the notification with this title, or one of its answers (`done`, `snooze`; none is an empty text), and waits
    /// until the worker has done what it does then.
    ///
    /// # Panics
    /// Without a worker, without such a notification, or when the worker fails.
    pub async fn press_notification(&self, title: &str, answer: &str) {
        let expression = format!("{PRESS}({}, {})", json!(title), json!(answer));
        let command = json!({
            "id": 1,
            "method": "Runtime.evaluate",
            "params": { "expression": expression, "awaitPromise": true },
        });
        let address = self.worker_address().await;
        let host = address.trim_start_matches("ws://").split('/').next().expect(WORKS);
        let stream = TcpStream::connect(host).await.expect(WORKS);
        let (mut tools, _) = client_async(&address, stream).await.expect(WORKS);
        tools.send(Message::text(command.to_string())).await.expect(WORKS);
        let answer = loop {
            let frame = tools.next().await.expect(WORKS).expect(WORKS);
            let answer: Value = serde_json::from_str(frame.to_text().expect(WORKS)).unwrap_or_default();
            if answer["id"] == 1 {
                break answer;
            }
        };
        assert_eq!(answer["result"]["exceptionDetails"], Value::Null, "the worker fails");
    }

    /// The address of the developer tools of the worker.
    async fn worker_address(&self) -> String {
        let capabilities = self.client.capabilities().expect(WORKS);
        let tools = capabilities["goog:chromeOptions"]["debuggerAddress"].as_str().expect(WORKS);
        let targets = reqwest::get(format!("http://{tools}/json/list")).await.expect(WORKS);
        let targets: Value = targets.json().await.expect(WORKS);
        let worker = targets.as_array().into_iter().flatten().find(|target| target["type"] == "service_worker");
        let address = worker.expect("the site has a worker")["webSocketDebuggerUrl"].as_str();
        address.expect(WORKS).to_owned()
    }
}
