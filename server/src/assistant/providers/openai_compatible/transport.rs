//! Sends a request once and reads refusals itself: status, `Retry-After` and whether a quota is spent, but no text, which
//! may quote what users wrote.

use crate::assistant::provider::ProviderError;
use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, header::RETRY_AFTER};
use reqwest::{Body, Response};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tower::Service;

/// Longest body of a refusal that is read.
const MAX_REFUSAL: usize = 64 * 1024;
/// Bytes of the end of an answer that are looked at.
const TAIL: usize = 64;
/// What a complete answer ends with.
const DONE: &[u8] = b"[DONE]";
/// Codes of a spent quota; coming back soon does not help.
const QUOTA: [&str; 3] = ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"];

/// The last bytes of an answer: the library ends its stream alike with and without the end mark.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(Arc<Mutex<Vec<u8>>>);

impl Tail {
    fn see(&self, bytes: &[u8]) {
        let mut tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
        let beyond = tail.len().saturating_sub(TAIL);
        tail.drain(..beyond);
    }

    /// Whether the end mark came.
    pub(super) fn says_done(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).windows(DONE.len()).any(|bytes| bytes == DONE)
    }
}

/// The transport of one request.
pub(super) fn service(
    http: reqwest::Client,
    tail: Tail,
) -> impl Service<HttpRequestFactory, Response = Response, Error = OpenAIError, Future: Send + 'static>
+ Clone
+ Send
+ Sync
+ 'static {
    tower::service_fn(move |factory: HttpRequestFactory| {
        let (http, tail) = (http.clone(), tail.clone());
        async move {
            let request = factory.build().await?;
            let response = http.execute(request).await.map_err(|_| boxed(ProviderError::Connect))?;
            if response.status().is_success() {
                Ok(watched(response, tail))
            } else {
                Err(boxed(refusal(response).await))
            }
        }
    })
}

fn boxed(error: ProviderError) -> OpenAIError {
    OpenAIError::Boxed(Box::new(error))
}

/// The same response, its last bytes seen.
fn watched(response: Response, tail: Tail) -> Response {
    let headers = response.headers().clone();
    let see = move |bytes: &reqwest::Result<Bytes>| {
        if let Ok(bytes) = bytes {
            tail.see(bytes);
        }
    };
    let mut same = http::Response::new(Body::wrap_stream(response.bytes_stream().inspect(see)));
    *same.headers_mut() = headers;
    same.into()
}

async fn refusal(response: Response) -> ProviderError {
    let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(Ok(bytes)) = stream.next().await {
        body.extend_from_slice(&bytes);
        if body.len() > MAX_REFUSAL {
            break;
        }
    }
    let error = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    ProviderError::Status { status, retry_after, quota: is_quota(&error) }
}

/// Seconds; a date would be days away or wrong.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Whether an error object says that the quota is spent.
pub(super) fn is_quota(body: &Value) -> bool {
    let error = body.get("error").unwrap_or(body);
    ["code", "type"].iter().filter_map(|name| error.get(name)?.as_str()).any(|code| QUOTA.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_mark_is_seen_however_it_is_cut() {
        let tail = Tail::default();
        tail.see(&[b'x'; 1_000]);
        for bytes in [&b"\n\ndata: [DO"[..], b"NE]\n", b"\n"] {
            assert!(!tail.says_done());
            tail.see(bytes);
            if bytes.starts_with(b"NE") {
                break;
            }
        }
        assert!(tail.says_done());
    }
}
