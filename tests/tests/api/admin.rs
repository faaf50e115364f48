//! What owners of the server do with accounts, and what nobody else can.

use crate::support::Site;
use futures_util::future::join_all;
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
    Device, TestServer, TestUser, assert_within,
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
    a_new_password_and_disabling_end_calendar_feeds,
);

/// Time limit of the protocol, with a margin for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);

pub(crate) fn path(user: &TestUser) -> String {
    format!("/admin/users/{}", user.user().id)
}

async fn managed(site: &Site, user: &TestUser) -> ManagedUser {
    site.owner().get(&path(user)).await.expect(200).read()
}

pub(crate) async fn change(site: &Site, user: &TestUser, patch: Value) -> ManagedUser {
    site.owner().patch(&path(user)).json(patch).await.expect(200).read()
}

pub(crate) async fn reset(site: &TestServer, token: &str, password: &str) -> tandem_tests::user::Answer {
    let body = json!({ "token": token, "password": password });
    Visitor::of(site).post("/api/v1/auth/reset").json(body).await
}

pub(crate) async fn link(site: &Site, user: &TestUser) -> ResetLink {
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
    assert_within("the end of what an account has", start, AT_ONCE);
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
