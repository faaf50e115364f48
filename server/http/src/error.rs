//! Refusals, and the problem documents (RFC 9457) that clients are sent.
//!
//! A document names the id of its request, which a handler does not know. So a [`Refusal`] travels in the extensions of
//! the response until [`crate::middleware::problems`], the only function that writes documents and logs faults.
//!
//! A document never shows the cause of a fault of the server: it might hold data of others, or the text of a statement.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use std::sync::Arc;
use tandem_protocol::{ErrorCode, enums::WireEnum as _, error::Problem};
use tandem_service::{ServiceError, error::whole_seconds};
use uuid::Uuid;

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The result of a handler, an extractor or a middleware.
pub(super) type Result<T, E = Refusal> = std::result::Result<T, E>;

/// Why a request was refused: an error of the services, or a reason that only this transport knows.
#[derive(Clone, Debug)]
pub enum Refusal {
    Service(Arc<ServiceError>),
    ForbiddenOrigin,
    NoSuchPath,
    /// The path names another user than the caller.
    ForeignPath,
    MethodNotAllowed,
    /// The request names a host that is not this server.
    ForeignHost,
    /// The body is larger than this many bytes.
    PayloadTooLarge(usize),
    UnsupportedMediaType,
    /// The body is compressed.
    Encoded,
    /// The WebSocket handshake has another version than 13, which the answer names (RFC 6455, section 4.4).
    SocketVersion,
}

impl Refusal {
    /// Refuses the value of one field.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        ServiceError::invalid(field, message).into()
    }

    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::Service(error) => error.code(),
            Self::ForbiddenOrigin | Self::ForeignHost => ErrorCode::ForbiddenOrigin,
            Self::NoSuchPath => ErrorCode::NotFound,
            Self::ForeignPath => ErrorCode::InsufficientScope,
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::PayloadTooLarge(_) => ErrorCode::PayloadTooLarge,
            Self::UnsupportedMediaType | Self::Encoded => ErrorCode::UnsupportedMediaType,
            Self::SocketVersion => ErrorCode::InvalidRequest,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Service(error) => error.detail(),
            Self::ForbiddenOrigin => "Pages of this origin may not send this request.".into(),
            Self::NoSuchPath => "There is nothing at this path. See /api/openapi.json for the paths of the API.".into(),
            Self::ForeignPath => "The address names another user than the token. Use your own id there.".into(),
            Self::MethodNotAllowed => {
                "This path does not support this method. The Allow header lists the methods that it supports.".into()
            }
            Self::ForeignHost => {
                "This server does not know that host name. Open it at the address that it is configured with.".into()
            }
            Self::PayloadTooLarge(most) => format!("The body is larger than {}.", size(*most)),
            Self::UnsupportedMediaType => "Send the body as application/json, in UTF-8.".into(),
            Self::Encoded => "Send the body uncompressed, without Content-Encoding.".into(),
            Self::SocketVersion => "This server supports version 13 of the WebSocket protocol.".into(),
        }
    }

    fn status(&self) -> StatusCode {
        if matches!(self, Self::SocketVersion) {
            return StatusCode::UPGRADE_REQUIRED;
        }
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Logs a fault of the server with all of its causes. Mistakes of clients are in the access log only.
    pub(super) fn log(&self) {
        if let Self::Service(error) = self
            && let ServiceError::Internal(source) | ServiceError::Unavailable(source) = error.as_ref()
        {
            tracing::error!(code = self.code().as_str(), error = format!("{source:#}"), "request failed");
        }
    }

    /// Writes the problem document of a request.
    pub(super) fn problem(&self, request_id: Uuid) -> Response {
        let (code, status) = (self.code(), self.status());
        let service = if let Self::Service(error) = self { Some(error) } else { None };
        let problem = Problem {
            kind: "about:blank".into(),
            title: code.title().into(),
            status: status.as_u16(),
            code,
            detail: self.detail(),
            request_id: request_id.to_string(),
            errors: service.map(|error| error.fields().to_vec()).unwrap_or_default(),
            task: service.and_then(|error| error.current_task().cloned()),
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        if let Some(wait) = service.and_then(|error| error.retry_after()) {
            headers.insert(header::RETRY_AFTER, whole_seconds(wait).into());
        }
        // RFC 9110, section 11.6.1, requires it with this status.
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::UPGRADE_REQUIRED {
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        response
    }
}

/// Formats a size in MiB if it is a multiple of one, else in KiB.
fn size(bytes: usize) -> String {
    const MEBIBYTE: usize = 1024 * 1024;
    if bytes.is_multiple_of(MEBIBYTE) { format!("{} MiB", bytes / MEBIBYTE) } else { format!("{} KiB", bytes / 1024) }
}

impl<E: Into<ServiceError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Service(Arc::new(error.into()))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // Without a body: `problems` replaces the whole response.
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tandem_domain::Invalid;

    fn problem(refusal: impl Into<Refusal>) -> Response {
        refusal.into().problem(Uuid::nil())
    }

    async fn body(response: Response) -> Problem {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn a_refused_field_is_named() {
        let response = problem(Invalid::new("title", "must not be empty"));
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        let problem = body(response).await;
        assert_eq!((problem.code, problem.status), (ErrorCode::InvalidRequest, 400));
        assert_eq!(problem.errors[0].field, "title");
        assert_eq!(problem.request_id, Uuid::nil().to_string());
    }

    #[tokio::test]
    async fn faults_of_ours_show_no_internals() {
        let secret = "no such table: users";
        for error in
            [ServiceError::Internal(anyhow::anyhow!(secret)), ServiceError::Unavailable(anyhow::anyhow!(secret))]
        {
            let problem = body(problem(error)).await;
            assert!(problem.status >= 500);
            assert!(!serde_json::to_string(&problem).unwrap().contains(secret));
        }
    }

    #[test]
    fn a_client_over_its_rate_is_sent_how_long_to_wait() {
        let response = problem(ServiceError::RateLimited(Duration::from_millis(1_200)));
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert_eq!(problem(ServiceError::Overloaded).headers()[header::RETRY_AFTER], "1");
    }

    #[test]
    fn the_size_that_is_named_is_the_one_that_holds() {
        assert_eq!(Refusal::PayloadTooLarge(1024 * 1024).detail(), "The body is larger than 1 MiB.");
        assert_eq!(Refusal::PayloadTooLarge(16 * 1024).detail(), "The body is larger than 16 KiB.");
    }

    #[test]
    fn a_refusal_without_credentials_names_the_scheme() {
        let response = problem(ServiceError::Unauthenticated);
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
}
