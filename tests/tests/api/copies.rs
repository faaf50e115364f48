//! A copy of the database lets nobody in: whatever admits somebody is stored as a hash. Nor does it show who tried.

use serde_json::json;
use tandem_auth::secret;
use tandem_protocol::{
    ErrorCode,
    enums::Scope,
    rest::{FeedCreated, InvitationCreated, ResetLink},
};
use tandem_tests::{
    TestPushService, TestServer, TestUser,
    bursts::moment,
    database::{DatabaseLocation, Kind},
    fresh,
    user::{PASSWORD, Visitor},
};

on_each!(nothing_in_a_copy_admits_anybody, a_copy_does_not_show_whose_attempts_were_counted);

/// Every hash in the database, as somebody could try it: in hexadecimal, which is how copies show bytes, and in the form
/// of a secret.
async fn stored_hashes(location: &DatabaseLocation, kind: Kind) -> Vec<String> {
    let tables = ["setup_codes", "invitations", "reset_links", "refresh_tokens", "personal_tokens", "feeds", "pushes"];
    let mut hashes = Vec::new();
    for table in tables {
        let hash = if table == "pushes" { "token_hash" } else { "hash" };
        let hex = match kind {
            Kind::Sqlite => format!("select lower(hex({hash})) from {table} where {hash} is not null"),
            Kind::Postgres => format!("select encode({hash}, 'hex') from {table} where {hash} is not null"),
        };
        let found = location.lines(&hex).await;
        assert!(!found.is_empty() || table == "setup_codes", "{table} has a secret");
        hashes.extend(found);
    }
    let bytes = |hex: &str| -> Vec<u8> {
        hex.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    let encoded: Vec<String> = hashes.iter().map(|hex| base64_url(&bytes(hex))).collect();
    hashes.into_iter().chain(encoded).collect()
}

/// Without padding, as secrets are written.
fn base64_url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[(group >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

/// The token of a reminder that was pushed.
async fn token_of_push(user: &TestUser) -> String {
    let service = TestPushService::start().await;
    let browser = service.browser("phone");
    user.post("/push/subscriptions").json(browser.subscription("phone")).await.expect(201);
    user.add(json!({ "title": "Water the plants", "reminders": [{ "at": moment(1) }] })).await;
    let push = service.wait(&browser, 1).await.remove(0);
    push.payload.reminder.unwrap().token
}

async fn nothing_in_a_copy_admits_anybody(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let setup = TestServer::setup().env("TANDEM_REGISTRATION", "invite").env("TANDEM_PUSH_LOOPBACK", "on");
    let setup = setup.database(location.url());
    let server = setup.without_rate_limits().start().await;
    let owner = TestUser::register(&server).await;
    let (personal, _) = owner.personal_token(&[Scope::Read]).await;
    let invitation: InvitationCreated = owner.post("/admin/invitations").json(json!({})).await.expect(201).read();
    let link = format!("/admin/users/{}/reset-link", owner.user().id);
    let link: ResetLink = owner.post(&link).await.expect(201).read();
    let feed: FeedCreated = owner.post("/feeds").json(json!({ "name": "phone" })).await.expect(201).read();
    let feed = feed.url.rsplit('/').next().unwrap().trim_end_matches(".ics").to_owned();
    let answering = token_of_push(&owner).await;
    let refresh = owner.refresh_token();
    for secret in [&personal, &invitation.token, &link.token, &feed, &answering, &refresh, PASSWORD] {
        assert_eq!(location.tables_holding(secret).await, [""; 0], "a secret is stored");
    }

    let visitor = Visitor::of(&server);
    for stored in stored_hashes(&location, kind).await {
        let register = |field: &str| json!({ "email": fresh::email(), "password": PASSWORD, field: stored });
        for field in ["invitation", "setup_code"] {
            let answer = visitor.post("/api/v1/auth/register").json(register(field)).await;
            answer.refused(ErrorCode::RegistrationClosed);
        }
        let reset = json!({ "token": stored, "password": "a brand new password" });
        visitor.post("/api/v1/auth/reset").json(reset).await.refused(ErrorCode::InvalidToken);
        let refresh = json!({ "refresh_token": stored });
        visitor.post("/api/v1/auth/refresh").json(refresh).await.refused(ErrorCode::InvalidToken);
        for bearer in [stored.clone(), format!("tnd_{stored}")] {
            owner.get("/me").bearer(&bearer).await.refused(ErrorCode::InvalidToken);
        }
        assert_eq!(visitor.get(&format!("/calendar/{stored}.ics")).await.status, 404);
        let answer = json!({ "token": stored, "answer": "done" });
        visitor.post("/api/v1/push/answers").json(answer).await.refused(ErrorCode::NotFound);
    }
    let hashes = location.lines("select password_hash from users").await;
    visitor.log_in(owner.email(), &hashes[0]).await.refused(ErrorCode::InvalidCredentials);
    // What was tried has changed nothing.
    owner.get("/me").bearer(&personal).await.expect(200);
    visitor.log_in(owner.email(), PASSWORD).await.expect(200);
}

/// What is counted is named by hashes that nobody can compute without a key of the server: whoever has a copy cannot
/// test which addresses are in it, nor can the rows of a deleted account be found.
async fn a_copy_does_not_show_whose_attempts_were_counted(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let server = TestServer::setup().database(location.url()).start().await;
    let user = TestUser::register(&server).await;
    let stranger = Visitor::of(&server);
    stranger.log_in(user.email(), "a wrong guess").await.refused(ErrorCode::InvalidCredentials);
    let known = stranger.log_in(user.email(), "a wrong guess");
    let known = known.header("cookie", &format!("tandem_refresh={}", user.refresh_token()));
    known.await.refused(ErrorCode::InvalidCredentials);
    let wrong = json!({ "password": "a wrong guess" });
    user.delete("/me").json(wrong).await.refused(ErrorCode::InvalidCredentials);
    let counted = location.lines("select key from allowances").await;
    let of = |what: &str| counted.iter().any(|key| key.starts_with(what));
    for what in ["register-address:", "login-address:", "login-account:", "login-device:", "password:"] {
        assert!(of(what), "{what} is in {counted:?}");
    }

    let session = user.session().id.0;
    let texts = [
        user.email().to_owned(),
        user.network_address().to_owned(),
        stranger.network_address().to_owned(),
        session.to_string(),
        session.simple().to_string(),
    ];
    let unkeyed = texts.iter().flat_map(|text| {
        let hash = &secret::hash(text)[..9];
        [hash.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")), base64_url(hash)]
    });
    for trace in unkeyed.chain(texts.clone()) {
        assert!(!counted.iter().any(|key| key.contains(&trace)), "{trace} is in {counted:?}");
    }
}
