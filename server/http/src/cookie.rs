//! The cookie that holds a refresh token in a browser.
//!
//! Scripts cannot read it (`HttpOnly`), and pages of other sites cannot have it sent (`SameSite=Strict`, and the check
//! of [`super::origin`]).

use super::HttpSettings;
use http::{HeaderMap, HeaderValue, header};
use tandem_protocol::Timestamp;

/// The prefix has browsers bind the cookie to this host and to TLS.
const NAME: &str = "__Host-tandem_refresh";
/// The name on a loopback address without TLS, where browsers refuse a `Secure` cookie.
const PLAIN_NAME: &str = "tandem_refresh";
/// The path of the plain cookie. Cookies do not distinguish ports, so every server on this machine is sent those of the
/// path `/`. The prefix `__Host-` requires that path, but binds its cookie to a host.
const PLAIN_PATH: &str = "/api/v1/auth";

impl HttpSettings {
    /// The `Set-Cookie` that stores a token until `expires_at`.
    pub(super) fn cookie(&self, token: &str, expires_at: Timestamp, now: Timestamp) -> HeaderValue {
        self.set_cookie(token, (expires_at.millis_since(now) / 1_000).max(0))
    }

    /// The `Set-Cookie` that deletes the token.
    pub(super) fn expired_cookie(&self) -> HeaderValue {
        self.set_cookie("", 0)
    }

    fn set_cookie(&self, value: &str, max_age: i64) -> HeaderValue {
        let secure = self.secure_cookie();
        let (name, path, secure) = if secure { (NAME, "/", "; Secure") } else { (PLAIN_NAME, PLAIN_PATH, "") };
        let text = format!("{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}");
        let mut header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        // Keeps the token out of the `Debug` form of the headers.
        header.set_sensitive(true);
        header
    }

    /// The token in the cookie of a request.
    pub(super) fn token_of_cookie(&self, headers: &HeaderMap) -> Option<String> {
        // Not the plain name on a secure server: any server on the same host could have set that cookie.
        let wanted = if self.secure_cookie() { NAME } else { PLAIN_NAME };
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, value)| *name == wanted && !value.is_empty()).map(|(_, value)| value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(public_url: &str) -> HttpSettings {
        let public_url = public_url.parse().unwrap();
        HttpSettings {
            public_url,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            spool: std::path::PathBuf::new(),
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_cookie_is_bound_to_host_and_tls() {
        let cookie = settings("https://tandem.example").cookie("secret", at(60_000), at(0));
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-tandem_refresh=secret; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        assert!(cookie.is_sensitive(), "it must not be printed");
    }

    #[test]
    fn only_plain_http_on_this_machine_goes_without() {
        let plain = settings("http://localhost:8080").cookie("secret", at(60_000), at(0));
        assert_eq!(
            plain.to_str().unwrap(),
            "tandem_refresh=secret; Path=/api/v1/auth; Max-Age=60; HttpOnly; SameSite=Strict"
        );
        assert!(settings("http://tandem.example").secure_cookie());
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; tandem_refresh=plain"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-tandem_refresh=secret"));
        assert_eq!(settings("https://tandem.example").token_of_cookie(&headers).as_deref(), Some("secret"));
        assert_eq!(settings("http://127.0.0.1:1").token_of_cookie(&headers).as_deref(), Some("plain"));
        assert_eq!(settings("http://127.0.0.1:1").token_of_cookie(&HeaderMap::new()), None);
    }
}
