//! A provider in the place of a model: speaks the chat-completions protocol over real HTTP, and stamps each token with the
//! moment at which it is sent.
//!
//! What it answers is decided by the request alone ([`script`]), so that any number of users may ask at once.

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

/// How replies are streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Tokens of a reply.
    pub tokens: u32,
    /// From one token to the next. The first one is sent at once.
    pub every: Duration,
}

/// What was asked of the provider so far.
#[derive(Debug, Default)]
pub struct Served {
    pub tokens: Count,
    /// Replies, complete or broken off.
    pub replies: Count,
    pub titles: Count,
    pub tool_calls: Count,
    /// Replies at the same time to messages that ask to be [counted](script::COUNTED).
    pub counted: Peak,
}

/// The running provider. It ends when it is dropped.
#[derive(Debug)]
pub struct FakeProvider {
    address: SocketAddr,
    pace: Pace,
    served: Arc<Served>,
    task: JoinHandle<()>,
}

/// What every request needs.
#[derive(Clone, Debug)]
struct Context {
    clock: Clock,
    pace: Pace,
    served: Arc<Served>,
}

impl FakeProvider {
    /// Listens on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn start(address: SocketAddr, pace: Pace, clock: Clock) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let served = Arc::new(Served::default());
        let context = Context { clock, pace, served: Arc::clone(&served) };
        let task = tokio::spawn(accept(listener, context));
        Ok(Self { address, pace, served, task })
    }

    /// What a server is to be given as `OPENAI_BASE_URL`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// How replies are streamed.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// What was asked so far.
    #[must_use]
    pub fn served(&self) -> &Served {
        &self.served
    }
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, context: Context) {
    // Connections end with the provider: dropping the set aborts them.
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, context.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, context: Context) {
    // Without it a token may wait for the acknowledgement of the one before. It fails only on a dead connection.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, context.clone()));
    // The other side may leave at any time: a cancelled reply does just that.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(request: Request<Incoming>, context: Context) -> Result<Response<Body>, Infallible> {
    let asked = request.method() == Method::POST && request.uri().path().ends_with("/chat/completions");
    if !asked {
        return Ok(refusal(StatusCode::NOT_FOUND, "only POST …/chat/completions is served"));
    }
    let Ok(body) = request.into_body().collect().await else {
        return Ok(refusal(StatusCode::BAD_REQUEST, "the body broke off"));
    };
    Ok(match script::answer_to(&body.to_bytes(), context.pace.tokens) {
        Ok(Answer { kind: Kind::Refusal, .. }) => refusal(StatusCode::BAD_REQUEST, "this is not for a model"),
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
