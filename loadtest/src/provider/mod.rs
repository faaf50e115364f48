//! A fake model provider: chat completions over real HTTP, with a time stamp in each token.
//!
//! A real provider would make the latencies unpredictable. This one runs in the process of the devices, so that both use one
//! clock.
//!
//! Each answer depends on the request alone ([`script`]), so any number of users can share one provider.

mod answer;
pub mod script;

use crate::clock::Clock;
use crate::measure::{Count, Peak};
use answer::Body;
use http_body_util::BodyExt;
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use script::{Answer, Kind};
use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// The size and speed of replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Number of tokens in a reply.
    pub tokens: u32,
    /// Interval between two tokens. The first one is sent immediately.
    pub every: Duration,
}

/// Counts of what the provider has sent.
#[derive(Debug, Default)]
pub struct Served {
    pub tokens: Count,
    /// Replies, including cancelled ones.
    pub replies: Count,
    pub titles: Count,
    pub tool_calls: Count,
    /// Concurrent replies to messages with [`script::COUNTED`].
    pub counted: Peak,
}

/// The running provider. It ends when this is dropped.
#[derive(Debug)]
pub struct StampingProvider {
    address: SocketAddr,
    pace: Pace,
    served: Arc<Served>,
    task: JoinHandle<()>,
}

/// Shared by all requests.
#[derive(Clone, Debug)]
struct Context {
    clock: Clock,
    pace: Pace,
    served: Arc<Served>,
}

impl StampingProvider {
    /// Listens on an address; port 0 selects a free port.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(address: SocketAddr, pace: Pace, clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let served = Arc::new(Served::default());
        let context = Context { clock, pace, served: Arc::clone(&served) };
        let task = tokio::spawn(accept(listener, context));
        Ok(Self { address, pace, served, task })
    }

    /// The value of `OPENAI_BASE_URL` for a server.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub fn pace(&self) -> Pace {
        self.pace
    }

    pub fn served(&self) -> &Served {
        &self.served
    }
}

impl Drop for StampingProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, context: Context) {
    // Dropping the set aborts the connections, so that they end with the provider.
    let mut connections = JoinSet::new();
    loop {
        // An error concerns one connection, or passes with the lack of open files: the next one may be accepted.
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, context.clone()));
        }
        // Without this, finished tasks would accumulate in the set.
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, context: Context) {
    // With Nagle's algorithm a token could wait for the acknowledgement of the one before. An error means that the
    // connection is closed already.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, context.clone()));
    // The server closes the connection to cancel a reply, so an error here is normal.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(request: Request<Incoming>, context: Context) -> Result<Response<Body>, Infallible> {
    let is_completion = request.method() == Method::POST && request.uri().path().ends_with("/chat/completions");
    if !is_completion {
        return Ok(refusal(StatusCode::NOT_FOUND, "only POST …/chat/completions is served"));
    }
    let Ok(body) = request.into_body().collect().await else {
        return Ok(refusal(StatusCode::BAD_REQUEST, "the body broke off"));
    };
    Ok(match script::answer_to(&body.to_bytes(), context.pace.tokens) {
        Ok(Answer { kind: Kind::Refusal, .. }) => {
            refusal(StatusCode::BAD_REQUEST, "this message is refused on purpose")
        }
        Ok(answer) => found(&answer, &context),
        Err(error) => refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    })
}

fn found(answer: &Answer, context: &Context) -> Response<Body> {
    let content_type = if answer.streamed { "text/event-stream" } else { "application/json" };
    let mut response = Response::new(answer::body(answer, context));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}

fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let error = serde_json::json!({"error": {"message": message, "type": "invalid_request_error"}});
    let mut response = Response::new(answer::whole(error.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
