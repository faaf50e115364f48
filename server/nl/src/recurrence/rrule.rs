//! Rules to and from the text of RFC 5545 (section 3.3.10).

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};

use super::{ByDay, Freq, Rule, code};

impl Freq {
    fn as_str(self) -> &'static str {
        match self {
            Self::Minutely => "MINUTELY",
            Self::Hourly => "HOURLY",
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Minutely, Self::Hourly, Self::Daily, Self::Weekly, Self::Monthly, Self::Yearly]
            .into_iter()
            .find(|freq| freq.as_str() == word)
    }
}

impl fmt::Display for ByDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nth {
            Some(nth) => write!(f, "{nth}{}", code(self.day)),
            None => f.write_str(code(self.day)),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", self.freq.as_str())?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        list(f, "BYMONTH", &self.by_month)?;
        list(f, "BYMONTHDAY", &self.by_month_day)?;
        list(f, "BYDAY", &self.by_day)?;
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        match self.until {
            Some(until) if self.count.is_none() => {
                write!(f, ";UNTIL={:04}{:02}{:02}", until.year(), until.month(), until.day())
            }
            _ => Ok(()),
        }
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, values: &[T]) -> fmt::Result {
    for (i, value) in values.iter().enumerate() {
        if i == 0 { write!(f, ";{name}={value}") } else { write!(f, ",{value}") }?;
    }
    Ok(())
}

/// The text is no rule, or one with parts that tasks do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotARule;

impl FromStr for Rule {
    type Err = NotARule;

    fn from_str(text: &str) -> Result<Self, NotARule> {
        read(text).ok_or(NotARule)
    }
}

fn read(text: &str) -> Option<Rule> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix("RRULE:").unwrap_or(&text);
    let parts: Vec<(&str, &str)> = text.split(';').map(|part| part.split_once('=')).collect::<Option<_>>()?;
    let freq = parts.iter().find(|(name, _)| *name == "FREQ").and_then(|(_, value)| Freq::parse(value))?;
    let mut rule = Rule::every(1, freq);
    for (name, value) in parts {
        match name {
            "FREQ" => {}
            "INTERVAL" => rule.interval = value.parse().ok().filter(|n| (1..=999).contains(n))?,
            "COUNT" => rule.count = Some(value.parse().ok().filter(|n| *n > 0)?),
            "UNTIL" => rule.until = Some(basic_date(value.get(..8)?)?),
            "BYDAY" => rule.by_day = value.split(',').map(by_day).collect::<Option<_>>()?,
            "BYMONTHDAY" => rule.by_month_day = figures(value, |n| (-1..=31).contains(&n) && n != 0)?,
            "BYMONTH" => rule.by_month = figures(value, |n| (1..=12).contains(&n))?,
            "WKST" if value == "MO" => {}
            _ => return None,
        }
    }
    let ordinals = rule.by_day.iter().any(|by| by.nth.is_some());
    (!ordinals || matches!(freq, Freq::Monthly | Freq::Yearly)).then_some(rule)
}

/// `20261231`.
fn basic_date(digits: &str) -> Option<Date> {
    let number: u32 = Some(digits).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn figures(value: &str, valid: impl Fn(i8) -> bool) -> Option<Vec<i8>> {
    value.split(',').map(|n| n.parse().ok().filter(|n| valid(*n))).collect()
}

fn by_day(text: &str) -> Option<ByDay> {
    let (nth, letters) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let nth = match nth {
        "" => None,
        nth => Some(nth.parse().ok().filter(|n| (-1..=5).contains(n) && *n != 0)?),
    };
    let day = (0..7).filter_map(|i| Weekday::from_monday_zero_offset(i).ok()).find(|day| code(*day) == letters)?;
    Some(ByDay { nth, day })
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn a_rule_is_written_as_it_was_read() {
        for text in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "FREQ=MONTHLY;BYDAY=3FR",
            "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=6",
            "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=4;UNTIL=20300101",
        ] {
            assert_eq!(text.parse::<Rule>().map(|rule| rule.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_tasks_do_not_know_is_no_rule() {
        for text in
            ["", "weekly", "FREQ=SECONDLY", "FREQ=DAILY;BYSETPOS=1", "FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;BYDAY=2MO"]
        {
            assert!(text.parse::<Rule>().is_err(), "{text}");
        }
    }
}
