//! Personal tokens for scripts and MCP.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{ErrorCode, enums::Scope, model::PersonalToken, rest::TokenCreated};
use tandem_tests::{TestUser, fresh, user::PASSWORD};

on_both!(
    a_token_is_shown_once_and_works,
    a_token_for_reading_does_not_write,
    a_token_does_not_manage_the_account,
    a_revoked_token_is_refused,
    a_token_that_has_ended_is_refused,
    refused_tokens,
    a_new_password_ends_tokens_that_are_not_kept_by_name,
    a_session_of_more_than_ten_minutes_needs_the_password,
);

async fn a_token_is_shown_once_and_works(site: &Site) {
    let user = TestUser::register(site).await;
    let (token, info) = user.personal_token(&[Scope::Read, Scope::Write]).await;
    assert!(token.starts_with("tnd_"), "{token}");
    let list = user.get("/tokens").await;
    assert!(!list.expect(200).body.contains(&token));
    let listed: Vec<PersonalToken> = user.all_pages("/tokens", "").await;
    assert_eq!(listed.iter().map(|token| token.id).collect::<Vec<_>>(), [info.id]);
    user.post("/tasks").bearer(&token).json(json!({ "title": "by a script" })).await.expect(201);
    assert_eq!(user.tasks("").await[0].title, "by a script");
    assert!(!site.log().contains(&token), "secrets are not logged");
}

async fn a_token_for_reading_does_not_write(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add_task("stays").await;
    let (token, _) = user.personal_token(&[Scope::Read]).await;
    user.get("/tasks").bearer(&token).await.expect(200);
    let refused = [
        user.post("/tasks").json(json!({ "title": "no" })),
        user.patch(&format!("/tasks/{}", task.id)).json(json!({ "title": "no" })),
        user.delete(&format!("/tasks/{}", task.id)),
        user.post("/undo").json(json!({})),
    ];
    for ask in refused {
        ask.bearer(&token).await.refused(ErrorCode::InsufficientScope);
    }
    assert_eq!(user.tasks("").await, [task]);
}

async fn a_token_does_not_manage_the_account(site: &Site) {
    let user = TestUser::register(site).await;
    let (token, _) = user.personal_token(&[Scope::Read, Scope::Write]).await;
    let refused = [
        user.get("/tokens"),
        user.post("/tokens").json(json!({ "name": "another", "scopes": ["read"] })),
        user.post("/me/password").json(json!({ "current_password": PASSWORD, "new_password": "a new password" })),
        user.delete("/me").json(json!({ "password": PASSWORD })),
    ];
    for ask in refused {
        ask.bearer(&token).await.refused(ErrorCode::InsufficientScope);
    }
}

async fn a_revoked_token_is_refused(site: &Site) {
    let user = TestUser::register(site).await;
    let (token, info) = user.personal_token(&[Scope::Read]).await;
    user.delete(&format!("/tokens/{}", info.id)).await.expect(200);
    let refused = user.get("/tasks").bearer(&token).await;
    assert_eq!(refused.status, 401, "{refused:?}");
    user.delete(&format!("/tokens/{}", fresh::id())).await.refused(ErrorCode::NotFound);
}

async fn a_token_that_has_ended_is_refused(site: &Site) {
    let user = TestUser::register(site).await;
    let past = json!({ "name": "old", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00.000Z" });
    let answer = user.post("/tokens").json(past).await;
    // Either it is not made at all, or it does not work.
    if answer.status == 201 {
        let token = answer.value()["token"].as_str().unwrap().to_owned();
        assert_eq!(user.get("/tasks").bearer(&token).await.status, 401);
    } else {
        answer.refused(ErrorCode::InvalidRequest);
    }
}

async fn refused_tokens(site: &Site) {
    let user = TestUser::register(site).await;
    let wrong = [
        json!({ "name": "x", "scopes": ["root"] }),
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "", "scopes": ["read"] }),
        json!({ "name": "x", "scopes": ["read"], "admin": true }),
    ];
    for body in wrong {
        user.post("/tokens").json(body).await.refused(ErrorCode::InvalidRequest);
    }
    user.get("/tasks").bearer("tnd_never-given-out").await.refused(ErrorCode::InvalidToken);
}

async fn named_token(user: &TestUser, name: &str) -> TokenCreated {
    user.post("/tokens").json(json!({ "name": name, "scopes": ["read"] })).await.expect(201).read()
}

async fn a_new_password_ends_tokens_that_are_not_kept_by_name(site: &Site) {
    let user = TestUser::register(site).await;
    let [calendar, mail, thief] =
        [named_token(&user, "calendar").await, named_token(&user, "mail").await, named_token(&user, "thief").await];
    let change = |kept: serde_json::Value| {
        let body = json!({ "current_password": PASSWORD, "new_password": "a new password", "keep_tokens": kept });
        user.post("/me/password").json(body)
    };
    change(json!(["calender"])).await.refused(ErrorCode::InvalidRequest);
    user.get("/tasks").bearer(&thief.token).await.expect(200);

    change(json!(["calendar", mail.info.id])).await.expect(200);
    user.get("/tasks").bearer(&calendar.token).await.expect(200);
    user.get("/tasks").bearer(&mail.token).await.expect(200);
    user.get("/tasks").bearer(&thief.token).await.refused(ErrorCode::InvalidToken);

    let body = json!({ "current_password": "a new password", "new_password": PASSWORD });
    user.post("/me/password").json(body).await.expect(200);
    let left: Vec<PersonalToken> = user.all_pages("/tokens", "").await;
    assert_eq!(left, [], "none was named");
}

async fn a_session_of_more_than_ten_minutes_needs_the_password(site: &Site) {
    let user = TestUser::register(site).await;
    let logged_in = user.session().created_at;
    site.log_in_happened(&user, logged_in.plus_millis(-11 * 60 * 1000)).await;
    let make = |password: Option<&str>| {
        let mut body = json!({ "name": "script", "scopes": ["read"] });
        if let Some(password) = password {
            body["password"] = password.into();
        }
        user.post("/tokens").json(body)
    };
    let refused = make(None).await.refused(ErrorCode::ConfirmationRequired);
    assert_eq!(refused.detail, "Enter your password to create a token.");
    make(Some("a wrong guess")).await.refused(ErrorCode::InvalidCredentials);
    make(Some(PASSWORD)).await.expect(201);
    // A log-in of tomorrow, by a clock that was ahead, is no proof either.
    site.log_in_happened(&user, logged_in.plus_millis(24 * 60 * 60 * 1000)).await;
    make(None).await.refused(ErrorCode::ConfirmationRequired);
}
