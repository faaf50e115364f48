//! The transport under the library: it sends a request once and reads refusals itself.
//!
//! Of a refusal it keeps its kind, the status and `Retry-After`. The text is dropped, since it may quote what users
//! wrote and would end up in a log.

use crate::provider::{ProviderError, Refusal};
use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use futures_util::StreamExt as _;
use http::{HeaderMap, header::RETRY_AFTER};
use reqwest::{Body, Response};
use serde_json::Value;
use std::{
    iter::successors,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tower::Service;

/// Bytes of the body of a refusal that are read.
const MAX_REFUSAL: usize = 64 * 1024;

/// The response to one request, taken out before the library reads it.
#[derive(Clone, Debug, Default)]
pub(super) struct CapturedResponse(Arc<Mutex<Option<Response>>>);

impl CapturedResponse {
    fn set(&self, response: Response) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
    }

    pub(super) fn take(&self) -> Option<Response> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The transport of one request. It stores the response in `captured`, and gives the library an empty one.
pub(super) fn service(
    http: reqwest::Client,
    captured: CapturedResponse,
) -> impl Service<HttpRequestFactory, Response = Response, Error = OpenAIError, Future: Send + 'static>
+ Clone
+ Send
+ Sync
+ 'static {
    tower::service_fn(move |factory: HttpRequestFactory| {
        let (http, captured) = (http.clone(), captured.clone());
        async move {
            let request = factory.build().await?;
            let response = http.execute(request).await.map_err(|error| boxed(connection_error(&error)))?;
            if !response.status().is_success() {
                return Err(boxed(refusal(response).await));
            }
            captured.set(response);
            // An empty body: the stream of the library ends at once, and it holds no part of the answer.
            Ok(http::Response::new(Body::default()).into())
        }
    })
}

/// Why a request got no response.
pub(super) fn connection_error(error: &reqwest::Error) -> ProviderError {
    let causes = || successors(std::error::Error::source(error), |cause| cause.source());
    if causes().any(is_tls) {
        return ProviderError::Tls;
    }
    // The type of this error is private.
    if causes().any(|cause| cause.to_string().starts_with("dns error")) {
        return ProviderError::UnknownHost;
    }
    if error.is_timeout() { ProviderError::ConnectTimeout } else { ProviderError::Connect }
}

/// Whether an error is one of TLS. The layers between hide it in errors of I/O, whose source is that of the hidden error.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let hidden = error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
    error.is::<rustls::Error>() || hidden.is_some_and(|hidden| is_tls(hidden))
}

fn boxed(error: ProviderError) -> OpenAIError {
    OpenAIError::Boxed(Box::new(error))
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
    // Proxies refuse in plain text.
    let text = || Value::String(String::from_utf8_lossy(&body).into_owned());
    let error = serde_json::from_slice::<Value>(&body).unwrap_or_else(|_| text());
    ProviderError::Refused { refusal: Refusal::classify(Some(status), &error), retry_after }
}

/// The number of seconds in the header. A date is ignored.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
