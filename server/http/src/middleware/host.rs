//! Which host a request means, on a server that is reached on its own machine only.
//!
//! A page of another site can have its name point to this machine ("DNS rebinding"); to the browser, what it then loads
//! from here is the page's own. `Host` still holds that name, so it is compared. The port is not: it differs where a port
//! is forwarded, and a name of this machine is no name of another site on any port.

use crate::{HttpSettings, HttpState, Refusal, error::Result};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{header, uri::Authority};
use std::net::IpAddr;

/// What load balancers ask, who name a node by its address or, in HTTP/1.0, not at all. A name that was made to point
/// here is still refused.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Refuses requests that mean another host. Where people type a public name, the proxy in front decides on names.
pub(crate) async fn own_host(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    match check(&state.settings, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Refuses requests that name another host than this machine.
pub(crate) async fn this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|line| line.to_str().ok()).unwrap_or_default();
    let is_here = host.parse::<Authority>().is_ok_and(|host| is_loopback(host.host()));
    if is_here { next.run(request).await } else { Refusal::ForeignHost.into_response() }
}

/// Whether a host is this machine by its own name or address.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback()) || host.eq_ignore_ascii_case("localhost")
}

fn check<B>(settings: &HttpSettings, request: &http::Request<B>) -> Result<()> {
    if !settings.public_url.is_loopback() {
        return Ok(());
    }
    let is_probe = PROBES.contains(&request.uri().path());
    let mut lines = request.headers().get_all(header::HOST).iter();
    let host = match (lines.next(), lines.next()) {
        (None, _) if is_probe => return Ok(()),
        (Some(line), None) => line.to_str().ok().and_then(|text| text.parse::<Authority>().ok()),
        _ => None,
    };
    let host = host.ok_or_else(|| Refusal::invalid("Host", "expected one Host header with the name of this server"))?;
    // A request may name its host in the target, too; then that is the one that counts.
    let named = std::iter::once(&host).chain(request.uri().authority());
    let mut foreign = named.filter(|host| !settings.goes_by(host.host(), is_probe));
    if foreign.next().is_some() { Err(Refusal::ForeignHost) } else { Ok(()) }
}

impl HttpSettings {
    /// Whether a host is this machine, the public one, or one that the operator allowed pages of.
    fn goes_by(&self, host: &str, is_probe: bool) -> bool {
        let by_address = is_probe && host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        let known = std::iter::once(&self.public_url).chain(&self.allowed_origins);
        is_loopback(host) || by_address || known.into_iter().any(|origin| origin.host().eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use tandem_protocol::ErrorCode;

    fn asked(public_url: &str, target: &str, hosts: &[&str]) -> Option<ErrorCode> {
        let settings = HttpSettings {
            public_url: public_url.parse().unwrap(),
            allowed_origins: vec!["http://tandem.lan:8080".parse().unwrap()],
            trusted_proxies: Vec::new(),
            spool: std::path::PathBuf::new(),
        };
        let request = hosts.iter().fold(Request::get(target), |request, host| request.header(header::HOST, *host));
        check(&settings, &request.body(()).unwrap()).err().map(|refusal| refusal.code())
    }

    #[test]
    fn on_this_machine_only_its_own_names_are_answered() {
        let ask = |hosts: &[&str]| asked("http://localhost:8080", "/api/v1/me", hosts);
        for own in ["localhost:8080", "LocalHost", "127.0.0.1:8080", "[::1]:8080", "localhost:9000", "tandem.lan"] {
            assert_eq!(ask(&[own]), None, "{own}");
        }
        for foreign in ["evil.test", "evil.test:8080", "localhost.evil.test", "192.0.2.1", "127.0.0.1.evil.test"] {
            assert_eq!(ask(&[foreign]), Some(ErrorCode::ForbiddenOrigin), "{foreign}");
        }
        for bad in [&[][..], &["localhost", "localhost"], &[""], &["a b"]] {
            assert_eq!(ask(bad), Some(ErrorCode::InvalidRequest), "{bad:?}");
        }
        let target = asked("http://localhost:8080", "http://evil.test/api/v1/me", &["localhost:8080"]);
        assert_eq!(target, Some(ErrorCode::ForbiddenOrigin), "the target names a host, too");
    }

    #[test]
    fn probes_may_name_the_node_by_its_address_or_not_at_all() {
        let ask = |target, hosts: &[&str]| asked("http://localhost:8080", target, hosts);
        for probe in PROBES {
            assert_eq!((ask(probe, &[]), ask(probe, &["10.0.0.7:8080"])), (None, None));
            assert_eq!(ask(probe, &["evil.test"]), Some(ErrorCode::ForbiddenOrigin));
        }
    }

    #[test]
    fn behind_a_public_name_the_proxy_decides() {
        assert_eq!(asked("https://tandem.example", "/", &["node-1"]), None);
    }
}
