//! The server that the tests share, and its provider.

use std::time::Duration;
use tandem_tests::{TestServer, TestUser, database::DatabaseLocation, scripted_server::ScriptedServer};
use tokio::sync::OnceCell;

/// Interval of the words of a reply: short, but long enough to join it.
pub(crate) const PACE: Duration = Duration::from_millis(5);

/// The server that tests share.
pub(crate) async fn shared() -> &'static ScriptedServer {
    static SHARED: OnceCell<ScriptedServer> = OnceCell::const_new();
    let start = async || {
        let shared = ScriptedServer::start(TestServer::setup()).await;
        // The owner: the users of tests are members, who may delete their accounts.
        TestUser::register(&shared.server).await;
        shared
    };
    SHARED.get_or_init(start).await
}

/// A server of its own for one test, on a database with direct access, without rate limits.
pub(crate) async fn on(location: &DatabaseLocation) -> ScriptedServer {
    ScriptedServer::start(TestServer::setup().database(location.url()).without_rate_limits()).await
}
