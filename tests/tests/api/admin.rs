//! What owners of the server do with accounts, and what nobody else can.

use crate::support::Site;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    future::IntoFuture as _,
    time::{Duration, Instant},
};
use tandem_protocol::{
    ConversationId, ErrorCode,
    enums::{AuditAction, AuditResult, Scope, UserRole},
    live::CloseCode,
    model::Session,
    rest::{AuditEntry, ManagedUser, Page, ResetLink},
};
use tandem_tests::{
    Device, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    fresh,
    user::{PASSWORD, Visitor},
};

on_both!(
    owners_find_accounts_and_see_no_content,
    an_owner_changes_name_and_role,
    disabling_ends_whatever_the_account_has,
    an_owner_ends_the_sessions_of_a_user,
    an_owner_deletes_an_account,
    an_owner_reads_nothing_that_others_write,
    a_personal_token_of_an_owner_is_not_enough,
    a_link_sets_a_new_password_once,
    a_link_of_a_disabled_account_does_nothing,
    what_is_done_with_accounts_is_recorded,
    what_is_refused_to_a_session_is_recorded,
    a_copied_refresh_token_is_recorded_with_its_address,
    a_registration_of_a_taken_address_names_nobody,
    feeds_are_recorded,
    a_new_password_and_disabling_end_calendar_feeds,
    the_record_of_a_deleted_account_keeps_what_others_did,
);

/// Time limit of the protocol, with a margin for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);

fn path(user: &TestUser) -> String {
    format!("/admin/users/{}", user.user().id)
}

async fn managed(site: &Site, user: &TestUser) -> ManagedUser {
    site.owner().get(&path(user)).await.expect(200).read()
}

async fn change(site: &Site, user: &TestUser, patch: Value) -> ManagedUser {
    site.owner().patch(&path(user)).json(patch).await.expect(200).read()
}

async fn reset(site: &TestServer, token: &str, password: &str) -> tandem_tests::user::Answer {
    let body = json!({ "token": token, "password": password });
    Visitor::of(site).post("/api/v1/auth/reset").json(body).await
}

async fn link(site: &Site, user: &TestUser) -> ResetLink {
    site.owner().post(&format!("{}/reset-link", path(user))).await.expect(201).read()
}

async fn owners_find_accounts_and_see_no_content(site: &Site) {
    let user = TestUser::register(site).await;
    let canary = fresh::word("canary");
    user.add_task(&canary).await;
    user.patch("/me").json(json!({ "name": "100%_Änn" })).await.expect(200);
    let found: Page<ManagedUser> =
        site.owner().get(&format!("/admin/users?q={}", &user.email().to_uppercase()[..30])).await.expect(200).read();
    let own = found.items.iter().find(|found| found.email == user.email()).expect("the search finds the address");
    assert_eq!((own.sessions, own.tasks, own.role, own.disabled), (1, 1, UserRole::Member, false));
    assert!(own.last_seen_at.is_some() && own.stored_bytes > 0);
    let by_name: Page<ManagedUser> = site.owner().get("/admin/users?q=100%25_").await.expect(200).read();
    assert!(by_name.items.iter().all(|user| user.name.contains("100%_")) && !by_name.items.is_empty());

    // In any case and with or without accents, also of letters that are not ASCII.
    user.patch("/me").json(json!({ "name": "Élan Анна ÖMER" })).await.expect(200);
    for name in ["Élan", "élan", "ELAN", "анна", "ömer", "omer"] {
        let found: Page<ManagedUser> = site.owner().get(&format!("/admin/users?q={name}")).await.expect(200).read();
        assert!(found.items.iter().any(|found| found.id == user.user().id), "{name}");
    }

    // Every account once, over pages.
    let pages: Vec<Vec<ManagedUser>> = site.owner().pages("/admin/users", "limit=2").await;
    let ids: Vec<_> = pages.iter().flatten().map(|user| user.id.clone()).collect();
    let once: std::collections::BTreeSet<_> = ids.iter().collect();
    assert!(pages.iter().rev().skip(1).all(|page| page.len() == 2) && once.len() == ids.len());
    assert!(ids.contains(&user.user().id) && ids.contains(&site.owner().user().id));
    for wrong in ["limit=0", "cursor=x", "what=1"] {
        site.owner().get(&format!("/admin/users?{wrong}")).await.refused(ErrorCode::InvalidRequest);
    }
    for shown in ["/admin/users?limit=200", &path(&user), &format!("{}/sessions", path(&user)), "/admin/audit"] {
        assert!(!site.owner().get(shown).await.expect(200).body.contains(&canary), "{shown}");
    }
}

async fn an_owner_changes_name_and_role(site: &Site) {
    let user = TestUser::register(site).await;
    let device = Device::connected(&user, "laptop").await;
    user.get("/admin/users").await.refused(ErrorCode::NotFound);
    let changed = change(site, &user, json!({ "name": "New Name", "role": "owner", "email_verified": true })).await;
    assert_eq!((changed.name.as_str(), changed.role, changed.email_verified), ("New Name", UserRole::Owner, true));
    device
        .wait("user.updated", |seen| {
            seen.events()
                .any(|event| event.name == "user.updated" && event.data.get().contains("New Name"))
                .then_some(())
        })
        .await;
    user.get("/admin/users").await.expect(200);
    user.patch(&path(&user)).json(json!({ "role": "member" })).await.expect(200);
    user.get("/admin/users").await.refused(ErrorCode::NotFound);
    let owner = site.owner();
    for wrong in [json!({ "role": "king" }), json!({ "email": "x@example.test" }), json!({ "name": "x".repeat(300) })] {
        owner.patch(&path(&user)).json(wrong).await.refused(ErrorCode::InvalidRequest);
    }
    let absent = owner.patch(&format!("/admin/users/{}", fresh::id())).json(json!({ "name": "x" })).await;
    absent.refused(ErrorCode::NotFound);
}

async fn disabling_ends_whatever_the_account_has(site: &Site) {
    let user = TestUser::register(site).await;
    let phone = user.sign_in_again("phone").await;
    let devices = [Device::connected(&user, "laptop").await, Device::connected(&phone, "phone").await];
    let (token, _) = user.personal_token(&[Scope::Read]).await;
    let start = Instant::now();
    assert!(change(site, &user, json!({ "disabled": true })).await.disabled);
    for device in &devices {
        assert_eq!(device.closed().await.code, Some(CloseCode::SessionRevoked.code()));
    }
    assert!(start.elapsed() < AT_ONCE, "it took {:?}", start.elapsed());
    assert_eq!(user.get("/me").await.status, 401);
    user.get("/me").bearer(&token).await.refused(ErrorCode::InvalidToken);
    let visitor = Visitor::of(site);
    visitor.log_in(user.email(), PASSWORD).await.refused(ErrorCode::InvalidCredentials);
    let refresh = json!({ "refresh_token": user.refresh_token() });
    visitor.post("/api/v1/auth/refresh").json(refresh).await.refused(ErrorCode::SessionRevoked);
    assert_eq!(managed(site, &user).await.sessions, 0);

    // Neither comes back.
    assert!(!change(site, &user, json!({ "disabled": false })).await.disabled);
    user.get("/me").await.refused(ErrorCode::SessionRevoked);
    user.get("/me").bearer(&token).await.refused(ErrorCode::InvalidToken);
    visitor.sign_in(user.email(), "laptop").await;
}

async fn an_owner_ends_the_sessions_of_a_user(site: &Site) {
    let user = TestUser::register(site).await;
    user.sign_in_again("phone").await;
    let sessions = format!("{}/sessions", path(&user));
    let listed: Page<Session> = site.owner().get(&sessions).await.expect(200).read();
    assert_eq!(listed.items.len(), 2);
    assert!(listed.items.iter().all(|session| !session.current));
    site.owner().delete(&sessions).await.expect(204);
    user.get("/me").await.refused(ErrorCode::SessionRevoked);
    assert!(site.owner().get(&sessions).await.expect(200).read::<Page<Session>>().items.is_empty());
    Visitor::of(site).sign_in(user.email(), "laptop").await;
}

async fn an_owner_deletes_an_account(site: &Site) {
    let user = TestUser::register(site).await;
    let device = Device::connected(&user, "laptop").await;
    user.add_task("Milk").await;
    // Also one that is disabled.
    change(site, &user, json!({ "disabled": true })).await;
    site.owner().delete(&path(&user)).await.expect(204);
    assert!(device.closed().await.code.is_some());
    site.owner().get(&path(&user)).await.refused(ErrorCode::NotFound);
    site.owner().delete(&path(&user)).await.refused(ErrorCode::NotFound);
    let database = site.database().await;
    let (id, email) = (user.user().id.to_string(), user.email());
    for trace in [id.as_str(), email] {
        assert_eq!(database.tables_holding(trace).await, [""; 0], "{trace} is still there");
    }
}

async fn an_owner_reads_nothing_that_others_write(site: &Site) {
    let user = TestUser::register(site).await;
    let canary = fresh::word("canary");
    let conversation = ConversationId(fresh::id());
    let sent = user.send_message(conversation, &canary).await;
    let task = user.add_task(&canary).await;
    let owner = site.owner();
    for path in [
        format!("/conversations/{conversation}"),
        format!("/conversations/{conversation}/messages"),
        format!("/tasks/{}", task.id),
        format!("{}/tasks", path(&user)),
        format!("{}/conversations", path(&user)),
        format!("{}/export", path(&user)),
    ] {
        owner.get(&path).await.refused(ErrorCode::NotFound);
    }
    owner.post(&format!("/messages/{}/retry", sent.assistant_message.id)).await.refused(ErrorCode::NotFound);
    for path in ["/conversations", "/tasks?status=all", "/me/export", "/snapshot", &format!("/search?q={canary}")] {
        assert!(!owner.get(path).await.expect(200).body.contains(&canary), "{path}");
    }
}

async fn a_personal_token_of_an_owner_is_not_enough(site: &Site) {
    let (token, _) = site.owner().personal_token(&[Scope::Read, Scope::Write]).await;
    site.owner().get("/admin/users").bearer(&token).await.refused(ErrorCode::InsufficientScope);
    site.owner().get("/admin/users").anonymous().await.refused(ErrorCode::Unauthenticated);
}

async fn a_link_sets_a_new_password_once(site: &Site) {
    let user = TestUser::register(site).await;
    let device = Device::connected(&user, "laptop").await;
    let (first, second) = (link(site, &user).await, link(site, &user).await);
    assert!(second.url.ends_with(&format!("/reset#{}", second.token)) && second.token.len() == 43);
    reset(site, &first.token, "a brand new password").await.refused(ErrorCode::InvalidToken);
    reset(site, &second.token, "short").await.refused(ErrorCode::InvalidRequest);
    let database = site.database().await;
    assert_eq!(database.tables_holding(&second.token).await, [""; 0], "a copy of the database does not show the link");
    let answers = join_all((0..5).map(|_| reset(site, &second.token, "a brand new password"))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!(accepted, 1, "{answers:?}");
    assert_eq!(device.closed().await.code, Some(CloseCode::SessionRevoked.code()));
    user.get("/me").await.refused(ErrorCode::SessionRevoked);
    let visitor = Visitor::of(site);
    visitor.log_in(user.email(), PASSWORD).await.refused(ErrorCode::InvalidCredentials);
    visitor.log_in(user.email(), "a brand new password").await.expect(200);

    let used = reset(site, &second.token, "yet another password").await;
    let unknown = reset(site, &fresh::word("t"), "yet another password").await;
    used.refused(ErrorCode::InvalidToken);
    assert_eq!(used.body_without_request_id(), unknown.body_without_request_id());
    // A link that was made before the user changed the password would take it away again.
    let again = visitor.sign_in_with(user.email(), "a brand new password", "laptop").await;
    let old = link(site, &user).await;
    let body = json!({ "current_password": "a brand new password", "new_password": PASSWORD });
    again.post("/me/password").json(body).await.expect(200);
    reset(site, &old.token, "a brand new password").await.refused(ErrorCode::InvalidToken);
}

async fn a_link_of_a_disabled_account_does_nothing(site: &Site) {
    let user = TestUser::register(site).await;
    let before = link(site, &user).await;
    change(site, &user, json!({ "disabled": true })).await;
    let after = link(site, &user).await;
    for token in [before.token, after.token] {
        reset(site, &token, "a brand new password").await.refused(ErrorCode::InvalidToken);
    }
    assert!(managed(site, &user).await.disabled);
    let visitor = Visitor::of(site);
    for password in [PASSWORD, "a brand new password"] {
        visitor.log_in(user.email(), password).await.refused(ErrorCode::InvalidCredentials);
    }
}

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

/// Whoever had the old password may have made a feed, which reads all tasks.
async fn a_new_password_and_disabling_end_calendar_feeds(site: &Site) {
    for way in ["change", "link", "disabled"] {
        let user = TestUser::register(site).await;
        let feed: Value = user.post("/feeds").json(json!({ "name": "Phone" })).await.expect(201).read();
        let calendar = feed["url"].as_str().unwrap();
        let visitor = Visitor::of(site);
        visitor.get(calendar).await.expect(200);
        match way {
            "change" => {
                let body = json!({ "current_password": PASSWORD, "new_password": "a brand new password" });
                user.post("/me/password").json(body).await.expect(200);
            }
            "link" => {
                reset(site, &link(site, &user).await.token, "a brand new password").await.expect(204);
            }
            _ => {
                change(site, &user, json!({ "disabled": true })).await;
                change(site, &user, json!({ "disabled": false })).await;
            }
        }
        visitor.get(calendar).await.expect(404);
    }
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

/// Of two owners who stop being one at the same time, one stays.
async fn two_owners_at_once_on(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let server = TestServer::setup().database(location.url()).without_rate_limits().start().await;
    let mut ann = TestUser::register(&server).await;
    let member = TestUser::register(&server).await;
    // Nobody takes the only owner away, the owner included.
    for patch in [json!({ "role": "member" }), json!({ "disabled": true })] {
        ann.patch(&path(&ann)).json(patch).await.refused(ErrorCode::Conflict);
    }
    ann.delete(&path(&ann)).await.refused(ErrorCode::Conflict);
    ann.delete("/me").json(json!({ "password": PASSWORD })).await.refused(ErrorCode::Conflict);
    ann.get("/me").await.expect(200);
    let refused: Page<AuditEntry> = ann.get("/admin/audit").await.expect(200).read();
    let refused: Vec<_> = refused.items.iter().filter(|entry| entry.result == AuditResult::Refused).collect();
    let actions: Vec<_> = refused.iter().rev().map(|entry| entry.action).collect();
    assert_eq!(
        actions,
        [AuditAction::RoleChange, AuditAction::UserDisable, AuditAction::UserDelete, AuditAction::UserDelete]
    );

    for round in 0..6 {
        let ben = TestUser::register(&server).await;
        ann.patch(&path(&ben)).json(json!({ "role": "owner" })).await.expect(200);
        let (by, of) = if round % 2 == 0 { (&ann, &ben) } else { (&ben, &ann) };
        let patch = if round % 3 == 0 { json!({ "disabled": true }) } else { json!({ "role": "member" }) };
        let one = by.patch(&path(of)).json(patch.clone());
        let other = of.patch(&path(by)).json(patch);
        let (one, other) = futures_util::join!(one.into_future(), other.into_future());
        let owners = location.lines("select id from users where role = 'owner' and disabled_at is null").await;
        assert_eq!(owners.len(), 1, "{one:?} {other:?}");
        // Ann is the owner of the next round.
        let ann_id = ann.user().id;
        let repair = format!("update users set role = 'owner', disabled_at = null where id = '{ann_id}'");
        location.execute(&repair).await;
        location.execute(&format!("update users set role = 'member' where id <> '{ann_id}'")).await;
        ann = Visitor::of(&server).sign_in(ann.email(), "laptop").await;
    }
    member.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
}

#[tokio::test]
async fn two_owners_who_stop_at_once_leave_one_on_sqlite() {
    two_owners_at_once_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn two_owners_who_stop_at_once_leave_one_on_postgres() {
    two_owners_at_once_on(Kind::Postgres).await;
}

/// A server without any other account needs no owner, and gets one with its next account.
#[tokio::test]
async fn the_only_user_of_a_server_may_leave() {
    let server = TestServer::new().await;
    let only = TestUser::register(&server).await;
    only.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
    let next = TestUser::register(&server).await;
    assert_eq!(next.user().role, UserRole::Owner);
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
