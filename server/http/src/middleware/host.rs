//! The check of the `Host` header, against DNS rebinding.
//!
//! The owner of a site can point its name at this machine. To the browser, what a page of that site then loads from
//! here has the page's own origin. `Host` still holds the name of the site, so it is compared with the names of this
//! server. The port is not compared: it differs where a port is forwarded, and no other site has a name of this machine
//! on any port.
//!
//! Only a server whose public address is this machine checks. Elsewhere the proxy in front decides about names.

use crate::{HttpSettings, HttpState, Refusal, error::Result, origin::is_loopback};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{header, uri::Authority};
use std::net::IpAddr;

/// Load balancers request these with the address of the node as the host or, in HTTP/1.0, without one. Names of other
/// sites are still refused.
pub(super) const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Refuses requests for other hosts, if the public address is this machine.
pub(crate) async fn own_host(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    match check(&state.settings, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Refuses requests for other hosts than this machine.
pub(crate) async fn this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|line| line.to_str().ok()).unwrap_or_default();
    let is_here = host.parse::<Authority>().is_ok_and(|host| is_loopback(host.host()));
    if is_here { next.run(request).await } else { Refusal::ForeignHost.into_response() }
}

fn check<B>(settings: &HttpSettings, request: &http::Request<B>) -> Result<()> {
    if !settings.public_url.is_loopback() {
        return Ok(());
    }
    let is_probe = PROBES.contains(&request.uri().path());
    let mut lines = request.headers().get_all(header::HOST).iter();
    let host = match (lines.next(), lines.next()) {
        // A request of HTTP/1.0 may come without the header.
        (None, _) if is_probe => return Ok(()),
        (Some(line), None) => line.to_str().ok().and_then(|text| text.parse::<Authority>().ok()),
        _ => None,
    };
    let host = host.ok_or_else(|| Refusal::invalid("Host", "expected one Host header with a name of this server"))?;
    // A request may also name a host in its target, which then overrides the header (RFC 9112, section 3.2.2).
    let hosts = std::iter::once(&host).chain(request.uri().authority());
    let mut foreign = hosts.filter(|host| !settings.has_host(host.host(), is_probe));
    if foreign.next().is_some() { Err(Refusal::ForeignHost) } else { Ok(()) }
}

impl HttpSettings {
    /// Whether a host is this machine, the public host, or that of an allowed origin.
    fn has_host(&self, host: &str, is_probe: bool) -> bool {
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

    fn refusal_of(public_url: &str, target: &str, hosts: &[&str]) -> Option<ErrorCode> {
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
        let ask = |hosts: &[&str]| refusal_of("http://localhost:8080", "/api/v1/me", hosts);
        for own in ["localhost:8080", "LocalHost", "127.0.0.1:8080", "[::1]:8080", "localhost:9000", "tandem.lan"] {
            assert_eq!(ask(&[own]), None, "{own}");
        }
        for foreign in ["evil.test", "evil.test:8080", "localhost.evil.test", "192.0.2.1", "127.0.0.1.evil.test"] {
            assert_eq!(ask(&[foreign]), Some(ErrorCode::ForbiddenOrigin), "{foreign}");
        }
        for bad in [&[][..], &["localhost", "localhost"], &[""], &["a b"]] {
            assert_eq!(ask(bad), Some(ErrorCode::InvalidRequest), "{bad:?}");
        }
        let target = refusal_of("http://localhost:8080", "http://evil.test/api/v1/me", &["localhost:8080"]);
        assert_eq!(target, Some(ErrorCode::ForbiddenOrigin), "the target names a host, too");
    }

    #[test]
    fn probes_may_name_the_node_by_its_address_or_not_at_all() {
        let ask = |target, hosts: &[&str]| refusal_of("http://localhost:8080", target, hosts);
        for probe in PROBES {
            assert_eq!((ask(probe, &[]), ask(probe, &["10.0.0.7:8080"])), (None, None));
            assert_eq!(ask(probe, &["evil.test"]), Some(ErrorCode::ForbiddenOrigin));
        }
    }

    #[test]
    fn behind_a_public_name_the_proxy_decides() {
        assert_eq!(refusal_of("https://tandem.example", "/", &["node-1"]), None);
    }
}
