//! The record of what was done with accounts: one entry for each action, with its actor, its account and the address, and no
//! secrets.

use super::admin::{change, link, path, reset};
use crate::support::Site;
use reqwest::Method;
use serde_json::{Value, json};
use tandem_protocol::{
    ErrorCode,
    enums::{AuditAction, AuditResult, Scope},
    rest::{AuditEntry, Page},
};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    user::{PASSWORD, Visitor},
};

on_both!(
    what_is_done_with_accounts_is_recorded,
    what_is_refused_to_a_session_is_recorded,
    a_copied_refresh_token_is_recorded_with_its_address,
    a_registration_of_a_taken_address_names_nobody,
    feeds_are_recorded,
    the_record_of_a_deleted_account_keeps_what_others_did,
);

async fn what_is_done_with_accounts_is_recorded(site: &Site) {
    let user = TestUser::register(site).await;
    let visitor = Visitor::of(site);
    visitor.log_in(user.email(), "not the password").await.refused(ErrorCode::InvalidCredentials);
    let (token, info) = user.personal_token(&[Scope::Read]).await;
    user.delete(&format!("/tokens/{}", info.id)).await.expect(200);
    let export = user.get("/me/export").await;
    assert_eq!(export.header("content-disposition"), "attachment; filename=\"tandem-export.json\"");
    let export: Value = export.expect(200).read();
    let own: Vec<_> = export["record"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(own, ["export", "token_delete", "token_create", "sign_in", "sign_in", "register"]);
    assert!(export["storage"]["rows"].as_u64().is_some_and(|rows| rows > 0));
    user.post("/auth/logout").await.expect(204);
    let made = link(site, &user).await;
    reset(site, &made.token, "a brand new password").await.expect(204);
    change(site, &user, json!({ "role": "owner" })).await;
    change(site, &user, json!({ "role": "member", "disabled": true })).await;
    let query = format!("/admin/audit?user={}&limit=200", user.user().id);
    let answer = site.owner().get(&query).await;
    let entries: Page<AuditEntry> = answer.expect(200).read();
    let seen: Vec<_> = entries.items.iter().rev().map(|entry| (entry.action, entry.result)).collect();
    let ok = |action| (action, AuditResult::Ok);
    let expected = [
        ok(AuditAction::Register),
        ok(AuditAction::SignIn),
        (AuditAction::SignIn, AuditResult::Refused),
        ok(AuditAction::TokenCreate),
        ok(AuditAction::TokenDelete),
        ok(AuditAction::Export),
        ok(AuditAction::SessionRevoke),
        ok(AuditAction::ResetLinkCreate),
        ok(AuditAction::PasswordReset),
        ok(AuditAction::RoleChange),
        ok(AuditAction::UserDisable),
        ok(AuditAction::RoleChange),
    ];
    assert_eq!(seen, expected);
    let by = |action: AuditAction| entries.items.iter().find(|entry| entry.action == action).unwrap();
    let owner = Some(site.owner().user().id.to_string());
    assert_eq!(by(AuditAction::UserDisable).actor, owner);
    assert_eq!(by(AuditAction::ResetLinkCreate).ip.as_deref(), Some(site.owner().network_address()));
    assert!(by(AuditAction::Register).ip.is_some());
    for secret in [token.as_str(), &made.token, PASSWORD, "not the password", "a brand new password"] {
        assert!(!answer.body.contains(secret));
    }
    for method in [Method::POST, Method::DELETE, Method::PATCH] {
        site.owner().request(method, "/admin/audit").await.refused(ErrorCode::MethodNotAllowed);
    }
}

/// What the record says of an account, the oldest first.
async fn record_of(site: &Site, user: &str) -> Vec<AuditEntry> {
    let query = format!("/admin/audit?user={user}&limit=200");
    let mut entries = site.owner().get(&query).await.expect(200).read::<Page<AuditEntry>>().items;
    entries.reverse();
    entries
}

async fn what_is_refused_to_a_session_is_recorded(site: &Site) {
    let user = TestUser::register(site).await;
    let wrong = "not the password";
    let change = json!({ "current_password": wrong, "new_password": "a brand new password" });
    user.post("/me/password").json(change).await.refused(ErrorCode::InvalidCredentials);
    let token = json!({ "name": "script", "scopes": ["read"], "password": wrong });
    user.post("/tokens").json(token).await.refused(ErrorCode::InvalidCredentials);
    user.delete("/me").json(json!({ "password": wrong })).await.refused(ErrorCode::InvalidCredentials);
    let id = user.user().id.to_string();
    let entries = record_of(site, &id).await;
    let refused = &entries[2..];
    let actions: Vec<_> = refused.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [AuditAction::PasswordChange, AuditAction::TokenCreate, AuditAction::UserDelete]);
    for entry in refused {
        assert_eq!((entry.result, entry.actor.as_ref()), (AuditResult::Refused, Some(&id)));
        assert_eq!(entry.ip.as_deref(), Some(user.network_address()));
    }
}

async fn a_copied_refresh_token_is_recorded_with_its_address(site: &Site) {
    let user = TestUser::register(site).await;
    let first = user.refresh_token();
    user.refresh().await;
    user.refresh().await;
    let thief = Visitor::of(site);
    let body = json!({ "refresh_token": first });
    thief.post("/api/v1/auth/refresh").json(body).await.refused(ErrorCode::SessionRevoked);
    let entries = record_of(site, user.user().id.as_str()).await;
    let last = entries.last().unwrap();
    assert_eq!((entries.len(), last.action), (3, AuditAction::RefreshReuse));
    assert_eq!(last.ip.as_deref(), Some(thief.network_address()));
    assert_eq!(last.detail, Some(user.session().id.to_string()));
}

async fn a_registration_of_a_taken_address_names_nobody(site: &Site) {
    let user = TestUser::register(site).await;
    let visitor = Visitor::of(site);
    visitor.register(user.email(), PASSWORD).await.expect(202);
    let newest: Page<AuditEntry> = site.owner().get("/admin/audit?limit=200").await.expect(200).read();
    let refused = newest.items.iter().find(|entry| entry.ip.as_deref() == Some(visitor.network_address())).unwrap();
    assert_eq!((refused.action, refused.result), (AuditAction::Register, AuditResult::Refused));
    assert_eq!((&refused.actor, &refused.target), (&None, &None));
}

async fn feeds_are_recorded(site: &Site) {
    let user = TestUser::register(site).await;
    let feed: Value = user.post("/feeds").json(json!({ "name": "Phone" })).await.expect(201).read();
    let id = feed["id"].as_str().unwrap();
    user.delete(&format!("/feeds/{id}")).await.expect(200);
    let entries = record_of(site, user.user().id.as_str()).await;
    let seen: Vec<_> = entries[2..].iter().map(|entry| (entry.action, entry.detail.as_deref())).collect();
    assert_eq!(seen, [(AuditAction::FeedCreate, Some(id)), (AuditAction::FeedDelete, Some(id))]);
}

/// An owner who takes an account over and deletes it, or promotes somebody and leaves, is still in the record.
async fn the_record_of_a_deleted_account_keeps_what_others_did(site: &Site) {
    let (user, accomplice) = (TestUser::register(site).await, TestUser::register(site).await);
    Visitor::of(site).log_in(user.email(), "not the password").await.refused(ErrorCode::InvalidCredentials);
    let owner = site.owner();
    link(site, &user).await;
    change(site, &user, json!({ "role": "owner" })).await;
    user.patch(&path(&accomplice)).json(json!({ "role": "owner" })).await.expect(200);
    owner.delete(&path(&user)).await.expect(204);

    let own = owner.user().id.to_string();
    let gone = record_of(site, "deleted").await;
    for action in [AuditAction::ResetLinkCreate, AuditAction::RoleChange, AuditAction::UserDelete] {
        let done = |entry: &&AuditEntry| entry.action == action && entry.actor.as_deref() == Some(&own);
        let entry = gone.iter().rev().find(done).unwrap();
        assert_eq!(entry.ip.as_deref(), Some(owner.network_address()), "{action:?}");
    }
    let role = record_of(site, accomplice.user().id.as_str()).await.pop().unwrap();
    assert_eq!((role.actor.as_deref(), role.detail.as_deref()), (Some("deleted"), Some("owner")));
    assert_eq!(role.ip, None, "the address of the deleted account is gone");
    let all = owner.get("/admin/audit?limit=200").await.expect(200).body.clone();
    for trace in [user.user().id.as_str(), user.email(), user.network_address()] {
        assert!(!all.contains(trace));
    }
    change(site, &accomplice, json!({ "role": "member" })).await;
}

/// The views show accounts, sessions and the record, without any hash.
async fn the_views_have_no_hashes_on(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let server = TestServer::setup().database(location.url()).start().await;
    let user = TestUser::register(&server).await;
    let email = user.email();
    for view in ["tandem_users", "tandem_sessions"] {
        let rows = location.lines(&format!("select email from {view} where created_at > '2020-01-01'")).await;
        assert_eq!(rows, [email], "{view}");
    }
    let id = user.session().id;
    assert_eq!(location.lines("select cast(id as text) from tandem_sessions").await, [id.to_string()]);
    let record = location.lines("select action from tandem_audit order by at").await;
    assert_eq!(record, ["register", "sign_in"]);
    assert_eq!(location.lines("select actor_name from tandem_audit where action = 'sign_in'").await, [email]);
    let columns = match kind {
        Kind::Sqlite => {
            "select c.name from sqlite_schema as m join pragma_table_info(m.name) as c where m.type = 'view'"
        }
        Kind::Postgres => "select column_name::text from information_schema.columns where table_name like 'tandem\\_%'",
    };
    let columns = location.lines(columns).await;
    assert!(columns.len() > 20 && !columns.iter().any(|column| column.contains("hash") || column.contains("password")));
}

#[tokio::test]
async fn the_views_have_no_hashes_on_sqlite() {
    the_views_have_no_hashes_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn the_views_have_no_hashes_on_postgres() {
    the_views_have_no_hashes_on(Kind::Postgres).await;
}
