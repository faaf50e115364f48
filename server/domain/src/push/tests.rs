//! Addresses, keys and sizes of pushes.

use super::*;
use tandem_protocol::enums::PushKind;

#[test]
fn push_services_are_public_and_https() {
    for address in [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com:443/QGf?x=1",
        "https://8.8.8.8/push",
        "https://[2606:4700::1111]/push",
    ] {
        assert!(endpoint(address, false).is_ok(), "{address}");
    }
}

#[test]
fn what_leads_behind_the_firewall_is_refused() {
    for address in [
        "http://push.example.com/x",
        "ftp://push.example.com/x",
        "file:///etc/passwd",
        "https://localhost/x",
        "https://printer.local/x",
        "https://intranet/x",
        "https://intranet./x",
        "https://user@push.example.com/x",
        "https://push.example.com\\@10.0.0.1/x",
        " https://push.example.com/x",
        "https://push.example.com/x#y",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://0177.0.0.1/x",
        "https://10.1.2.3/x",
        "https://172.16.0.1/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[fd00::1]/x",
        "https://[fe80::1]/x",
        "https://[64:ff9b::a00:1]/x",
        "https://[2002:7f00:1::]/x",
        "https://:443/x",
        "https://push.example.com:0/x",
        "https://",
        "push.example.com",
        "https://push.example.com/ü",
    ] {
        assert!(endpoint(address, false).is_err(), "{address}");
    }
    assert!(endpoint(&format!("https://a.example/{}", "x".repeat(LONGEST_ENDPOINT)), false).is_err());
}

#[test]
fn the_setting_of_tests_allows_this_machine_alone() {
    for address in ["http://127.0.0.1:8080/x", "http://localhost:8080/x", "https://[::1]:8080/x"] {
        assert!(endpoint(address, true).is_ok(), "{address}");
    }
    for address in ["http://10.0.0.1/x", "http://push.example.com/x", "https://192.168.1.1/x"] {
        assert!(endpoint(address, true).is_err(), "{address}");
    }
}

#[test]
fn keys_have_their_lengths() {
    let point = URL_SAFE_NO_PAD.encode([&[4_u8][..], &[7; 64]].concat());
    assert_eq!(public_key(&point).map(|key| key.len()), Ok(65));
    assert_eq!(public_key(&format!("{point}=")).map(|key| key.len()), Ok(65), "with its padding");
    for refused in ["", "***", &point[1..], &format!("{point}A"), &format!("{point}=="), &format!(" {point}")] {
        assert!(public_key(refused).is_err(), "{refused}");
    }
    // Compressed, and of no form that there is.
    assert!(public_key(&URL_SAFE_NO_PAD.encode([2_u8; 33])).is_err());
    assert!(public_key(&URL_SAFE_NO_PAD.encode([7_u8; 65])).is_err());
    for accepted in ["BTBZMqHH6r4Tts7J_aSIgg", "BTBZMqHH6r4Tts7J_aSIgg=="] {
        assert_eq!(auth_secret(accepted).map(|secret| secret.len()), Ok(16), "{accepted}");
    }
    // Too short, too long, half of its padding, and the other alphabet.
    for refused in ["BTBZ", "BTBZMqHH6r4Tts7J_aSIgggg", "BTBZMqHH6r4Tts7J_aSIgg=", "BTBZMqHH6r4Tts7J/aSIgg"] {
        let message = auth_secret(refused).map_err(|refused| refused.message).unwrap_err();
        assert_eq!(message, "expected 16 bytes in base64url (letters, digits, `-` and `_`)", "{refused}");
    }
}

#[test]
fn kinds_are_kept_once_and_tests_are_none() {
    let chosen = vec![PushKind::Reply, PushKind::Reminder, PushKind::Reply];
    assert_eq!(kinds("kinds", chosen), Ok(vec![PushKind::Reminder, PushKind::Reply]));
    assert!(kinds("kinds", vec![PushKind::Test]).is_err());
}

#[test]
fn the_longest_texts_are_shortened_until_they_fit() {
    for text in ["x".repeat(32_000), "\u{1F600}".repeat(9_000), "\u{1}".repeat(9_000), "\"".repeat(9_000)] {
        let payload = PushPayload {
            kind: PushKind::Reply,
            title: text.clone(),
            body: text,
            path: "/chat".into(),
            badge: 3,
            tag: "t".into(),
            reminder: None,
        };
        let fitted = fitted(payload);
        assert!(serde_json::to_vec(&fitted).unwrap().len() <= MAX_PUSH_BYTES);
        assert!(fitted.title.ends_with('…') && fitted.title.chars().count() > 20, "{}", fitted.title);
    }
}

#[test]
fn a_topic_is_what_push_services_take() {
    let topics = ["01939c2e-7b1a-7c3e-9f00-2b6d1c0a0003", "another"].map(topic);
    assert_ne!(topics[0], topics[1]);
    for topic in topics {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(topic.len() == 32 && topic.chars().all(allowed), "{topic}");
    }
}
