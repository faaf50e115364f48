//! The log has no secrets, no content, and no line that somebody else has written.

use serde_json::{Value, json};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};
use tandem_protocol::{
    ConversationId, ErrorCode,
    enums::Scope,
    rest::{FeedCreated, InvitationCreated, ResetLink},
};
use tandem_tests::{
    Device, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    device::Credentials,
    eventually, fresh,
    user::{PASSWORD, Visitor},
};

on_each!(no_secret_is_logged, nobody_writes_lines_of_the_log);

/// Everything that a server may log.
const EVERYTHING: &str = "debug";

async fn no_secret_is_logged(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let setup = TestServer::setup().env("TANDEM_REGISTRATION", "invite").env("TANDEM_LOG", EVERYTHING);
    let server = setup.database(location.url()).without_rate_limits().start().await;
    let owner = TestUser::register(&server).await;
    let content = fresh::word("content");
    let (personal, _) = owner.personal_token(&[Scope::Read, Scope::Write]).await;
    let invitation: InvitationCreated = owner.post("/admin/invitations").json(json!({})).await.expect(201).read();
    let link = owner.post(&format!("/admin/users/{}/reset-link", owner.user().id)).await;
    let link: ResetLink = link.expect(201).read();
    let feed: FeedCreated = owner.post("/feeds").json(json!({ "name": "phone" })).await.expect(201).read();
    let feed = feed.url.rsplit('/').next().unwrap().trim_end_matches(".ics").to_owned();
    let visitor = Visitor::of(&server);
    visitor.get(&format!("/calendar/{feed}.ics")).await.expect(200);
    let wrong_password = fresh::word("wrong");
    visitor.log_in(owner.email(), &wrong_password).await.refused(ErrorCode::InvalidCredentials);
    let register = json!({ "email": fresh::email(), "password": PASSWORD, "invitation": invitation.token });
    visitor.post("/api/v1/auth/register").json(register).await.expect(202);
    owner.get("/me").bearer(&personal).await.expect(200);
    let device = Device::connected(&owner, "laptop").await;
    device.send_message(ConversationId(fresh::id()), &format!("Add a task to {content}")).await;
    owner.add_task(&content).await;
    owner.get(&format!("/search?q={content}")).await.expect(200);
    owner.patch("/me").json(json!({ "name": content, "bad": content })).await.refused(ErrorCode::InvalidRequest);
    let in_query = Credentials::Query(format!("?token={}", owner.access_token()));
    assert!(Device::new(&owner, "careless").open(in_query).await.is_err());
    let (access, refresh) = (owner.access_token(), owner.refresh_token());
    owner.refresh().await;
    let reset = json!({ "token": link.token, "password": "a brand new password" });
    visitor.post("/api/v1/auth/reset").json(reset).await.expect(204);
    owner.get("/me").await.refused(ErrorCode::SessionRevoked);

    let log = server.log();
    assert!(log.lines().count() > 100, "everything is logged");
    let secrets = [PASSWORD, "a brand new password", &wrong_password, &access, &refresh, &personal, &content];
    for secret in secrets.into_iter().chain([invitation.token.as_str(), &link.token, &feed]) {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in the log: {}", line.unwrap_or_default());
    }
}

/// A request as no library sends it.
fn send(server: &TestServer, head: &str) {
    let mut stream = TcpStream::connect(server.listen()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let lines = format!("{head}\r\nHost: {}\r\nConnection: close\r\n\r\n", server.listen());
    stream.write_all(lines.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(answer.starts_with("http/1.1 4"), "{answer}");
    assert!(!answer.contains("\r\nx-evil"), "{answer}");
}

async fn nobody_writes_lines_of_the_log(kind: Kind) {
    for format in ["json", "text"] {
        let location = DatabaseLocation::new(kind).await;
        let setup = TestServer::setup().env("TANDEM_LOG_FORMAT", format).env("TANDEM_LOG", EVERYTHING);
        let server = setup.database(location.url()).without_rate_limits().start().await;
        let user = TestUser::register(&server).await;
        let evil = "x\r\n2026-01-01T00:00:00Z ERROR \u{1b}[31mforged\u{7}\u{9b}2J\u{202e}";
        for path in ["/api/v1/%0d%0aX-Evil:%201", "/api/v1/%1b%5b31mforged", "/%E2%80%AEforged%C2%9B2J"] {
            send(&server, &format!("GET {path} HTTP/1.1"));
        }
        send(&server, "GET /api/v1/me HTTP/1.1\r\nUser-Agent: \x1b[31mforged");
        send(&server, "GET /api/v1/me HTTP/1.1\r\nX-Request-Id: \u{9b}31mforged\r\nX-Forwarded-For: \u{9b}31mforged");
        send(&server, "GET /api/v1/me HTTP/1.1\r\nUser-Agent: forged\u{9b}2J\u{202e}");
        for body in [
            json!({ "email": evil, "password": PASSWORD }),
            json!({ "email": user.email(), "password": PASSWORD, "device_name": evil }),
            json!({ "email": user.email(), "password": PASSWORD, evil: evil }),
        ] {
            let answer = Visitor::of(&server).post("/api/v1/auth/login").json(body).await;
            assert!([400, 401].contains(&answer.status), "{answer:?}");
        }
        user.patch("/me").json(json!({ "name": evil })).await.refused(ErrorCode::InvalidRequest);
        user.post("/tasks").json(json!({ "title": "x", "labels": [evil] })).await;
        eventually("the last line", async || server.log().contains("/api/v1/tasks").then_some(())).await;
        let log = server.log();
        let foreign =
            |letter: char| letter != '\n' && (letter.is_control() || ('\u{202a}'..='\u{202e}').contains(&letter));
        for line in log.lines() {
            assert!(!line.contains(foreign), "{line:?}");
            assert!(!line.starts_with("2026-01-01T00:00:00Z"), "{line:?}");
            if format == "json" && !line.starts_with("Tandem") {
                serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            }
        }
    }
}
