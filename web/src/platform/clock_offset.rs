//! Parses UTC offsets as browsers format them: `GMT`, `GMT+01:00`, `GMT-03:30`, `GMT+05:45:30`.

/// Returns seconds east of UTC; `None` for any other text.
pub(crate) fn parse(name: &str) -> Option<i32> {
    let rest = name.strip_prefix("GMT")?;
    if rest.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match rest.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-" | "\u{2212}", digits) => (-1, digits),
        _ => return None,
    };
    let mut seconds = 0;
    let mut unit = 3600;
    for field in digits.split(':') {
        seconds += field.parse::<i32>().ok()? * unit;
        unit /= 60;
    }
    (seconds < 86_400).then_some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn offsets_are_read_as_seconds_east() {
        assert_eq!(parse("GMT"), Some(0));
        assert_eq!(parse("GMT+01:00"), Some(3600));
        assert_eq!(parse("GMT-03:30"), Some(-12_600));
        assert_eq!(parse("GMT+05:45:30"), Some(20_730));
    }

    #[test]
    fn anything_else_is_no_offset() {
        for text in ["", "UTC+1", "GMT1", "GMT+a", "GMT+99:00"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
