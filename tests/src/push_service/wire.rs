//! The HTTP side of the push service (RFC 8030), which verifies what it is sent (RFC 8292).

use super::{OfBrowser, SharedPushes, TestBrowser};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tandem_domain::clock::{Clock as _, SystemClock};
use tandem_protocol::push::PushPayload;
use tokio::time::sleep;

/// Longest life of a signature in seconds (RFC 8292, 2).
const LONGEST_LIFE: i64 = 24 * 60 * 60;

/// How the service answers a push.
#[derive(Clone, Debug)]
pub enum Answer {
    /// With a status, 201 being accepted, and `Retry-After`.
    Status(u16, Option<String>),
    /// Accepted after a time.
    Slowly(Duration),
    /// The connection is closed without an answer.
    HangUp,
}

/// A push that was accepted.
#[derive(Clone, Debug)]
pub struct ReceivedPush {
    pub at: Instant,
    pub payload: PushPayload,
    /// The whole payload, as bytes that the browser reads.
    pub text: String,
    pub topic: String,
    pub urgency: String,
    pub ttl: String,
    /// The public key of the signature, in base64url.
    pub signed_by: String,
    pub contact: String,
}

pub(super) fn app(shared: Arc<SharedPushes>) -> Router {
    Router::new().route("/push/{name}", post(receive)).with_state(shared)
}

async fn receive(
    State(shared): State<Arc<SharedPushes>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = shared.browsers().get_mut(&name).map(|known| (Arc::clone(&known.browser), known.answers.pop_front()));
    let Some((browser, answer)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let read = read(&browser, &shared.origin(), &headers, &body);
    let note = |note: &dyn Fn(&mut OfBrowser)| shared.of(&browser, |known| note(known));
    let push = match read {
        Ok(push) => push,
        Err(fault) => {
            note(&|known| known.faults.push(fault.clone()));
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    match answer {
        Some(Answer::Status(status, _)) if !(200..300).contains(&status) => note(&|known| known.refused += 1),
        Some(Answer::HangUp) => {
            note(&|known| known.refused += 1);
            // A body that fails breaks the connection off; before its first byte there is no answer at all.
            std::panic::resume_unwind(Box::new("the push service hangs up"));
        }
        _ => note(&|known| known.pushes.push(push.clone())),
    }
    match answer {
        None => StatusCode::CREATED.into_response(),
        Some(Answer::Slowly(time)) => {
            sleep(time).await;
            StatusCode::CREATED.into_response()
        }
        Some(Answer::HangUp) => unreachable!("it has hung up"),
        Some(Answer::Status(status, retry_after)) => {
            let mut response = StatusCode::from_u16(status).expect("a script names a status").into_response();
            if let Some(text) = retry_after {
                response.headers_mut().insert("Retry-After", text.parse().expect("a script names a time"));
            }
            response
        }
    }
}

fn read(browser: &TestBrowser, origin: &str, headers: &HeaderMap, body: &[u8]) -> Result<ReceivedPush, String> {
    let header = |name: &str| {
        let text = headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        text.ok_or_else(|| format!("no {name}"))
    };
    if header("content-encoding")? != "aes128gcm" {
        return Err("another encoding".to_owned());
    }
    let topic = header("topic")?;
    if topic.len() > 32 || !topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Err(format!("no topic: {topic}"));
    }
    let (signed_by, contact) = verify(&header("authorization")?, origin)?;
    let text = browser.decrypt(body).map_err(str::to_owned)?;
    if text.len() > 3_000 {
        return Err(format!("{} bytes", text.len()));
    }
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    let payload = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let (urgency, ttl) = (header("urgency")?, header("ttl")?);
    Ok(ReceivedPush { at: Instant::now(), payload, text, topic, urgency, ttl, signed_by, contact })
}

/// Verifies the signature; returns the key and the contact.
fn verify(authorization: &str, origin: &str) -> Result<(String, String), String> {
    let parts = authorization.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k="));
    let (token, key) = parts.ok_or("no signature")?;
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|error| error.to_string());
    let (signed, signature) = token.rsplit_once('.').ok_or("no token")?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key)?)
        .verify(signed.as_bytes(), &bytes(signature)?)
        .map_err(|_| "the signature is wrong")?;
    let (head, claims) = signed.split_once('.').ok_or("no claims")?;
    let json = |text: &str| serde_json::from_slice::<Value>(&bytes(text)?).map_err(|error| error.to_string());
    let (head, claims) = (json(head)?, json(claims)?);
    let left = claims["exp"].as_i64().unwrap_or_default() - SystemClock.now().as_millis() / 1_000;
    if head["alg"] != "ES256" || claims["aud"] != origin || !(1..=LONGEST_LIFE).contains(&left) {
        return Err(format!("{head} {claims} for {origin}"));
    }
    Ok((key.to_owned(), claims["sub"].as_str().unwrap_or_default().to_owned()))
}
