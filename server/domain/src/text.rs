//! Text from people: in one Unicode form, trimmed, bounded, without control characters.
//!
//! The same characters can be written in several ways, `é` as one character or as two. Texts are stored in one form
//! (NFC), so that they compare and count equal whichever keyboard wrote them. Nothing else is rewritten: joiners and the
//! marks of other scripts belong to what was written.
//!
//! **Invariant:** limits count characters and not bytes, so that they are the same in every language. They are counted
//! after trimming and normalising.

use super::Invalid;
use std::borrow::Cow;
use tandem_protocol::limits::{MAX_LABEL_CHARS, MAX_LABELS, MAX_MESSAGE_CHARS, MAX_NAME_CHARS};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// Longest address in characters (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_EMAIL_CHARS: usize = 254;
/// Characters of a password, after NFKC.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// The most characters that NFC makes one of.
const COMPOSED_OF: usize = 4;

/// A single line of 1 to `max` characters, one of them visible, trimmed.
///
/// # Errors
/// [`Invalid`] when nothing of it is visible, when it is too long, or has line breaks, other control characters or
/// characters that change the direction of the text around it.
pub fn line(field: &'static str, text: &str, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    // Before it is normalised, which takes time in proportion to the text.
    not_longer(field, text, max * COMPOSED_OF)?;
    let text = composed(text.into());
    not_longer(field, &text, max)?;
    let wrong = if text.is_empty() {
        "must not be empty"
    } else if text.chars().any(|c| c.is_control() || is_line_break(c)) {
        "must not hold line breaks or other control characters"
    } else if text.chars().any(overrides_direction) {
        "must not hold characters that override the direction of text (U+202A to U+202E, U+2066 to U+2069)"
    } else if !text.chars().any(is_visible) {
        "must have a visible character"
    } else {
        return Ok(text.into_owned());
    };
    Err(Invalid::new(field, wrong))
}

/// A title: a [`line()`] in which line breaks are spaces, because people paste titles.
///
/// # Errors
/// Those of [`line()`], but for line breaks.
pub fn title(text: &str, max: usize) -> Result<String, Invalid> {
    let spaced = text.replace("\r\n", " ").replace(is_line_break, " ");
    line("title", &spaced, max)
}

/// The name of a person, a device or a token; may be empty.
///
/// # Errors
/// Those of [`line()`], but for the empty one.
pub fn name(field: &'static str, text: &str) -> Result<String, Invalid> {
    if text.trim().is_empty() { Ok(String::new()) } else { line(field, text, MAX_NAME_CHARS) }
}

/// What is left of a text from elsewhere when it has to be a [`line()`]: without what that refuses, cut after `max` characters.
/// `None` when nothing visible is left.
pub fn fitted(text: &str, max: usize) -> Option<String> {
    let kept = text.chars().filter(|c| !overrides_direction(*c));
    let spaced: String = kept.map(|c| if c.is_control() || is_line_break(c) { ' ' } else { c }).collect();
    let cut: String = composed(spaced.trim().into()).chars().take(max).collect();
    line("", &cut, max).ok()
}

/// Text of several lines with at most `max` characters; may be empty.
///
/// # Errors
/// [`Invalid`] when it is too long or holds NUL.
pub fn block(field: &'static str, text: String, max: usize) -> Result<String, Invalid> {
    not_longer(field, &text, max * COMPOSED_OF)?;
    let text = composed(text.into());
    not_longer(field, &text, max)?;
    // A text of PostgreSQL cannot hold it.
    if text.contains('\0') {
        return Err(Invalid::new(field, "must not hold NUL characters"));
    }
    Ok(text.into_owned())
}

fn not_longer(field: &'static str, text: &str, max: usize) -> Result<(), Invalid> {
    match text.chars().count() {
        n if n > max => Err(Invalid::new(field, format!("must have at most {max} characters, has {n}"))),
        _ => Ok(()),
    }
}

/// The text in NFC. Nearly every text is in it already.
pub(crate) fn composed(text: Cow<'_, str>) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        _ => text.nfc().collect::<String>().into(),
    }
}

/// The mandatory breaks of Unicode (UAX 14, class BK, CR, LF and NL).
fn is_line_break(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates (UAX 9, section 2): a title with one would turn around what stands beside it.
fn overrides_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character takes ink: no space, and none that is drawn as nothing (`Default_Ignorable_Code_Point` of
/// Unicode, and the empty Braille cell).
pub(crate) fn is_visible(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || is_ignorable(c) || c == '\u{2800}')
}

/// `Default_Ignorable_Code_Point` of Unicode 16: soft hyphens, joiners, marks of direction, variation selectors.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
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

/// The address of a new account: an [`email()`] of characters that can be seen, so that no two look alike that differ in one
/// that cannot.
///
/// # Errors
/// As [`email()`].
pub fn new_email(text: &str) -> Result<String, Invalid> {
    let text = email(text)?;
    if text.chars().all(is_visible) {
        Ok(text)
    } else {
        Err(Invalid::new("email", "must not hold invisible characters"))
    }
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
    // Cut while it is normalised, because NFKC may make a text longer, and a long one must not cost much. Not before: NFKC may
    // shorten it as well, and what was cut off would not be needed to log in.
    text.nfkc().take(*PASSWORD_CHARS.end() + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_never_empty() {
        assert_eq!(line("name", "  Buy milk ", 500).as_deref(), Ok("Buy milk"));
        assert!(line("name", " \u{a0} ", 500).is_err());
        assert!(line("name", &"x".repeat(501), 500).is_err());
        assert!(line("name", "a\r\nSet-Cookie: b", 500).is_err());
        assert!(line("name", "a\u{2028}b", 500).is_err());
    }

    #[test]
    fn line_breaks_in_titles_are_spaces() {
        for (text, kept) in [("Buy\r\nmilk\n", "Buy milk"), ("a\u{2029}b\u{85}c\rd", "a b c d"), ("a\n\nb", "a  b")] {
            assert_eq!(title(text, 500).as_deref(), Ok(kept));
        }
        assert!(title("a\tb", 500).is_err(), "a tab is no line break");
    }

    #[test]
    fn a_new_address_has_no_character_that_cannot_be_seen() {
        for text in ["ann\u{200b}@example.org", "ann@exam\u{ad}ple.org", "\u{feff}ann@example.org"] {
            assert!(new_email(text).is_err(), "{text:?} was taken");
        }
        assert!(new_email("jürgen@bücher.example").is_ok());
    }

    #[test]
    fn what_is_no_line_is_made_one() {
        let fitted = |text: &str| fitted(text, 5);
        assert_eq!(fitted("a\u{1b}b\n").as_deref(), Some("a b"));
        assert_eq!(fitted(&"ab ".repeat(9)).as_deref(), Some("ab ab"));
        assert_eq!(fitted("\u{202e}x").as_deref(), Some("x"));
        assert_eq!((fitted("\u{7}\u{200b}"), fitted(" ")), (None, None));
    }

    #[test]
    fn one_character_must_be_visible() {
        for text in ["", " ", "\u{200b}", "\u{feff}", "\u{2060}\u{200d}", "\u{ad}", "\u{fe0f}", "\u{3164} \u{2800}"] {
            assert!(title(text, 500).is_err(), "{text:?} was taken");
        }
        for text in ["👩\u{200d}🚀", "می\u{200c}خواهم", "!", "\u{feff}x", "❤\u{fe0f}", "क\u{94d}\u{200d}ष"]
        {
            assert_eq!(title(text, 500).as_deref(), Ok(text), "kept as it was written");
        }
    }

    #[test]
    fn what_overrides_the_direction_is_refused() {
        for sign in ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert!(title(&format!("pay {sign}002 to Ann"), 500).is_err());
            assert!(labels(vec![format!("a{sign}")]).is_err());
            assert!(name("name", &format!("Ann{sign}")).is_err());
        }
        assert!(title("שלום world", 500).is_ok());
        assert!(title("a\u{200e}b", 500).is_ok(), "a mark turns nothing around");
        assert!(message("\u{202e}".into()).is_ok(), "a message may hold anything");
    }

    #[test]
    fn texts_are_composed_before_they_are_counted() {
        assert_eq!(title("cafe\u{301}", 500).as_deref(), Ok("café"));
        assert_eq!(block("description", "cafe\u{301}\n".into(), 10).as_deref(), Ok("café\n"));
        assert_eq!(message("e\u{301}".into()).as_deref(), Ok("é"));
        assert_eq!(labels(vec!["é".into(), "e\u{301}".into()]), Ok(vec!["é".to_owned()]));
        assert_eq!(title(&"e\u{301}".repeat(500), 500).map(|title| title.chars().count()), Ok(500));
        assert!(title(&"\u{958}".repeat(251), 500).is_err(), "this one is two characters in NFC");
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
        // One character from two: nothing of it may be cut off.
        let (long, same_start) = ("e\u{301}".repeat(128), "e\u{301}".repeat(65));
        assert_eq!(new_password("password", &long).map(|normal| normal.chars().count()), Ok(128));
        assert_ne!(normal_password(&long), normal_password(&same_start));
        assert!(new_password("password", &"e\u{301}".repeat(129)).is_err());
        // One character that is eighteen.
        assert_eq!(normal_password(&"\u{fdfa}".repeat(100_000)).chars().count(), 129);
    }
}
