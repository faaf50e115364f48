//! Connections: accepted, bounded in time, tracked, ended in good order.
//!
//! Not `axum::serve`: that has no timeout for slow headers, and its graceful shutdown does not wait for sockets.

use super::middleware::Peer;
use axum::{Router, body::Body};
use http::Request;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::service_fn,
    upgrade::{Parts, Upgraded},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{io, net::SocketAddr, pin::pin, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// A request's head, or the next one of an idle connection, has this long to arrive.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(10);
/// Largest head; it also bounds what a connection buffers.
const HEAD_BYTES: usize = 64 * 1024;
/// Pause after an accept that failed for want of file descriptors or memory, so that it does not fail in a loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves connections until `shutdown`; then no new ones are taken, and those that there are end with the request that
/// they are at. Each runs on `tracker`, which is done when all are. Upgraded connections are not ended: their door does.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken, tracker: TaskTracker) {
    accept(listener, router, shutdown, tracker, HEAD_TIME).await;
}

/// The same with another time for heads, for tests.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    tracker: TaskTracker,
    head_time: Duration,
) {
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                tracker.spawn(connection(stream, peer, router.clone(), shutdown.clone(), head_time));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    shutdown: CancellationToken,
    head_time: Duration,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = &error as &dyn std::error::Error, "cannot set TCP_NODELAY");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer.ip()));
        router.clone().oneshot(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_time).max_buf_size(HEAD_BYTES);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let served = if let Some(served) = shutdown.run_until_cancelled(connection.as_mut()).await {
        served
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = served {
        // Clients that hang up or send no HTTP are everyday business.
        tracing::debug!(error = &error as &dyn std::error::Error, "connection ended early");
    }
}

/// The connection under an upgraded one, and what was already read of it: whoever takes it over pays for no layer in
/// between. `None` when it came by another way than [`serve`].
pub fn reclaim(upgraded: Upgraded) -> Option<(TcpStream, Vec<u8>)> {
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    // A copy: the buffer itself has room for a whole head, and would be kept for as long as the socket is.
    Some((io.into_inner(), read_buf.to_vec()))
}

/// Whether only the connection that was to be accepted is broken.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
