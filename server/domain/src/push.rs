//! Rules of Web Push: where a server may send to, which keys are valid, when nothing is pushed, and what fits a push.
//!
//! The address of a push service comes from a browser, so anybody can name one. The server must not be led to machines
//! behind its firewall: an address is https, and neither it nor anything that its name resolves to is private. Names are
//! resolved elsewhere, at the registration and again for each connection; both apply [`is_public`].

mod quiet;
mod words;

pub use quiet::end_of_quiet_hours;
pub use words::{due_words, shortened};

use super::Invalid;
use base64::{
    Engine as _, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD},
    },
};
use sha2::{Digest as _, Sha256};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tandem_protocol::{
    enums::PushKind,
    limits::MAX_PUSH_BYTES,
    push::PushPayload,
    settings::{PushSettings, PushSettingsPatch},
};
use url::{Host, Url};

/// Bytes of the longest address of a push service.
const LONGEST_ENDPOINT: usize = 1_024;
/// Bytes of an uncompressed point of P-256, and its first one.
const POINT_BYTES: usize = 65;
const UNCOMPRESSED: u8 = 4;
/// Bytes of the authentication secret (RFC 8291, 3.2).
const AUTH_BYTES: usize = 16;
/// Characters of the name of a device.
const LONGEST_DEVICE: usize = 200;
/// Ends of names that resolvers look up in the local network.
const LOCAL_NAMES: [&str; 6] = ["localhost", "local", "internal", "lan", "home", "arpa"];

/// Reads the address of a push service. `loopback` also allows a service on this machine, over http too, for tests.
///
/// # Errors
/// [`Invalid`] when it is not https, has a user or a fragment, or names a private address or a name without a dot.
pub fn endpoint(text: &str, loopback: bool) -> Result<Url, Invalid> {
    let refused = || Invalid::new("endpoint", "expected the https address of a push service");
    // The reader of URLs skips white space and turns backslashes round, which nobody sends who means well.
    let plain = text.len() <= LONGEST_ENDPOINT && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(text).ok().filter(|_| plain).ok_or_else(refused)?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let (here, public) = match url.host().ok_or_else(refused)? {
        Host::Ipv4(address) => (address.is_loopback(), is_public(address.into())),
        Host::Ipv6(address) => (address.is_loopback(), is_public(address.into())),
        Host::Domain(name) => (name == "localhost", is_public_name(name)),
    };
    let allowed = match url.scheme() {
        "https" => public || (loopback && here),
        "http" => loopback && here,
        _ => false,
    };
    if allowed && bare && url.port() != Some(0) { Ok(url) } else { Err(refused()) }
}

/// Whether a name can be one of the public internet. What a resolver takes for an address is none any more: the reader of
/// URLs has turned `0x7f.1` into one.
fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.') && !LOCAL_NAMES.contains(&last)
}

/// Whether an address is one of the public internet, by the registries of special addresses (RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || matches!((a, b, c), (0 | 224.., ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Mapped, translated (RFC 6052), and 6to4 (RFC 3056): the address of version 4 decides.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            embedded(high, low)
        }
        // Teredo and other protocols, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All other global addresses (RFC 4291, 2.4).
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

/// The public key of a browser. Whether the point is on the curve is checked by who encrypts for it, see [`not_a_point`].
///
/// # Errors
/// [`Invalid`] when the text is no uncompressed point in base64url.
pub fn public_key(text: &str) -> Result<Vec<u8>, Invalid> {
    let bytes = decode("keys.p256dh", text, POINT_BYTES)?;
    if bytes.first() == Some(&UNCOMPRESSED) { Ok(bytes) } else { Err(not_a_point()) }
}

/// The refusal of a key that is no point of P-256.
pub fn not_a_point() -> Invalid {
    Invalid::new("keys.p256dh", "expected an uncompressed point of the curve P-256")
}

/// The authentication secret of a browser.
///
/// # Errors
/// [`Invalid`] when the text is not 16 bytes in base64url.
pub fn auth_secret(text: &str) -> Result<Vec<u8>, Invalid> {
    decode("keys.auth", text, AUTH_BYTES)
}

/// Exactly so many bytes in base64url, with its padding or without: browsers leave it out, and some libraries do not.
fn decode(field: &'static str, text: &str, length: usize) -> Result<Vec<u8>, Invalid> {
    let padding = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let bytes = GeneralPurpose::new(&alphabet::URL_SAFE, padding).decode(text).ok();
    // The library also takes a part of the padding.
    let is_whole = !text.contains('=') || text.len().is_multiple_of(4);
    bytes.filter(|bytes| bytes.len() == length && is_whole).ok_or_else(|| {
        Invalid::new(field, format!("expected {length} bytes in base64url (letters, digits, `-` and `_`)"))
    })
}

/// Checks the name that a device gives itself.
///
/// # Errors
/// [`Invalid`] when it is empty or too long.
pub fn check_device(name: &str) -> Result<(), Invalid> {
    let good = !name.is_empty() && name.chars().count() <= LONGEST_DEVICE && !name.contains('\0');
    if good { Ok(()) } else { Err(Invalid::new("device_id", "expected 1 to 200 characters")) }
}

/// The kinds that somebody has chosen, each once.
///
/// # Errors
/// [`Invalid`] for the kind of tests, which nobody chooses.
pub fn kinds(field: &'static str, mut kinds: Vec<PushKind>) -> Result<Vec<PushKind>, Invalid> {
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.iter().all(|kind| PushSettings::all_kinds().contains(kind)) {
        Ok(kinds)
    } else {
        Err(Invalid::new(field, "expected reminder, reply or approval"))
    }
}

/// Checks what a user wants to be pushed.
///
/// # Errors
/// [`Invalid`] when quiet hours begin and end at the same time (nobody can tell whether that is a day or nothing), or a
/// kind is none.
pub fn check(patch: &mut PushSettingsPatch) -> Result<(), Invalid> {
    if let Some(Some(hours)) = patch.quiet
        && hours.from == hours.to
    {
        let message = "expected two different times; null turns quiet hours off";
        return Err(Invalid::new("settings.push.quiet", message));
    }
    patch.kinds = patch.kinds.take().map(|chosen| kinds("settings.push.kinds", chosen)).transpose()?;
    Ok(())
}

/// The `Topic` of a push (RFC 8030, 5.4), by which a push service replaces one that waits: 32 characters of base64url, made
/// of the name of its notification.
pub fn topic(tag: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(tag.as_bytes())[..24])
}

/// Shortens title and body until the payload fits, the body first.
#[must_use]
pub fn fitted(mut payload: PushPayload) -> PushPayload {
    let bytes = |payload: &PushPayload| serde_json::to_vec(payload).map_or(0, |text| text.len());
    while bytes(&payload) > MAX_PUSH_BYTES {
        let longest = if payload.body.chars().count() > 100 { &mut payload.body } else { &mut payload.title };
        let left = longest.chars().count() * 3 / 4;
        if left == 0 {
            break;
        }
        *longest = shortened(longest, left);
    }
    payload
}

#[cfg(test)]
mod tests;
