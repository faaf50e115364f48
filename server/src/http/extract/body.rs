//! JSON bodies: declared as such, bounded, objects, every field known and given once.

use crate::{
    http::error::{Refusal, Result},
    service::ServiceError,
};
use axum::{body::Body as Incoming, extract::FromRequest};
use http::{HeaderMap, Request, header};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tandem_protocol::{error::FieldError, limits::MAX_BODY_BYTES};
use tokio::time::timeout;

/// A body that takes longer than this to arrive is given up.
const ARRIVAL_TIME: Duration = Duration::from_secs(30);
/// So much of a body that is too large is still taken in, so that the client is done sending and reads the refusal.
const DRAIN_BYTES: usize = 16 * MAX_BODY_BYTES;
/// And for so long.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// A JSON body.
pub(in crate::http) struct Body<T>(pub(in crate::http) T);

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
pub(in crate::http) struct OptionalBody<T>(pub(in crate::http) T);

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

/// Whether the body is declared as JSON. Pages of other sites cannot do so without asking (a "preflight").
fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

async fn read(request: Request<Incoming>) -> Result<(HeaderMap, Vec<u8>)> {
    let (parts, mut body) = request.into_parts();
    match timeout(ARRIVAL_TIME, collect(&mut body)).await {
        Ok(Ok(bytes)) => Ok((parts.headers, bytes)),
        Ok(Err(refusal)) => {
            if matches!(refusal, Refusal::PayloadTooLarge) {
                // Whether it ends in time does not matter: the refusal is the same.
                let _ = timeout(DRAIN_TIME, drain(&mut body)).await;
            }
            Err(refusal)
        }
        Err(_) => Err(broken("the body did not arrive in time")),
    }
}

async fn collect(body: &mut Incoming) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken("the body broke off"))?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > MAX_BODY_BYTES {
                return Err(Refusal::PayloadTooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

async fn drain(body: &mut Incoming) {
    let mut drained = 0;
    while drained < DRAIN_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        drained += frame.data_ref().map_or(0, bytes::Bytes::len);
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins != Some(&b'{') {
        // A derived struct would take an array of its fields, too.
        return Err(broken("expected a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| wrong_field(&error.path().to_string(), &error.inner().to_string()))?;
    json.end().map_err(|error| broken(&without_place(&error.to_string())))?;
    Ok(value)
}

/// The body as a whole is wrong.
fn broken(message: &str) -> Refusal {
    Refusal::invalid("body", message)
}

/// What a deserializer said about a place in a body or a query, with the field that it is about.
pub(super) fn wrong_field(path: &str, message: &str) -> Refusal {
    let message = without_place(message);
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

/// Without the line and column that `serde_json` appends: the field says more.
fn without_place(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(said, _)| said).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
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
    async fn a_body_has_a_size() {
        let title = |len| format!(r#"{{"title":"{}"}}"#, "x".repeat(len));
        let most = MAX_BODY_BYTES - title(0).len();
        assert!(Body::<NewTask>::from_request(request("application/json", title(most)), &()).await.is_ok());
        let refusal = Body::<NewTask>::from_request(request("application/json", title(most + 1)), &()).await.err();
        assert!(matches!(refusal, Some(Refusal::PayloadTooLarge)));
    }

    #[tokio::test]
    async fn an_optional_body_may_be_absent() {
        let absent = OptionalBody::<TaskPatch>::from_request(request("", ""), &()).await.ok().unwrap();
        assert_eq!(absent.0, TaskPatch::default());
        let form = OptionalBody::<TaskPatch>::from_request(request("text/plain", "title=x"), &()).await.err();
        assert!(matches!(form, Some(Refusal::UnsupportedMediaType)));
    }
}
