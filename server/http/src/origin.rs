//! Origins (RFC 6454), and which pages may use the cookie that a browser sends by itself.
//!
//! `SameSite` alone is not enough: to a browser all ports of a host are one site, so that pages of any server on this
//! machine would be sent the cookie. `Origin` has the port, and a page cannot forge it.

use http::{HeaderMap, Uri, header};
use std::{fmt, net::IpAddr, str::FromStr};

/// Scheme, host and port of a page or a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// The text is not an `http` or `https` origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an origin such as https://tandem.example")]
pub struct InvalidOrigin;

impl Origin {
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host as in a URL: an IPv6 address has brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn with_host(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }

    /// Host and port as in the `Host` header, which omits the port of the scheme.
    pub(super) fn authority(&self) -> String {
        let own_port = if self.secure { 443 } else { 80 };
        if self.port == own_port { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// The origin with its port, also when that is the port of the scheme.
    pub(super) fn with_port(&self) -> String {
        format!("{}://{}:{}", self.scheme(), self.host, self.port)
    }

    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Whether the host is `localhost` or a loopback address.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether pages of `other` are pages of this origin. On a loopback address, any name of this machine counts.
    pub fn is_own(&self, other: &Self) -> bool {
        let same_port = self.secure == other.secure && self.port == other.port;
        self == other || (same_port && self.is_loopback() && other.is_loopback())
    }
}

/// Whether a host is `localhost` or a loopback address.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback()) || host.eq_ignore_ascii_case("localhost")
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    /// Parses a URL without path, query and user. A slash at the end is allowed.
    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidOrigin),
        };
        let bare = uri.path() == "/" && uri.query().is_none();
        let authority = uri.authority().filter(|authority| bare && !authority.as_str().contains('@'));
        let authority = authority.ok_or(InvalidOrigin)?;
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            // `http::Uri` accepts an empty port.
            None if authority.as_str().ends_with(':') => return Err(InvalidOrigin),
            None if secure => 443,
            None => 80,
        };
        Ok(Self { secure, host: authority.host().to_ascii_lowercase(), port })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.authority())
    }
}

/// Whether a request may use the cookie: it comes from a page of this server or of an allowed origin, or from no page. To the
/// browser an allowed origin, and another name of this machine, may be another site (`Sec-Fetch-Site`); this server is not.
pub(super) fn may_use_cookie(headers: &HeaderMap, own: &Origin, allowed: &[Origin]) -> bool {
    let cross_site = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    let is_allowed =
        |origin: &Origin| if origin == own { !cross_site } else { own.is_own(origin) || allowed.contains(origin) };
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => origin.to_str().is_ok_and(|text| text.parse().is_ok_and(|origin| is_allowed(&origin))),
        (Some(_), Some(_)) => false,
        // `none` is a request of the user, such as an address that was typed. Programs send neither header.
        (None, _) => headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    fn may(own: &str, headers: &[(&'static str, &'static str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        may_use_cookie(&pairs.collect(), &origin(own), &[origin("https://app.example")])
    }

    #[test]
    fn an_origin_has_one_form() {
        assert_eq!(origin("HTTPS://Tandem.Example:443/"), origin("https://tandem.example"));
        assert_eq!(origin("http://127.0.0.1:8080").to_string(), "http://127.0.0.1:8080");
        for text in ["null", "", "tandem.example", "ftp://a", "https://a/b", "https://u@a", "https://a?b", "https://"] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text} was taken");
        }
    }

    #[test]
    fn only_our_own_pages_use_the_cookie() {
        let own = "https://tandem.example";
        for foreign in [
            "https://evil.test",
            "null",
            "https://tandem.example.evil.test",
            "https://tandem.example:8443",
            "http://tandem.example",
        ] {
            assert!(!may(own, &[("origin", foreign)]), "{foreign} may");
            assert!(!may(own, &[("origin", foreign), ("sec-fetch-site", "same-origin")]), "{foreign} may");
        }
        assert!(may(own, &[("origin", "https://tandem.example"), ("sec-fetch-site", "same-origin")]));
        assert!(!may(own, &[("origin", "https://tandem.example"), ("sec-fetch-site", "cross-site")]));
        assert!(may(own, &[("origin", "https://app.example"), ("sec-fetch-site", "cross-site")]));
        assert!(may(own, &[]), "programs send no origin");
        assert!(!may(own, &[("sec-fetch-site", "cross-site")]));
        assert!(!may(own, &[("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn on_this_machine_every_name_of_it_is_the_same() {
        let own = "http://127.0.0.1:8080";
        assert!(may(own, &[("origin", "http://localhost:8080")]));
        assert!(may(own, &[("origin", "http://[::1]:8080")]));
        assert!(!may(own, &[("origin", "http://localhost:9090")]));
    }
}
