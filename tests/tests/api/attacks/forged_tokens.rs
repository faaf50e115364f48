//! Access tokens that are well signed and nevertheless not ours. None has an answer of its own, and no address in a token
//! is ever connected to.

use reqwest::Method;
use serde_json::{Value, json};
use std::{io::ErrorKind, net::TcpListener, time::Duration};
use tandem_auth::token::KeyRing;
use tandem_domain::clock::{Clock as _, SystemClock};
use tandem_protocol::ErrorCode;
use tandem_tests::{
    Device, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    device::Credentials,
    fresh,
};

on_each!(tokens_in_another_form_are_refused_alike, a_token_for_the_session_of_another_user_is_refused);

/// The keys of the server, which only these tests know beside it.
const KEYS: &str = "k1:9fb1c4e07a5d3862be90f7d15c28a64330d1e8b7";

struct Site {
    server: TestServer,
    user: TestUser,
    _location: DatabaseLocation,
}

impl Site {
    async fn on(kind: Kind) -> Self {
        let location = DatabaseLocation::new(kind).await;
        let setup = TestServer::setup().database(location.url()).env("TANDEM_JWT_SECRETS", KEYS);
        let server = setup.without_rate_limits().start().await;
        let user = TestUser::register(&server).await;
        Self { server, user, _location: location }
    }

    /// A token of the user in our form, after a change of header and claims.
    fn forged(&self, change: impl Fn(&mut Value, &mut Value)) -> String {
        let now = SystemClock.now().as_millis() / 1000;
        let mut header = json!({ "alg": "HS256", "kid": "k1", "typ": "at+jwt" });
        let mut claims = json!({
            "iss": "tandem", "aud": "tandem-api", "sub": self.user.user().id, "sid": self.user.session().id,
            "iat": now, "nbf": now, "exp": now + 600, "jti": fresh::id(),
        });
        change(&mut header, &mut claims);
        KeyRing::parse(KEYS, Duration::from_mins(10)).unwrap().forge(&header, &claims)
    }
}

/// Changes that make a token another one than ours. `trap` is an address that nobody may connect to.
fn forgeries(site: &Site, trap: &str) -> Vec<(String, String)> {
    let mut forgeries = Vec::new();
    let mut add = |name: String, token: String| forgeries.push((name, token));
    for algorithm in ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "hs256"]
    {
        let token = site.forged(|header, _| header["alg"] = algorithm.into());
        let (signed, _) = token.rsplit_once('.').unwrap();
        add(format!("alg {algorithm} without signature"), format!("{signed}."));
        add(format!("alg {algorithm}"), token);
    }
    let long = "k".repeat(10_000);
    for kid in ["../../../dev/null", "k1' or '1'='1", "k2", "", "K1", trap, &long] {
        add(format!("kid {kid:.20}"), site.forged(|header, _| header["kid"] = kid.into()));
    }
    let jwk = json!({ "kty": "oct", "k": "OWZiMWM0ZTA3YTVkMzg2MmJlOTBmN2QxNWMyOGE2NDMzMGQxZThiNw" });
    for (name, value) in [
        ("jku", json!(trap)),
        ("x5u", json!(trap)),
        ("x5c", json!(["MIIB"])),
        ("jwk", jwk),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
    ] {
        add(name.to_owned(), site.forged(|header, _| header[name] = value.clone()));
    }
    for kind in ["JWT", "jwt", "AT+JWT", "rt+jwt", ""] {
        add(format!("typ {kind}"), site.forged(|header, _| header["typ"] = kind.into()));
    }
    for part in ["alg", "kid", "typ"] {
        add(format!("no {part}"), site.forged(|header, _| drop(header.as_object_mut().unwrap().remove(part))));
    }
    for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"] {
        add(format!("no {claim}"), site.forged(|_, claims| drop(claims.as_object_mut().unwrap().remove(claim))));
        for value in [Value::Null, json!({}), json!("x")] {
            add(format!("{claim} {value}"), site.forged(|_, claims| claims[claim] = value.clone()));
        }
    }
    let far = 253_402_300_799_i64;
    for (claim, value) in [
        ("aud", json!(["tandem-api"])),
        ("sub", json!("")),
        ("exp", json!("253402300799")),
        ("exp", json!(1e12)),
        ("exp", json!(253_402_300_799.5)),
        ("exp", json!(-1)),
        ("nbf", json!(far)),
        ("iat", json!(far)),
    ] {
        add(format!("{claim} {value}"), site.forged(|_, claims| claims[claim] = value.clone()));
    }
    forgeries
}

async fn tokens_in_another_form_are_refused_alike(kind: Kind) {
    let site = Site::on(kind).await;
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let me = async |token: &str| site.user.get("/me").bearer(token).await;
    me(&site.forged(|_, _| ())).await.expect(200);
    let garbage = me("garbage").await;
    let old_path = format!("/api/{}/tasks", site.user.user().id);
    for (name, token) in forgeries(&site, &format!("http://{}/keys", trap.local_addr().unwrap())) {
        let answer = me(&token).await;
        answer.refused(ErrorCode::InvalidToken);
        assert_eq!(
            answer.body_without_request_id(),
            garbage.body_without_request_id(),
            "{name} has a reason of its own"
        );
        site.user.anonymous_request(Method::GET, &old_path).bearer(&token).await.refused(ErrorCode::InvalidToken);
        let socket = Device::new(&site.user, "forger").open(Credentials::Header(token)).await;
        assert_eq!(socket.expect_err(&name).status, 401, "{name}");
    }
    assert_eq!(trap.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "the server has fetched a key");
}

async fn a_token_for_the_session_of_another_user_is_refused(kind: Kind) {
    let site = Site::on(kind).await;
    let other = TestUser::register(&site.server).await;
    let (their_id, their_session) = (other.user().id, other.session().id);
    let tokens = [
        site.forged(|_, claims| claims["sid"] = json!(their_session)),
        site.forged(|_, claims| claims["sub"] = json!(their_id)),
        site.forged(|_, claims| claims["sid"] = json!(fresh::id())),
    ];
    for token in tokens {
        for path in ["/me", "/tasks", "/snapshot"] {
            assert_eq!(site.user.get(path).bearer(&token).await.status, 401);
        }
        assert!(Device::new(&site.user, "forger").open(Credentials::Header(token)).await.is_err());
    }
}
