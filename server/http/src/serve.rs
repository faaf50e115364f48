//! Connections: accepted, bounded in time, tracked, ended in good order.
//!
//! Not `axum::serve`: that has no timeout for slow headers, and its graceful shutdown does not wait for sockets.

use super::{
    connections::{Accepted, Connections, Ticket, turn_away},
    link::Link,
    middleware::Peer,
    tally::{Share, Tally},
    upload::Upload,
};
use axum::{Router, body::Body};
use http::{HeaderValue, Request, header};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::service_fn,
    upgrade::{Parts, Upgraded},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tandem_runtime::tasks;
use tandem_service::limits::address_block;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// A request's head, or the next one of an idle connection, has this long to arrive.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(10);
/// Largest head; it also bounds what a connection buffers.
const HEAD_BYTES: usize = 32 * 1024;
/// Bytes of an answer, or of a socket, that the system takes before it can send them.
const UNSENT_BYTES: u32 = 128 * 1024;
/// Pause after an accept that failed for want of file descriptors or memory, so that it does not fail in a loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// A body that nobody read is taken in for this long and this far after its answer, and thrown away: a connection that
/// is closed with unread bytes is reset, and the client might never see the answer.
const LINGER: Duration = Duration::from_secs(5);
/// It is taken in by pieces of this size, with a pause before each: to throw away what a stranger sends is to cost little,
/// however fast it comes. In all that is 16 MiB.
const LINGER_BYTES: usize = 64 * 1024;
const LINGER_PAUSE: Duration = Duration::from_millis(20);
/// Connections of an address that may do so at the same time; others are closed at once.
pub(super) const LINGERING: usize = 8;

/// What all connections of a listener have in common.
#[derive(Clone, Debug)]
struct Listening {
    router: Router,
    shutdown: CancellationToken,
    head_time: Duration,
    write_time: Duration,
    /// Connections that throw away what their clients send.
    lingering: Arc<Tally<String>>,
}

/// Serves connections until `shutdown`; then no new ones are taken, and those that there are end with the request that
/// they are at. Each runs on `tracker`, which is done when all are. Upgraded connections are not ended: their transport
/// does.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: Connections,
    shutdown: CancellationToken,
    tracker: TaskTracker,
) {
    accept(listener, router, connections, shutdown, tracker, HEAD_TIME).await;
}

/// The same with another time for heads, for tests.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    connections: Connections,
    shutdown: CancellationToken,
    tracker: TaskTracker,
    head_time: Duration,
) {
    let (write_time, lingering) = (connections.write_time(), Tally::new(LINGERING));
    let listening = Listening { router, shutdown, head_time, write_time, lingering };
    while let Some(accepted) = listening.shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => match connections.admit(peer.ip()) {
                Some(accepted) => drop(tasks::spawn(&tracker, connection(stream, peer, accepted, listening.clone()))),
                None => turn_away(stream),
            },
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, accepted: Accepted, listening: Listening) {
    let Accepted { ticket, of_address: _of_address } = accepted;
    if let Err(error) = stream.set_nodelay(true).and_then(|()| bound_unsent(&stream)) {
        tracing::debug!(error = &error as &dyn std::error::Error, "cannot set the options of a connection");
    }
    let lingering = listening.lingering.share(address_block(peer.ip()));
    let (link, mut back) = Link::new(stream, ticket, listening.write_time);
    let unread = Arc::new(AtomicBool::new(false));
    let served = requests(link, peer, listening, &unread).await;
    if let Err(error) = &served {
        // Clients that hang up or send no HTTP are everyday business.
        tracing::debug!(error = error as &dyn std::error::Error, "connection ended early");
    }
    // What was upgraded does not come back, and is counted by its own transport from now on.
    let Ok((stream, _ticket)) = back.try_recv() else { return };
    match served {
        Err(error) if is_stalled(&error) => reset(&stream),
        _ if unread.load(Ordering::Relaxed) => linger(stream, lingering).await,
        _ => {}
    }
}

/// Bounds what the system holds of a client's bytes that it has not sent yet. By itself it takes megabytes for a client that
/// reads nothing, and counts them as written.
#[cfg(target_os = "linux")]
fn bound_unsent(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES)
}

#[cfg(not(target_os = "linux"))]
fn bound_unsent(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// Serves the requests of a connection, until it is closed or becomes something else.
async fn requests(link: Link, peer: SocketAddr, listening: Listening, unread: &Arc<AtomicBool>) -> hyper::Result<()> {
    let Listening { router, shutdown, head_time, .. } = listening;
    let unread = Arc::clone(unread);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(|body| Body::new(Upload::new(body, &unread)));
        request.extensions_mut().insert(Peer(peer.ip()));
        let (answer, unread) = (router.clone().oneshot(request), Arc::clone(&unread));
        async move {
            let mut response = answer.await?;
            if unread.load(Ordering::Relaxed) {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_time).max_buf_size(HEAD_BYTES);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(link), service).with_upgrades());
    if let Some(served) = shutdown.run_until_cancelled(connection.as_mut()).await {
        return served;
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

/// The connection under an upgraded one, what was already read of it, and its place among all connections: whoever takes
/// it over pays for no layer in between. `None` when it came by another way than [`serve`].
pub fn into_tcp(upgraded: Upgraded) -> Option<(TcpStream, Vec<u8>, Ticket)> {
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<Link>>().ok()?;
    let (stream, ticket) = io.into_inner().into_parts()?;
    // A copy: the buffer itself has room for a whole head, and would be kept for as long as the socket is.
    Some((stream, read_buf.to_vec(), ticket))
}

/// Whether a connection ended because its client took nothing of an answer.
fn is_stalled(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

/// Gives up what the system still holds for a client that does not take it.
fn reset(stream: &TcpStream) {
    if let Err(error) = SockRef::from(stream).set_linger(Some(Duration::ZERO)) {
        tracing::debug!(error = &error as &dyn std::error::Error, "cannot set SO_LINGER");
    }
}

/// Reads what is left of a body, so that the answer that was sent before it arrives.
async fn linger(stream: TcpStream, mut of_address: Share<String>) {
    if of_address.grow(1) {
        // It is over in either case.
        let _ = timeout(LINGER, throw_away(stream)).await;
    }
}

async fn throw_away(mut stream: TcpStream) -> io::Result<()> {
    let mut piece = vec![0; LINGER_BYTES];
    // The client learns that no more is read when it has had the answer, and closes.
    loop {
        sleep(LINGER_PAUSE).await;
        if stream.read(&mut piece).await? == 0 {
            return Ok(());
        }
    }
}

/// Whether only the connection that was to be accepted is broken.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
