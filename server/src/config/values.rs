//! The parsers of values.

use super::{ConfigError, wrong};
use std::time::Duration;

/// Splits a text at commas and drops empty parts.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Parses a duration such as `500ms`, `8s`, `10m`, `2h` or `7d`.
pub(crate) fn duration(setting: &'static str, text: &str) -> Result<Duration, ConfigError> {
    let refused = || wrong(setting, "expected a duration such as 500ms, 8s, 10m, 2h or 7d");
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(refused)?;
    let number: u64 = text[..unit_at].parse().map_err(|_| refused())?;
    let millis = match &text[unit_at..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(refused()),
    };
    match number.checked_mul(millis) {
        Some(millis) if millis > 0 => Ok(Duration::from_millis(millis)),
        _ => Err(refused()),
    }
}

/// Parses a size such as `500KiB`, `128MiB` or `1GiB`; without a unit it is in bytes.
pub(super) fn bytes(setting: &'static str, text: &str) -> Result<u64, ConfigError> {
    let refused = || wrong(setting, "expected a size such as 500KiB, 128MiB or 1GiB");
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..unit_at].parse().map_err(|_| refused())?;
    let unit: u64 = match &text[unit_at..] {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(refused()),
    };
    number.checked_mul(unit).filter(|bytes| *bytes > 0).ok_or_else(refused)
}

/// Parses one of two words. True for the first.
pub(super) fn switch(setting: &'static str, text: &str, [yes, no]: [&str; 2]) -> Result<bool, ConfigError> {
    match text {
        text if text == yes => Ok(true),
        text if text == no => Ok(false),
        _ => Err(wrong(setting, format!("expected {yes} or {no}"))),
    }
}

/// Parses `scheme://host[:port]`, the form in which browsers send `Origin`.
pub(super) fn origin(setting: &'static str, text: &str) -> Result<String, ConfigError> {
    let url = text.trim_end_matches('/');
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        // In lower case, as browsers send scheme and host.
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(url.to_lowercase()),
        _ => Err(wrong(setting, "expected an address such as https://tandem.example, without a path")),
    }
}
