//! Registration, log-in, and changes of the account.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{ErrorCode, model::User, rest::SignedIn};
use tandem_tests::{
    TestUser, fresh,
    user::{PASSWORD, Visitor},
};

on_both!(
    registration_does_not_reveal_whether_an_address_is_taken,
    logging_in_answers_tokens_the_user_and_the_session,
    a_wrong_password_and_an_unknown_address_get_the_same_refusal,
    an_address_is_the_same_in_capital_letters,
    a_name_and_a_time_zone_can_be_changed,
    a_new_password_ends_the_other_sessions,
    refused_registrations_name_the_field,
);

async fn registration_does_not_reveal_whether_an_address_is_taken(site: &Site) {
    let (visitor, email) = (Visitor::of(site), fresh::email());
    let first = visitor.register(&email, PASSWORD).await;
    let second = visitor.register(&email, "another password").await;
    assert_eq!((first.status, first.body.as_str()), (202, r#"{"status":"accepted"}"#));
    assert_eq!((second.status, &second.body), (first.status, &first.body));
    visitor.log_in(&email, "another password").await.refused(ErrorCode::InvalidCredentials);
    visitor.log_in(&email, PASSWORD).await.expect(200);
}

async fn logging_in_answers_tokens_the_user_and_the_session(site: &Site) {
    let (visitor, email) = (Visitor::of(site), fresh::email());
    visitor.register(&email, PASSWORD).await.expect(202);
    let answer = visitor.log_in(&email, PASSWORD).await;
    let signed_in: SignedIn = answer.expect(200).read();
    assert_eq!(signed_in.token_type, "Bearer");
    assert_eq!(signed_in.expires_in, 600);
    assert_eq!(signed_in.user.email, email);
    assert_eq!(signed_in.user.time_zone, "UTC");
    assert_eq!(signed_in.session.device_name.as_deref(), Some("laptop"));
    assert!(signed_in.session.current);
    assert!(signed_in.refresh_token.is_some());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("set-cookie"), "", "the refresh token travels one way only");
}

async fn a_wrong_password_and_an_unknown_address_get_the_same_refusal(site: &Site) {
    let user = TestUser::register(site).await;
    let visitor = Visitor::of(site);
    let wrong = visitor.log_in(user.email(), "not the password").await;
    let unknown = visitor.log_in(&fresh::email(), "not the password").await;
    wrong.refused(ErrorCode::InvalidCredentials);
    unknown.refused(ErrorCode::InvalidCredentials);
    assert_eq!(wrong.body_without_request_id(), unknown.body_without_request_id());
}

async fn an_address_is_the_same_in_capital_letters(site: &Site) {
    let user = TestUser::register(site).await;
    let signed_in: SignedIn = Visitor::of(site).log_in(&user.email().to_uppercase(), PASSWORD).await.expect(200).read();
    assert_eq!(signed_in.user, user.user());
}

async fn a_name_and_a_time_zone_can_be_changed(site: &Site) {
    let user = TestUser::register(site).await;
    let change = json!({ "name": "Änn 🙂", "time_zone": "Asia/Tokyo" });
    let changed: User = user.patch("/me").json(change).await.expect(200).read();
    assert_eq!((changed.name.as_str(), changed.time_zone.as_str()), ("Änn 🙂", "Asia/Tokyo"));
    assert_eq!(user.get("/me").await.expect(200).read::<User>(), changed);
    user.patch("/me").json(json!({ "time_zone": "Nowhere/Else" })).await.refused(ErrorCode::InvalidRequest);
    user.patch("/me").json(json!({ "email_verified": true })).await.refused(ErrorCode::InvalidRequest);
}

async fn a_new_password_ends_the_other_sessions(site: &Site) {
    let laptop = TestUser::register(site).await;
    let phone = laptop.sign_in_again("phone").await;
    let change = |current: &str| json!({ "current_password": current, "new_password": "a completely new one" });
    laptop.post("/me/password").json(change("wrong password")).await.refused(ErrorCode::InvalidCredentials);
    phone.get("/me").await.expect(200);

    let renewed: SignedIn = laptop.post("/me/password").json(change(PASSWORD)).await.expect(200).read();
    phone.get("/me").await.refused(ErrorCode::SessionRevoked);
    laptop.get("/me").bearer(&renewed.access_token).await.expect(200);
    let visitor = Visitor::of(site);
    visitor.log_in(laptop.email(), PASSWORD).await.refused(ErrorCode::InvalidCredentials);
    visitor.log_in(laptop.email(), "a completely new one").await.expect(200);
}

async fn refused_registrations_name_the_field(site: &Site) {
    let visitor = Visitor::of(site);
    let long = "x".repeat(129);
    let wrong = [
        ("email", "nope", PASSWORD),
        ("email", "a b@example.test", PASSWORD),
        ("password", "someone@example.test", "1234567"),
        ("password", "someone@example.test", &long),
    ];
    for (field, email, password) in wrong {
        let problem = visitor.register(email, password).await.refused(ErrorCode::InvalidRequest);
        assert!(problem.errors.iter().any(|error| error.field == field), "{email} {password}: {problem:?}");
    }
}
