//! The server of a walk, and what its provider answers.

use super::suffix;
use serde_json::json;
use std::{net::SocketAddr, time::Duration};
use tandem_tests::{ChaosProxy, Reply, ScriptedProvider, TestServer, TestUser, browser::Screen};

/// A reply with everything that a reply can hold.
const TEXT: &str = "# Two days in the hills\n\nTake the **early** train, then walk.[^1] See [the map](https://example.org/map).\n\n\
    1. Saturday: up to the hut.\n2. Sunday: over the ridge.\n   - [x] Boots\n   - [ ] Stove\n\n> [!TIP]\n> Book the hut first.\n\n> Up there \
    it is quiet.\n\n| what | who |\n|---|--:|\n| Tent | Kim |\n| Food<br>and water | you |\n\n```diff\n- bus\n+ train\n```\n\n```rust\n\
    // The way up.\nfn climb(metres: u32) -> String { format!(\"{metres} m, and down again\") }\n```\n\nThe climb is \
    $h = \\frac{v^2}{2g}$ high.\n\n[^1]: It leaves at seven.\n";

/// A server with a scripted provider, its owner, and a network for each screen.
pub(crate) struct World {
    pub(super) server: TestServer,
    _provider: ScriptedProvider,
    pub(super) owner: TestUser,
    proxies: Vec<(String, ChaosProxy)>,
}

impl World {
    pub(crate) async fn new(screens: &[Screen]) -> Self {
        let provider = ScriptedProvider::start().await;
        script(&provider);
        let mut proxies = Vec::new();
        for screen in screens {
            // The server has to know the addresses of the proxies, and only then has one itself.
            proxies.push((suffix(*screen), ChaosProxy::start(SocketAddr::from(([127, 0, 0, 1], 9))).await));
        }
        let origins: Vec<String> = proxies.iter().map(|(_, proxy)| format!("http://{}", proxy.address())).collect();
        let server = TestServer::setup()
            .openai(&provider)
            .without_rate_limits()
            .env("TANDEM_ALLOWED_ORIGINS", origins.join(","))
            .start()
            .await;
        for (_, proxy) in &proxies {
            proxy.set_server(server.listen());
        }
        // The first one owns the server.
        let owner = TestUser::register(&server).await;
        owner.patch("/me").json(json!({ "name": "Olga" })).await.expect(200);
        owner.post("/admin/invitations").json(json!({ "email": null, "uses": 3 })).await;
        Self { server, _provider: provider, owner, proxies }
    }

    /// The network of this screen.
    pub(super) fn proxy(&self, screen: Screen) -> &ChaosProxy {
        let name = suffix(screen);
        let found = self.proxies.iter().find(|(screen, _)| *screen == name);
        &found.expect("the world was made for this screen").1
    }
}

/// Every walk sends the same messages, so no reply may depend on the number of earlier requests.
fn script(provider: &ScriptedProvider) {
    let thoughts = Reply::default().and_thoughts(0, 12, Duration::from_millis(1));
    provider.answer("weekend", [thoughts.then(Reply::text(TEXT))]);
    provider.answer("stove", [Reply::text("One moment, I am").hold()]);
    // Long enough to be seen waiting.
    provider.answer("patience", [Reply::words(1, Duration::from_secs(3))]);
    provider.answer("broken", [Reply::error(400)]);
    let calls = (1..=3).map(|number| ("delete_task", json!({ "task_id": number })));
    provider.answer_by_progress("Clear", [Reply::calls(calls), Reply::text("Two are gone.")]);
    let add = ("add_task", json!({ "title": "Book the hut", "priority": "high" }));
    provider.answer_by_progress("Note", [Reply::calls([add]), Reply::text("It is on your list.")]);
}
