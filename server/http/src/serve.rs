//! Accepts connections and serves their requests, with a limit on the time of each step.
//!
//! `axum::serve` is not used, because it has no timeout for slow headers, does not return the connection after the last
//! answer, and its graceful shutdown does not wait for upgraded connections.
//!
//! Every connection is a task of the tracker. On shutdown it ends with the request that it is at. A connection whose
//! client still sends a body is closed behind the answer, but not at once: closing with unread bytes resets it, and the
//! client might never see the answer.

use super::{
    connections::{Accepted, ConnectionPermit, Connections, reject},
    context::Peer,
    timed_stream::TimedStream,
    upload::Upload,
};
use axum::{Router, body::Body};
use http::{HeaderValue, Request, Response, StatusCode, header};
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
use tandem_runtime::{permits::Permits, tasks};
use tandem_service::limits::address_block;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// How long the head of a request may take to arrive, which is also how long a connection may be idle.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(10);
/// The largest head. It also bounds the buffers of a connection.
const HEAD_BYTES: usize = 32 * 1024;
/// Bytes that the system accepts for a connection before it can send them.
const UNSENT_BYTES: u32 = 128 * 1024;
/// The pause after an accept that failed for lack of file descriptors or memory, so that it does not fail in a loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long the rest of an unread body is discarded after the answer.
const LINGER: Duration = Duration::from_secs(5);
/// It is read in chunks of this size with a pause before each, so that discarding costs little however fast a client
/// sends. In all that is 16 MiB.
const LINGER_BYTES: usize = 64 * 1024;
const LINGER_PAUSE: Duration = Duration::from_millis(20);
/// Connections of an address that may discard at the same time; further ones are closed at once.
pub(super) const MAX_LINGERING: usize = 8;

/// The state that the connections of a listener share.
#[derive(Clone, Debug)]
struct Listening {
    router: Router,
    shutdown: CancellationToken,
    head_time: Duration,
    write_timeout: Duration,
    /// Connections that discard the rest of a body, by address.
    lingering: Arc<Permits<String>>,
}

/// Serves connections until `shutdown`. Then it accepts none, and each connection ends with the request that it is at.
/// The connections run on `tracker`. Upgraded ones are ended by their transport.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: Connections,
    shutdown: CancellationToken,
    tracker: TaskTracker,
) {
    accept(listener, router, connections, shutdown, tracker, HEAD_TIME).await;
}

/// Serves like [`serve`], with another limit for heads, for tests.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    connections: Connections,
    shutdown: CancellationToken,
    tracker: TaskTracker,
    head_time: Duration,
) {
    let (write_timeout, lingering) = (connections.write_timeout(), Permits::new(MAX_LINGERING));
    let listening = Listening { router, shutdown, head_time, write_timeout, lingering };
    while let Some(accepted) = listening.shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => match connections.admit(peer.ip()) {
                Some(accepted) => drop(tasks::spawn(&tracker, connection(stream, peer, accepted, listening.clone()))),
                None => reject(stream),
            },
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, accepted: Accepted, listening: Listening) {
    let Accepted { permit, of_address: _of_address } = accepted;
    // Without the delay a small answer would wait for an acknowledgement (Nagle's algorithm).
    if let Err(error) = stream.set_nodelay(true).and_then(|()| bound_unsent(&stream)) {
        tracing::debug!(error = &error as &dyn std::error::Error, "the options of a connection could not be set");
    }
    let lingering = Arc::clone(&listening.lingering);
    let (stream, mut returned) = TimedStream::new(stream, permit, listening.write_timeout);
    let unread = Arc::new(AtomicBool::new(false));
    let served = requests(stream, peer, listening, &unread).await;
    if let Err(error) = &served {
        // Not worth more than `debug`: clients hang up, and scanners send what is no HTTP.
        tracing::debug!(error = error as &dyn std::error::Error, "a connection ended early");
    }
    // An upgraded connection does not come back: its transport has it, with the permit.
    let Ok((stream, _permit)) = returned.try_recv() else { return };
    match served {
        Err(error) if is_stalled(&error) => reset(&stream),
        _ if unread.load(Ordering::Relaxed) => linger(stream, peer, &lingering).await,
        _ => {}
    }
}

/// Bounds the bytes that the system buffers for a client. By default it accepts megabytes for a client that reads
/// nothing, and reports them as written: time limits and permits would not notice.
#[cfg(target_os = "linux")]
fn bound_unsent(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES)
}

#[cfg(not(target_os = "linux"))]
fn bound_unsent(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// Serves the requests of a connection until it is closed or upgraded.
async fn requests(
    stream: TimedStream,
    peer: SocketAddr,
    listening: Listening,
    unread: &Arc<AtomicBool>,
) -> hyper::Result<()> {
    let Listening { router, shutdown, head_time, .. } = listening;
    let unread = Arc::clone(unread);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(|body| Body::new(Upload::new(body, &unread)));
        request.extensions_mut().insert(Peer(peer.ip()));
        let is_too_large = head_bytes(&request) > HEAD_BYTES;
        let (answer, unread) = (router.clone().oneshot(request), Arc::clone(&unread));
        async move {
            let mut response = if is_too_large { head_too_large() } else { answer.await? };
            // The rest of the body would be read as the next request. The header announces the close to the client.
            if unread.load(Ordering::Relaxed) {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_time).max_buf_size(HEAD_BYTES);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    if let Some(served) = shutdown.run_until_cancelled(connection.as_mut()).await {
        return served;
    }
    // Ends an idle connection now, and others with their request.
    connection.as_mut().graceful_shutdown();
    connection.await
}

/// The size of a head as it was sent, but for white space that may be in it. The library checks its buffer before it reads,
/// so that one read can exceed the limit by twice as much.
fn head_bytes<B>(request: &Request<B>) -> usize {
    let uri = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    request.method().as_str().len() + uri + "  HTTP/1.1\r\n\r\n".len() + fields.sum::<usize>()
}

/// The answer that the library gives to a head beyond its buffer.
fn head_too_large() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Unwraps an upgraded connection into its TCP stream, the bytes that were read ahead, and its permit, so that no layer
/// lies between a transport and its stream. `None` when the connection was not accepted by [`serve`].
pub fn into_tcp(upgraded: Upgraded) -> Option<(TcpStream, Vec<u8>, ConnectionPermit)> {
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<TimedStream>>().ok()?;
    let (stream, permit) = io.into_inner().into_parts()?;
    // Copied: the buffer itself has the capacity for a whole head, and a socket would keep it.
    Some((stream, read_buf.to_vec(), permit))
}

/// Whether a connection ended because its client read nothing of an answer.
fn is_stalled(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

/// Has the system drop what it buffers for a client that does not read it: the close resets the connection.
fn reset(stream: &TcpStream) {
    if let Err(error) = SockRef::from(stream).set_linger(Some(Duration::ZERO)) {
        tracing::debug!(error = &error as &dyn std::error::Error, "SO_LINGER could not be set");
    }
}

/// Discards the rest of a body for a while, so that the answer reaches the client.
async fn linger(stream: TcpStream, peer: SocketAddr, lingering: &Arc<Permits<String>>) {
    if let Some(_permit) = lingering.try_acquire(address_block(peer.ip())) {
        // The connection is closed in either case.
        let _ = timeout(LINGER, discard(stream)).await;
    }
}

async fn discard(mut stream: TcpStream) -> io::Result<()> {
    let mut chunk = vec![0; LINGER_BYTES];
    // The end comes from the client: it closes when it has read the answer, which announces the close.
    loop {
        sleep(LINGER_PAUSE).await;
        if stream.read(&mut chunk).await? == 0 {
            return Ok(());
        }
    }
}

/// Whether an accept failed because the accepted connection is broken already.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
