//! Passwords and addresses at the edges of what is allowed: nothing is cut off, and one address is one account.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{ErrorCode, rest::SignedIn};
use tandem_tests::{
    fresh,
    user::{PASSWORD, Visitor},
};

on_both!(
    a_password_has_8_to_128_characters_all_of_which_count,
    a_password_may_be_written_in_any_form_of_unicode,
    an_address_is_one_account_however_it_is_written
);

async fn a_password_has_8_to_128_characters_all_of_which_count(site: &Site) {
    let long = "x".repeat(128);
    // Two code points each, which are one character.
    let composed = "e\u{301}".repeat(128);
    for password in ["12345678", &long, &composed, "with \0 inside", "🙂🙂🙂🙂🙂🙂🙂🙂"] {
        let (visitor, email) = (Visitor::of(site), fresh::email());
        visitor.register(&email, password).await.expect(202);
        visitor.log_in(&email, password).await.expect(200);
        let mut shorter: Vec<char> = password.chars().collect();
        shorter.pop();
        let shorter: String = shorter.into_iter().collect();
        let start = password.split('\0').next().filter(|start| *start != password).unwrap_or("x");
        let start_of_composed: String = password.chars().take(129).collect();
        for other in [&shorter, &format!("{password}x"), start, &format!("{start_of_composed}?"), ""] {
            visitor.log_in(&email, other).await.refused(ErrorCode::InvalidCredentials);
        }
    }
    let visitor = Visitor::of(site);
    for wrong in ["", "1234567", &"x".repeat(129), &"🙂".repeat(129), &"x".repeat(10_000)] {
        let problem = visitor.register(&fresh::email(), wrong).await.refused(ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, "password");
    }
    visitor.register(&fresh::email(), &"x".repeat(1024 * 1024)).await.refused(ErrorCode::PayloadTooLarge);
    visitor.log_in(&fresh::email(), &"x".repeat(1024 * 1024)).await.refused(ErrorCode::PayloadTooLarge);
}

async fn a_password_may_be_written_in_any_form_of_unicode(site: &Site) {
    for (written, typed) in [
        ("pass\u{e9}word \u{c5}", "passe\u{301}word A\u{30a}"),
        ("ﬁsh and chips", "fish and chips"),
        ("ｐａｓｓｗｏｒｄ", "password"),
        ("\u{1112}\u{1161}\u{11ab}글 비밀번호 둘", "한글 비밀번호 둘"),
    ] {
        let (visitor, email) = (Visitor::of(site), fresh::email());
        visitor.register(&email, written).await.expect(202);
        for same in [written, typed] {
            visitor.log_in(&email, same).await.expect(200);
        }
        visitor.log_in(&email, &format!("{typed}.")).await.refused(ErrorCode::InvalidCredentials);
    }
}

async fn an_address_is_one_account_however_it_is_written(site: &Site) {
    let visitor = Visitor::of(site);
    let email = fresh::email();
    visitor.register(&format!("  {} ", email.to_uppercase()), PASSWORD).await.expect(202);
    visitor.register(&email, "another password").await.expect(202);
    let signed_in: SignedIn = visitor.log_in(&email.to_uppercase(), PASSWORD).await.expect(200).read();
    assert_eq!(signed_in.user.email, email);
    visitor.log_in(&email, "another password").await.refused(ErrorCode::InvalidCredentials);
    let wrong = [
        "",
        "ann",
        "@example.test",
        "ann@",
        "ann@.test",
        "ann@example.",
        "ann@b@example.test",
        "an n@example.test",
        "ann@example.test\r\nBcc: all@example.test",
        "ann\u{0}@example.test",
        "ann\u{1b}[2J@example.test",
        &format!("{}@example.test", "x".repeat(250)),
    ];
    for wrong in wrong {
        let body = json!({ "email": wrong, "password": PASSWORD });
        let problem = visitor.post("/api/v1/auth/register").json(body).await.refused(ErrorCode::InvalidRequest);
        assert_eq!(problem.errors[0].field, "email", "{wrong:?}");
        visitor.log_in(wrong, PASSWORD).await;
    }
}
