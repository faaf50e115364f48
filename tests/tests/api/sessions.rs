//! Sessions: rotation of refresh tokens, the cookie, and the ends of sessions.

use crate::support::Site;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use std::future::IntoFuture as _;
use tandem_protocol::{ErrorCode, model::Session, rest::SignedIn};
use tandem_tests::{
    TestUser, fresh,
    user::{Answer, PASSWORD, Visitor},
};

on_both!(
    a_refresh_rotates_the_token,
    the_token_before_gets_access_but_no_new_refresh_token,
    an_older_token_ends_the_session,
    twenty_refreshes_at_once_keep_the_user_signed_in,
    tokens_are_not_interchangeable,
    the_list_shows_each_device_and_marks_the_current_one,
    a_revoked_session_is_refused,
    revoking_the_others_leaves_this_one,
    logging_out_ends_the_session,
    the_cookie_is_for_the_server_alone,
    the_cookie_works_for_pages_of_this_origin_alone,
    no_log_in_with_the_old_password_outlives_its_change,
    one_of_six_concurrent_password_changes_succeeds,
);

async fn refresh(user: &TestUser, token: &str) -> Answer {
    user.post("/auth/refresh").anonymous().json(json!({ "refresh_token": token })).await
}

async fn a_refresh_rotates_the_token(site: &Site) {
    let user = TestUser::register(site).await;
    let (refresh_token, access_token) = (user.refresh_token(), user.access_token());
    user.refresh().await;
    assert_ne!(user.refresh_token(), refresh_token);
    assert_ne!(user.access_token(), access_token);
    user.get("/me").await.expect(200);
}

async fn the_token_before_gets_access_but_no_new_refresh_token(site: &Site) {
    let user = TestUser::register(site).await;
    let first = user.refresh_token();
    user.refresh().await;
    let again: SignedIn = refresh(&user, &first).await.expect(200).read();
    assert!(again.refresh_token.is_none(), "two tabs that refresh at once share one rotation");
    user.get("/me").bearer(&again.access_token).await.expect(200);
    user.refresh().await;
}

async fn an_older_token_ends_the_session(site: &Site) {
    let user = TestUser::register(site).await;
    let first = user.refresh_token();
    user.refresh().await;
    user.refresh().await;
    refresh(&user, &first).await.refused(ErrorCode::SessionRevoked);
    user.get("/me").await.refused(ErrorCode::SessionRevoked);
    refresh(&user, &user.refresh_token()).await.refused(ErrorCode::SessionRevoked);
}

async fn twenty_refreshes_at_once_keep_the_user_signed_in(site: &Site) {
    let user = TestUser::register(site).await;
    let token = user.refresh_token();
    let answers = join_all((0..20).map(|_| refresh(&user, &token))).await;
    let renewed: Vec<SignedIn> = answers.iter().map(|answer| answer.expect(200).read()).collect();
    let rotated: Vec<&String> = renewed.iter().filter_map(|renewed| renewed.refresh_token.as_ref()).collect();
    assert_eq!(rotated.len(), 1, "one rotation, whoever was first");
    refresh(&user, rotated[0]).await.expect(200);
}

async fn tokens_are_not_interchangeable(site: &Site) {
    let user = TestUser::register(site).await;
    user.get("/me").bearer(&user.refresh_token()).await.refused(ErrorCode::InvalidToken);
    refresh(&user, &user.access_token()).await.refused(ErrorCode::InvalidToken);
    refresh(&user, "never given out").await.refused(ErrorCode::InvalidToken);
    user.get("/me").bearer("garbage").await.refused(ErrorCode::InvalidToken);
    user.get("/me").anonymous().await.refused(ErrorCode::Unauthenticated);
    let (head, _) =
        user.access_token().rsplit_once('.').map(|(head, tail)| (head.to_owned(), tail.to_owned())).unwrap();
    user.get("/me").bearer(&format!("{head}.AAAA")).await.refused(ErrorCode::InvalidToken);
}

async fn the_list_shows_each_device_and_marks_the_current_one(site: &Site) {
    let laptop = TestUser::register(site).await;
    let phone = laptop.sign_in_again("phone").await;
    let sessions: Vec<Session> = laptop.all_pages("/sessions", "").await;
    assert_eq!(sessions.len(), 2);
    let find = |id| sessions.iter().find(|session| session.id == id).unwrap();
    assert!(find(laptop.session().id).current);
    let other = find(phone.session().id);
    assert!(!other.current);
    assert_eq!(other.device_name.as_deref(), Some("phone"));
    assert_eq!(other.ip.as_deref(), Some(phone.network_address()), "the word of a trusted proxy is taken");
}

async fn a_revoked_session_is_refused(site: &Site) {
    let laptop = TestUser::register(site).await;
    let phone = laptop.sign_in_again("phone").await;
    laptop.delete(&format!("/sessions/{}", phone.session().id)).await.expect(200);
    phone.get("/me").await.refused(ErrorCode::SessionRevoked);
    refresh(&phone, &phone.refresh_token()).await.refused(ErrorCode::SessionRevoked);
    laptop.get("/me").await.expect(200);
    laptop.delete(&format!("/sessions/{}", fresh::id())).await.refused(ErrorCode::NotFound);
}

async fn revoking_the_others_leaves_this_one(site: &Site) {
    let laptop = TestUser::register(site).await;
    let (phone, tablet) = (laptop.sign_in_again("phone").await, laptop.sign_in_again("tablet").await);
    laptop.post("/sessions/revoke-others").await.expect(200);
    for other in [phone, tablet] {
        other.get("/me").await.refused(ErrorCode::SessionRevoked);
    }
    laptop.get("/me").await.expect(200);
}

async fn logging_out_ends_the_session(site: &Site) {
    let user = TestUser::register(site).await;
    user.post("/auth/logout").await.expect(204);
    user.get("/me").await.refused(ErrorCode::SessionRevoked);
    refresh(&user, &user.refresh_token()).await.refused(ErrorCode::SessionRevoked);
}

/// Logs in as a page does and returns the cookie as the browser sends it back.
async fn cookie_of(site: &Site) -> (Visitor, Answer, String) {
    let (visitor, email) = (Visitor::of(site), fresh::email());
    visitor.register(&email, PASSWORD).await.expect(202);
    let body = json!({ "email": email, "password": PASSWORD });
    let answer = visitor.post("/api/v1/auth/login").json(body).await;
    let cookie = answer.expect(200).header("set-cookie").split(';').next().unwrap().to_owned();
    (visitor, answer, cookie)
}

async fn the_cookie_is_for_the_server_alone(site: &Site) {
    let (_, answer, _) = cookie_of(site).await;
    let set = answer.header("set-cookie").to_lowercase();
    assert!(set.starts_with("tandem_refresh="), "on loopback without TLS the name has no prefix: {set}");
    for attribute in ["httponly", "samesite=strict", "path=/api/v1/auth;"] {
        assert!(set.contains(attribute), "{attribute} is missing in {set}");
    }
    assert!(answer.read::<SignedIn>().refresh_token.is_none(), "a script never sees the token in the cookie");
}

async fn the_cookie_works_for_pages_of_this_origin_alone(site: &Site) {
    let (visitor, _, cookie) = cookie_of(site).await;
    let refresh = |origin: &str| {
        visitor.request(Method::POST, "/api/v1/auth/refresh").header("cookie", &cookie).header("origin", origin)
    };
    let ours = site.url("");
    let port = site.listen().port();
    let foreign = [
        "https://evil.example",
        "null",
        "",
        &format!("{ours}.evil.example"),
        &format!("http://127.0.0.1.evil.example:{port}"),
        "http://127.0.0.1:1",
        &format!("https://127.0.0.1:{port}"),
        &format!("http://127.0.0.1@evil.example:{port}"),
    ];
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        let ask = || visitor.request(Method::POST, path).header("cookie", &cookie);
        for origin in foreign {
            ask().header("origin", origin).await.refused(ErrorCode::ForbiddenOrigin);
        }
        for site in ["cross-site", "same-site"] {
            ask().header("sec-fetch-site", site).await.refused(ErrorCode::ForbiddenOrigin);
        }
        // What a form of any page can send.
        for form in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"] {
            let sent = ask().header("content-type", form).text("refresh_token=x").await;
            sent.refused(ErrorCode::UnsupportedMediaType);
        }
    }
    let renewed = refresh(&ours).header("sec-fetch-site", "same-origin").await;
    assert_ne!(renewed.expect(200).header("set-cookie"), "", "the rotated token is set as the new cookie");
    let me = visitor.get("/api/v1/me").header("cookie", &cookie).await;
    me.refused(ErrorCode::Unauthenticated);
}

/// The password of a changed account.
const CHANGED: &str = "a completely new one";

async fn no_log_in_with_the_old_password_outlives_its_change(site: &Site) {
    let owner = TestUser::register(site).await;
    let thief = || Visitor::of(site).log_in(owner.email(), PASSWORD).into_future();
    let change = async {
        let body = json!({ "current_password": PASSWORD, "new_password": CHANGED });
        loop {
            let answer = owner.post("/me/password").json(body.clone()).await;
            // A busy machine has no core for the hash.
            if answer.status != 503 {
                return answer.expect(200).read::<SignedIn>();
            }
        }
    };
    let (before, changed, after) =
        tokio::join!(join_all((0..13).map(|_| thief())), change, join_all((0..13).map(|_| thief())));
    for answer in before.iter().chain(&after).filter(|answer| answer.status == 200) {
        let token = answer.read::<SignedIn>().access_token;
        owner.get("/me").bearer(&token).await.refused(ErrorCode::SessionRevoked);
    }
    let alive: Vec<Session> = owner.all_pages("/sessions", "").await;
    assert_eq!(alive.iter().map(|session| session.id).collect::<Vec<_>>(), [changed.session.id]);
}

async fn one_of_six_concurrent_password_changes_succeeds(site: &Site) {
    let owner = TestUser::register(site).await;
    let change = |number: usize| {
        let body = json!({ "current_password": PASSWORD, "new_password": format!("new password {number}") });
        owner.post("/me/password").json(body).into_future()
    };
    let answers = join_all((0..6).map(change)).await;
    let changed: Vec<usize> = (0..6).filter(|number| answers[*number].status == 200).collect();
    assert_eq!(changed.len(), 1, "all six gave the password until then: {answers:?}");
    let password = format!("new password {}", changed[0]);
    Visitor::of(site).log_in(owner.email(), &password).await.expect(200);
}
