//! Numbers of a JSON text (RFC 8259, section 6).
//!
//! Whole numbers that fit into 64 bits stay whole. Others become floating-point numbers in the way of `serde_json`: the
//! digits times a power of ten. Powers beyond 10^22 have no exact floating-point number and are not in a table here, as they
//! are there: it would weigh 2.5 KB in the browser. So the last bits of a number that needs them may differ.

use super::{Unreadable, cursor::Scalar};

/// Reads a whole text as a number.
pub(super) fn read(text: &str) -> Result<Scalar, Unreadable> {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
    if has_leading_zero || !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return Err(Unreadable);
    }
    if fraction.is_none() && exponent.is_none() {
        // Zero has a sign as a floating-point number only.
        match (negative, whole.parse::<u64>()) {
            (false, Ok(value)) => return Ok(Scalar::Unsigned(value)),
            (true, Ok(value @ 1..)) if let Some(value) = 0_i64.checked_sub_unsigned(value) => {
                return Ok(Scalar::Signed(value));
            }
            _ => {}
        }
    }
    let value = float(whole, fraction.unwrap_or(""), exponent.map_or(Ok(0), power)?);
    if value.is_finite() { Ok(Scalar::Float(if negative { -value } else { value })) } else { Err(Unreadable) }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The exponent after `e`. One that is too large for any number stays so.
fn power(text: &str) -> Result<i32, Unreadable> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !is_digits(digits) {
        return Err(Unreadable);
    }
    let value = digits.bytes().fold(0_i32, |sum, digit| (sum * 10 + i32::from(digit - b'0')).min(100_000));
    Ok(if negative { -value } else { value })
}

/// The number that these digits mean, which may be infinite.
fn float(whole: &str, fraction: &str, power: i32) -> f64 {
    let (mut digits, mut power) = (0_u64, power);
    let places = whole.bytes().map(|digit| (digit, false)).chain(fraction.bytes().map(|digit| (digit, true)));
    for (digit, is_fraction) in places {
        match digits.checked_mul(10).and_then(|digits| digits.checked_add(u64::from(digit - b'0'))) {
            Some(more) => {
                digits = more;
                power = power.saturating_sub(i32::from(is_fraction));
            }
            // What follows is below the precision of the result; a digit before the point still has its place.
            None => power = power.saturating_add(i32::from(!is_fraction)),
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a floating-point number has 53 bits of these digits")]
    let mut value = digits as f64;
    if value == 0.0 {
        return value;
    }
    // The smallest numbers need a divisor that is larger than the largest number.
    while power < -300 && value != 0.0 {
        value /= 1e300;
        power += 300;
    }
    if power < 0 { value / 10_f64.powi(-power) } else { value * 10_f64.powi(power) }
}
