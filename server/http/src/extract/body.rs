//! Request bodies: read within limits, and parsed as a JSON object whose fields are all known and given once.
//!
//! An unknown field is refused rather than ignored, so that a typing mistake does not pass for an optional field that
//! was left out. Each refusal names the field.
//!
//! A body takes memory while it arrives. It is limited in size and time, and all bodies of a user together in size.

use crate::error::{Refusal, Result};
use axum::{body::Body as Incoming, extract::FromRequest};
use http::{Extensions, HeaderMap, Request, header};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use tandem_protocol::{UserId, error::FieldError, limits::MAX_BODY_BYTES};
use tandem_runtime::permits::{Permit, Permits};
use tandem_service::{ServiceError, Work};
use tokio::time::timeout;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest body of a request without a caller, whose memory cannot be counted for a user.
pub(crate) const MAX_SIGN_IN_BYTES: usize = 16 * 1024;
/// Bytes of bodies of one user that may arrive at the same time.
pub(crate) const MAX_RECEIVING_BYTES: usize = 8 * MAX_BODY_BYTES;
/// When the client of a refused body may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The user whose memory a body takes while it arrives. In the extensions of a request whose caller is known.
#[derive(Clone, Debug)]
pub(crate) struct BodyOwner {
    body_bytes: Arc<Permits<UserId>>,
    user: UserId,
}

impl BodyOwner {
    pub(crate) fn new(body_bytes: &Arc<Permits<UserId>>, user: &UserId) -> Self {
        Self { body_bytes: Arc::clone(body_bytes), user: user.clone() }
    }
}

pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request<Incoming>, _: &S) -> Result<Self> {
        let (headers, bytes) = read(request).await?;
        if !is_json(&headers) {
            return Err(Refusal::UnsupportedMediaType);
        }
        parse(&bytes).map(Self)
    }
}

/// A JSON body of fields that may all be absent; so may be the body.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default, S: Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request<Incoming>, _: &S) -> Result<Self> {
        let (headers, bytes) = read(request).await?;
        match (bytes.is_empty(), is_json(&headers)) {
            (true, _) => Ok(Self(T::default())),
            (false, true) => parse(&bytes).map(Self),
            (false, false) => Err(Refusal::UnsupportedMediaType),
        }
    }
}

/// Whether the body is declared as JSON. A page of another site cannot declare it without a preflight request (CORS),
/// which this server does not answer.
fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

async fn read(request: Request<Incoming>) -> Result<(HeaderMap, Vec<u8>)> {
    let (parts, body) = request.into_parts();
    let bytes = read_body(body, &parts.extensions).await?;
    Ok((parts.headers, bytes))
}

/// Reads a whole body within the limits that the extensions of its request call for. A refused body is not read any
/// further; its connection is closed behind the answer.
pub(crate) async fn read_body(mut body: Incoming, extensions: &Extensions) -> Result<Vec<u8>> {
    let limit = if extensions.get() == Some(&Work::SignIn) { MAX_SIGN_IN_BYTES } else { MAX_BODY_BYTES };
    let mut permit = extensions.get::<BodyOwner>().map(|owner| owner.body_bytes.empty(owner.user.clone()));
    match timeout(BODY_TIMEOUT, collect(&mut body, limit, permit.as_mut())).await {
        Ok(bytes) => bytes,
        Err(_) => Err(invalid_body("the body did not arrive in time")),
    }
}

async fn collect(body: &mut Incoming, limit: usize, mut permit: Option<&mut Permit<UserId>>) -> Result<Vec<u8>> {
    if body.size_hint().lower() > limit as u64 {
        return Err(Refusal::PayloadTooLarge(limit));
    }
    // The announced length is counted before anything arrives: a body over the user's limit is not read at all.
    let mut counted = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    grow(&mut permit, counted)?;
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| invalid_body("the body is incomplete"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(Refusal::PayloadTooLarge(limit));
        }
        let beyond = (bytes.len() + data.len()).saturating_sub(counted);
        grow(&mut permit, beyond)?;
        counted += beyond;
        // Grown by an eighth and not doubled: a client that stops sending would leave up to half of the memory unused.
        bytes.reserve_exact(data.len().max(bytes.len() / 8));
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// Counts bytes of a body for its user, if it has one.
fn grow(permit: &mut Option<&mut Permit<UserId>>, by: usize) -> Result<()> {
    let fits = permit.as_mut().is_none_or(|permit| permit.try_grow(by));
    if fits { Ok(()) } else { Err(ServiceError::RateLimited(RETRY_AFTER).into()) }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins != Some(&b'{') {
        // The code that serde derives for a struct accepts an array of its fields, too.
        return Err(invalid_body("expected a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| wrong_field(&error.path().to_string(), &error.inner().to_string()))?;
    json.end().map_err(|error| invalid_body(&without_position(&error.to_string())))?;
    Ok(value)
}

/// The refusal of a body as a whole.
fn invalid_body(message: &str) -> Refusal {
    Refusal::invalid("body", message)
}

/// The refusal of one field: `message` is the error that a deserializer reported at `path` of a body or a query.
pub(super) fn wrong_field(path: &str, message: &str) -> Refusal {
    let message = without_types(&without_position(message));
    // These errors are reported at the object that holds the field, which only the message names.
    let named = ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|kind| message.strip_prefix(kind))
        .and_then(|rest| rest.split('`').next());
    let path = path.trim_matches('.');
    let field = match (path, named) {
        ("", None) => "body".to_owned(),
        (path, None) => path.to_owned(),
        ("", Some(name)) => name.to_owned(),
        (path, Some(name)) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
    };
    ServiceError::Invalid(vec![FieldError { field, message }]).into()
}

/// Says what JSON is expected, where serde names the type of this program.
fn without_types(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once("expected struct ") else { return message.to_owned() };
    let rest = expected.trim_start_matches(|letter: char| letter.is_alphanumeric());
    let rest = if rest.starts_with(" with ") { "" } else { rest };
    format!("{found}expected an object{rest}")
}

/// Removes the line and column that `serde_json` appends; the refusal names the field instead.
fn without_position(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(reason, _)| reason).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::{Frame, SizeHint};
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };
    use tandem_protocol::rest::{NewTask, TaskPatch};

    fn request(content_type: &str, body: impl Into<Incoming>) -> Request<Incoming> {
        Request::post("/").header(header::CONTENT_TYPE, content_type).body(body.into()).unwrap()
    }

    fn errors(refusal: Refusal) -> Vec<FieldError> {
        match refusal {
            Refusal::Service(error) => error.fields().to_vec(),
            other => panic!("expected an invalid request, got {other:?}"),
        }
    }

    async fn wrong(body: &'static str) -> String {
        let refusal = Body::<NewTask>::from_request(request("application/json", body), &()).await.err().expect(body);
        errors(refusal)[0].field.clone()
    }

    #[tokio::test]
    async fn the_wrong_field_is_named() {
        for (body, field) in [
            (r#"{"title":5}"#, "title"),
            (r"{}", "title"),
            (r#"{"title":"a","title":"b"}"#, "title"),
            (r#"{"title":"a","colour":"red"}"#, "colour"),
            (r#"{"title":"a","due":{"date":"2026-02-30"}}"#, "due.date"),
            (r#"{"title":"a","due":{"time":null}}"#, "due.date"),
            (r#"{"title":"a","due":{"date":"2026-02-20","day":1}}"#, "due.day"),
            (r#"{"title":"a","priority":"huge"}"#, "priority"),
            (r#"{"title":"a","labels":["b",3]}"#, "labels[1]"),
            (r#"{"title":"a","id":"7"}"#, "id"),
        ] {
            assert_eq!(wrong(body).await, field, "{body}");
        }
    }

    #[tokio::test]
    async fn what_is_no_object_is_refused() {
        for body in ["", "[]", r#"["a"]"#, "null", "5", "{nope", r#"{"title":"a"} x"#, r#"{"title":"a""#] {
            wrong(body).await;
        }
        let deep = format!(r#"{{"title":"a","description":{}"#, "[".repeat(10_000));
        let refusal = Body::<NewTask>::from_request(request("application/json", deep), &()).await;
        assert!(refusal.is_err());
    }

    #[tokio::test]
    async fn only_json_is_taken() {
        for content_type in ["application/x-www-form-urlencoded", "text/plain", "", "multipart/form-data"] {
            let refusal = Body::<NewTask>::from_request(request(content_type, r#"{"title":"a"}"#), &()).await.err();
            assert!(matches!(refusal, Some(Refusal::UnsupportedMediaType)), "{content_type} was taken");
        }
        let charset = request("application/json; charset=utf-8", r#"{"title":"a"}"#);
        assert_eq!(Body::<NewTask>::from_request(charset, &()).await.ok().unwrap().0.title, "a");
    }

    #[tokio::test]
    async fn the_size_of_a_body_is_limited() {
        let title = |len| format!(r#"{{"title":"{}"}}"#, "x".repeat(len));
        let most = MAX_BODY_BYTES - title(0).len();
        assert!(Body::<NewTask>::from_request(request("application/json", title(most)), &()).await.is_ok());
        let refusal = Body::<NewTask>::from_request(request("application/json", title(most + 1)), &()).await.err();
        assert!(matches!(refusal, Some(Refusal::PayloadTooLarge(MAX_BODY_BYTES))));
    }

    #[tokio::test]
    async fn before_log_in_a_body_is_small() {
        let title = |len| format!(r#"{{"title":"{}"}}"#, "x".repeat(len));
        let send = async |len| {
            let mut request = request("application/json", title(len));
            request.extensions_mut().insert(Work::SignIn);
            Body::<NewTask>::from_request(request, &()).await.err()
        };
        let most = MAX_SIGN_IN_BYTES - title(0).len();
        assert!(send(most).await.is_none());
        assert!(matches!(send(most + 1).await, Some(Refusal::PayloadTooLarge(MAX_SIGN_IN_BYTES))));
    }

    #[tokio::test]
    async fn bodies_of_a_user_share_their_bytes_and_give_them_back() {
        let body_bytes = Permits::new(64);
        let send = async |user: &str| {
            let mut request = request("application/json", format!(r#"{{"title":"{}"}}"#, "x".repeat(20)));
            request.extensions_mut().insert(BodyOwner::new(&body_bytes, &UserId::from(user)));
            Body::<NewTask>::from_request(request, &()).await.err()
        };
        for _ in 0..3 {
            assert!(send("ann").await.is_none(), "what has arrived is not on the way any more");
        }
        let mut held = body_bytes.empty(UserId::from("ann"));
        assert!(held.try_grow(50));
        assert!(matches!(send("ann").await, Some(Refusal::Service(error)) if error.retry_after().is_some()));
        assert!(send("ben").await.is_none());
    }

    /// A body that announces this length and does not arrive.
    struct Announced(u64);

    impl hyper::body::Body for Announced {
        type Data = bytes::Bytes;
        type Error = std::io::Error;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<std::io::Result<Frame<bytes::Bytes>>>> {
            Poll::Pending
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(self.0)
        }
    }

    #[tokio::test]
    async fn the_announced_length_counts_before_anything_arrives() {
        let body_bytes = Permits::new(64);
        let send = |len| {
            let mut request = request("application/json", Incoming::new(Announced(len)));
            request.extensions_mut().insert(BodyOwner::new(&body_bytes, &UserId::from("ann")));
            Body::<NewTask>::from_request(request, &())
        };
        let mut first = Box::pin(send(60));
        assert!(futures_util::poll!(&mut first).is_pending());
        assert!(matches!(send(5).await.err(), Some(Refusal::Service(error)) if error.retry_after().is_some()));
        drop(first);
        assert!(futures_util::poll!(Box::pin(send(5))).is_pending());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_is_given_up() {
        let endless = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
        let refused = Body::<NewTask>::from_request(request("application/json", Incoming::from_stream(endless)), &());
        assert_eq!(errors(refused.await.err().unwrap())[0].message, "the body did not arrive in time");
    }

    #[tokio::test]
    async fn an_optional_body_may_be_absent() {
        let absent = OptionalBody::<TaskPatch>::from_request(request("", ""), &()).await.ok().unwrap();
        assert_eq!(absent.0, TaskPatch::default());
        let form = OptionalBody::<TaskPatch>::from_request(request("text/plain", "title=x"), &()).await.err();
        assert!(matches!(form, Some(Refusal::UnsupportedMediaType)));
    }
}
