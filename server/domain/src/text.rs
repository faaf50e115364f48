//! Text from people: trimmed, bounded, without control characters.
//!
//! **Invariant:** limits count characters and not bytes, so that they are the same in every language.

use super::Invalid;
use tandem_protocol::limits::{MAX_LABEL_CHARS, MAX_LABELS, MAX_MESSAGE_CHARS, MAX_NAME_CHARS};
use unicode_normalization::UnicodeNormalization as _;

/// Longest address in characters (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_EMAIL_CHARS: usize = 254;
/// Characters of a password, after NFKC.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;

/// A single line of 1 to `max` characters, trimmed.
///
/// # Errors
/// [`Invalid`] when it is empty, too long, or has line breaks or other control characters.
pub fn line(field: &'static str, text: &str, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Invalid::new(field, "must not be empty")),
        n if n > max => Err(Invalid::new(field, format!("must have at most {max} characters, has {n}"))),
        _ if text.chars().any(char::is_control) => {
            Err(Invalid::new(field, "must not hold line breaks or other control characters"))
        }
        _ => Ok(text.to_owned()),
    }
}

/// The name of a person, a device or a token; may be empty.
///
/// # Errors
/// Those of [`line()`], but for the empty one.
pub fn name(field: &'static str, text: &str) -> Result<String, Invalid> {
    if text.trim().is_empty() { Ok(String::new()) } else { line(field, text, MAX_NAME_CHARS) }
}

/// Text of several lines with at most `max` characters; may be empty.
///
/// # Errors
/// [`Invalid`] when it is too long or holds NUL.
pub fn block(field: &'static str, text: String, max: usize) -> Result<String, Invalid> {
    let chars = text.chars().count();
    if chars > max {
        return Err(Invalid::new(field, format!("must have at most {max} characters, has {chars}")));
    }
    // A text of PostgreSQL cannot hold it.
    if text.contains('\0') {
        return Err(Invalid::new(field, "must not hold NUL characters"));
    }
    Ok(text)
}

/// A message to the assistant.
///
/// # Errors
/// [`Invalid`] when it is blank, too long or holds NUL.
pub fn message(text: String) -> Result<String, Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new("text", "must not be empty"));
    }
    block("text", text, MAX_MESSAGE_CHARS)
}

/// Labels: each a line, without repetitions, in the given order.
///
/// # Errors
/// [`Invalid`] when there are too many, or one is no [`line()`].
pub fn labels(labels: Vec<String>) -> Result<Vec<String>, Invalid> {
    if labels.len() > MAX_LABELS {
        return Err(Invalid::new("labels", format!("must be at most {MAX_LABELS}")));
    }
    let mut kept: Vec<String> = Vec::with_capacity(labels.len());
    for label in labels {
        // People write the sign, but it is no part of the label.
        let label = line("labels", label.trim_start_matches('#'), MAX_LABEL_CHARS)?;
        if !kept.contains(&label) {
            kept.push(label);
        }
    }
    Ok(kept)
}

/// An address to log in with: trimmed and lower case, so that `Ann@Example.org` and `ann@example.org` are one account.
///
/// # Errors
/// [`Invalid`] when it has not the form of an address.
pub fn email(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let refused = || Invalid::new("email", "expected an email address such as ann@example.org");
    if text.chars().count() > MAX_EMAIL_CHARS || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(refused());
    }
    // Quoted local parts, which may hold an @ (RFC 5321, section 4.1.2), are refused: hardly any provider has them.
    let (local, domain) = text.rsplit_once('@').ok_or_else(refused)?;
    if local.is_empty() || local.contains('@') || domain.is_empty() || domain.starts_with('.') || domain.ends_with('.')
    {
        return Err(refused());
    }
    // RFC 5321, section 2.4, distinguishes the case of the local part, but people do not when they log in.
    Ok(text.to_lowercase())
}

/// A new password, in the form in which it is hashed (NFKC). No rules about its composition (NIST SP 800-63B, 5.1.1).
///
/// # Errors
/// [`Invalid`] when it has under 8 or over 128 characters.
pub fn new_password(field: &'static str, text: &str) -> Result<String, Invalid> {
    let normal = normal_password(text);
    if PASSWORD_CHARS.contains(&normal.chars().count()) {
        Ok(normal)
    } else {
        let (min, max) = PASSWORD_CHARS.into_inner();
        Err(Invalid::new(field, format!("must have {min} to {max} characters")))
    }
}

/// The form in which passwords are compared.
pub fn normal_password(text: &str) -> String {
    // Cut first: NFKC may lengthen a text, and a long one must not cost much.
    text.chars().take(*PASSWORD_CHARS.end() + 1).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_never_empty() {
        assert_eq!(line("title", "  Buy milk ", 500).as_deref(), Ok("Buy milk"));
        assert!(line("title", " \u{a0} ", 500).is_err());
        assert!(line("title", &"x".repeat(501), 500).is_err());
        assert!(line("title", "a\r\nSet-Cookie: b", 500).is_err());
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(line("title", &"ä".repeat(500), 500).is_ok());
        assert!(message("ä".repeat(MAX_MESSAGE_CHARS)).is_ok());
        assert!(message("x".repeat(MAX_MESSAGE_CHARS + 1)).is_err());
    }

    #[test]
    fn labels_are_kept_once_and_without_their_sign() {
        let given = ["home", "#home", " x y "].map(str::to_owned).to_vec();
        assert_eq!(labels(given), Ok(vec!["home".to_owned(), "x y".to_owned()]));
    }

    #[test]
    fn addresses_are_compared_without_case() {
        assert_eq!(email(" Ann@Example.ORG ").as_deref(), Ok("ann@example.org"));
        for wrong in ["nope", "@example.org", "ann@", "a b@example.org", "ann@example.org\r\nBcc: x", "a@b@c"] {
            assert!(email(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn passwords_have_8_to_128_characters_after_normalisation() {
        for (text, good) in [("1234567", false), ("12345678", true)] {
            assert_eq!(new_password("password", text).is_ok(), good);
        }
        assert!(new_password("password", &"x".repeat(128)).is_ok());
        assert!(new_password("password", &"x".repeat(129)).is_err());
        assert_eq!(new_password("password", "ﬁsh and chips"), new_password("password", "fish and chips"));
    }
}
