//! Invitations to register.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tandem_protocol::{
    ErrorCode, Timestamp,
    rest::{Invitation, InvitationCreated, Page},
};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    fresh,
    user::{Answer, PASSWORD, Visitor},
};

on_each!(twenty_uses_at_once_make_one_account, an_invitation_has_its_limits, an_invitation_shows_nothing_of_addresses,);

/// A server that is open to invited people, and its owner.
struct Invited {
    server: TestServer,
    owner: TestUser,
    location: DatabaseLocation,
}

impl Invited {
    async fn on(kind: Kind) -> Self {
        let location = DatabaseLocation::new(kind).await;
        let setup = TestServer::setup().env("TANDEM_REGISTRATION", "invite").database(location.url());
        let server = setup.without_rate_limits().start().await;
        Self { owner: TestUser::register(&server).await, server, location }
    }

    async fn invite(&self, body: Value) -> InvitationCreated {
        self.owner.post("/admin/invitations").json(body).await.expect(201).read()
    }

    async fn register(&self, email: &str, invitation: &str) -> Answer {
        let body = json!({ "email": email, "password": PASSWORD, "invitation": invitation });
        Visitor::of(&self.server).post("/api/v1/auth/register").json(body).await
    }

    async fn list(&self) -> Vec<Invitation> {
        self.owner.get("/admin/invitations").await.expect(200).read::<Page<Invitation>>().items
    }
}

async fn twenty_uses_at_once_make_one_account(kind: Kind) {
    let site = Invited::on(kind).await;
    let created = site.invite(json!({})).await;
    assert!(created.url.ends_with(&format!("/register#invite={}", created.token)) && created.token.len() == 43);
    assert!(
        site.location.tables_holding(&created.token).await.is_empty(),
        "a copy of the database does not show the secret"
    );
    let emails: Vec<String> = (0..20).map(|_| fresh::email()).collect();
    let answers = join_all(emails.iter().map(|email| site.register(email, &created.token))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(202), count(202) + count(403) + count(503)), (1, 20), "{answers:?}");
    assert_eq!(site.location.lines("select id from users").await.len(), 2);
    let [listed] = site.list().await.try_into().unwrap();
    assert_eq!((listed.used, listed.uses, listed.created_by), (1, 1, Some(site.owner.user().id)));
    site.register(&fresh::email(), &created.token).await.refused(ErrorCode::RegistrationClosed);
}

async fn an_invitation_has_its_limits(kind: Kind) {
    let site = Invited::on(kind).await;
    let email = fresh::email();
    let tied = site.invite(json!({ "email": email.to_uppercase() })).await;
    let other = site.register(&fresh::email(), &tied.token).await;
    other.refused(ErrorCode::RegistrationClosed);
    site.register(&email, &tied.token).await.expect(202);
    Visitor::of(&site.server).sign_in(&email, "laptop").await;

    let revoked = site.invite(json!({ "uses": 3 })).await;
    site.register(&fresh::email(), &revoked.token).await.expect(202);
    let path = format!("/admin/invitations/{}", revoked.info.id);
    site.owner.delete(&path).await.expect(204);
    site.owner.delete(&path).await.refused(ErrorCode::NotFound);
    let ended = site.register(&fresh::email(), &revoked.token).await;
    assert_eq!(ended.body_without_request_id(), other.body_without_request_id(), "every refusal is the same");

    let expired = site.invite(json!({})).await;
    let past = Timestamp::from_millis(1_700_000_000_000);
    let moment = if kind == Kind::Postgres { format!("'{past}'") } else { past.as_millis().to_string() };
    site.location.execute(&format!("update invitations set expires_at = {moment} where revoked_at is null")).await;
    site.register(&fresh::email(), &expired.token).await.refused(ErrorCode::RegistrationClosed);
    for wrong in [
        json!({ "uses": 0 }),
        json!({ "uses": 1001 }),
        json!({ "email": "nobody" }),
        json!({ "expires_at": "2020-01-01T00:00:00.000Z" }),
        json!({ "expires_at": "2999-01-01T00:00:00.000Z" }),
        json!({ "role": "owner" }),
    ] {
        site.owner.post("/admin/invitations").json(wrong).await.refused(ErrorCode::InvalidRequest);
    }
}

/// With an invitation, too, nothing shows whether an address has an account: not the answer, and not what is left of the
/// invitation. `enumeration` compares the work.
async fn an_invitation_shows_nothing_of_addresses(kind: Kind) {
    let site = Invited::on(kind).await;
    let many = site.invite(json!({ "uses": 100 })).await;
    for email in [site.owner.email().to_owned(), fresh::email(), site.owner.email().to_uppercase()] {
        let answer = site.register(&email, &many.token).await;
        assert_eq!((answer.status, answer.body.as_str()), (202, r#"{"status":"accepted"}"#));
    }
    assert_eq!(site.list().await[0].used, 3);
    Visitor::of(&site.server).log_in(site.owner.email(), PASSWORD).await.expect(200);
}
