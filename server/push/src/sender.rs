//! Sends one push to its push service (RFC 8030), and reads from the answer what to do next.
//!
//! The service is a stranger's: the connection is made to public addresses only, redirects are not followed, an answer has
//! ten seconds, and no more than a few bytes of its body are read.

use super::{
    encryption::{Recipient, encrypt},
    vapid::Signer,
};
use jiff::fmt::rfc2822;
use reqwest::{
    Client, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER},
    redirect::Policy,
};
use std::{sync::Arc, time::Duration};
use tandem_domain::push as rules;
use tandem_protocol::{Timestamp, enums::PushKind};
use tandem_service::push::public_addresses;
use tandem_store::DuePush;

/// How long a push service may take, and of this to connect.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// How long a push service keeps a push for a browser that is not connected, in seconds.
const TTL: &str = "3600";
/// Connections to one push service that are kept for the next push, and for how long. A service that closes one at the
/// moment of a push would cost an attempt.
const IDLE_CONNECTIONS: usize = 32;
const KEPT_IDLE: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read, so that its connection can be used again.
const READ_BYTES: usize = 4_096;

/// What became of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendOutcome {
    /// The push service has it.
    Accepted,
    /// The subscription is over: it is removed.
    Gone,
    /// Not now; after this time, if the service named one. The word is for metrics.
    Later(Option<Duration>, &'static str),
    /// The service refuses this push, or it cannot be sent: another attempt would end the same way.
    Refused(&'static str),
    /// The push was sent and no answer came in time: it may have arrived, so it is not sent again.
    Unknown,
}

/// Resolves names to addresses that pushes may go to.
#[derive(Debug)]
struct PublicResolver {
    loopback: bool,
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            // The client replaces the port by that of the address.
            let found = public_addresses(name.as_str(), 0, loopback).await?;
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Sends pushes over kept connections.
#[derive(Debug)]
pub(crate) struct Sender {
    http: Client,
    signer: Signer,
    loopback: bool,
}

impl Sender {
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new(signer: Signer, loopback: bool) -> reqwest::Result<Self> {
        let http = Client::builder()
            .dns_resolver(Arc::new(PublicResolver { loopback }))
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(CONNECT_PATIENCE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(KEPT_IDLE)
            .no_proxy()
            .build()?;
        Ok(Self { http, signer, loopback })
    }

    /// Sends an encrypted payload.
    pub(crate) async fn send(&self, push: &DuePush, payload: &[u8], topic: &str, now: Timestamp) -> SendOutcome {
        let to = Recipient { public_key: &push.public_key, auth_secret: &push.auth_secret };
        let Ok(body) = encrypt(payload, to) else { return SendOutcome::Refused("key") };
        // Once more, for addresses without a name: no resolver sees them.
        let Ok(url) = rules::endpoint(&push.endpoint, self.loopback) else { return SendOutcome::Refused("address") };
        let origin = url.origin().ascii_serialization();
        let Ok(authorization) = self.signer.authorization(&origin, now) else { return SendOutcome::Refused("key") };
        let request = self
            .http
            .post(url)
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("TTL", TTL)
            .header("Urgency", if push.subject.kind == PushKind::Reply { "normal" } else { "high" })
            .header("Topic", topic)
            .body(body);
        match request.send().await {
            Ok(answer) => outcome_of(answer, now).await,
            Err(error) => of_error(&error),
        }
    }
}

async fn outcome_of(mut answer: Response, now: Timestamp) -> SendOutcome {
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|at| at.to_str().ok());
    let outcome = outcome(answer.status(), retry_after, now);
    let mut left = READ_BYTES;
    while let Ok(Some(bytes)) = answer.chunk().await {
        left = left.saturating_sub(bytes.len());
        if left == 0 {
            break;
        }
    }
    outcome
}

fn of_error(error: &reqwest::Error) -> SendOutcome {
    if error.is_builder() {
        return SendOutcome::Refused("address");
    }
    // A connection that was closed before any answer was that of a service which has died. It has not accepted the push,
    // or it replaces it by the next one of the same topic.
    let sent = error.is_timeout() && !error.is_connect();
    if sent { SendOutcome::Unknown } else { SendOutcome::Later(None, "unreachable") }
}

fn outcome(status: StatusCode, retry_after: Option<&str>, now: Timestamp) -> SendOutcome {
    match status.as_u16() {
        200..=299 => SendOutcome::Accepted,
        404 | 410 => SendOutcome::Gone,
        429 => SendOutcome::Later(retry_after.and_then(|text| pause(text, now)), "slowed_down"),
        408 | 425 | 500..=599 => SendOutcome::Later(retry_after.and_then(|text| pause(text, now)), "failed"),
        413 => SendOutcome::Refused("size"),
        401 | 403 => SendOutcome::Refused("signature"),
        300..=399 => SendOutcome::Refused("redirect"),
        _ => SendOutcome::Refused("status"),
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
fn pause(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = Timestamp::from(rfc2822::parse(text.trim()).ok()?.timestamp());
    Some(Duration::from_millis(at.millis_since(now).max(0).unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_consequence() {
        let now = Timestamp::parse("2026-10-21T07:27:00.000Z").unwrap();
        let read = |status, retry| outcome(StatusCode::from_u16(status).unwrap(), retry, now);
        for status in [200, 201, 202, 204] {
            assert_eq!(read(status, None), SendOutcome::Accepted);
        }
        for status in [404, 410] {
            assert_eq!(read(status, None), SendOutcome::Gone);
        }
        for status in [429, 500, 502, 503] {
            assert!(matches!(read(status, None), SendOutcome::Later(None, _)), "{status}");
        }
        let after = |status, retry| match read(status, Some(retry)) {
            SendOutcome::Later(after, _) => after.map(|after| after.as_secs()),
            other => panic!("{other:?}"),
        };
        assert_eq!(after(429, "30"), Some(30));
        assert_eq!(after(503, "Wed, 21 Oct 2026 07:28:00 GMT"), Some(60));
        assert_eq!(after(503, "Wed, 21 Oct 2026 07:26:00 GMT"), Some(0));
        assert_eq!(after(503, "soon"), None);
        for status in [301, 307, 400, 401, 403, 413] {
            assert!(matches!(read(status, None), SendOutcome::Refused(_)), "{status}");
        }
    }
}
