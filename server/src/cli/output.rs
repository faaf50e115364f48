//! What commands print: tables for people, JSON for programs, refusals as sentences.

use serde::Serialize;
use std::fmt;
use tandem_protocol::Timestamp;
use tandem_service::ServiceError;

/// Lines of columns, each as wide as its longest value.
pub(super) struct Table<const N: usize> {
    head: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(super) fn new(head: &[&'static str; N]) -> Self {
        Self { head: *head, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, values: [String; N]) {
        self.rows.push(values.map(|value| plain(&value)));
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = self.head.map(str::to_owned);
        let lines: Vec<&[String; N]> = std::iter::once(&head).chain(&self.rows).collect();
        let widths: [usize; N] = std::array::from_fn(|column| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
        });
        for line in lines {
            let cells = line.iter().zip(widths).map(|(value, width)| format!("{value:<width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A text that users have chosen, without what would move the cursor of a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A time to the minute, in UTC.
pub(super) fn minute(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".into(), |at| at.to_string().chars().take(16).collect::<String>().replace('T', " "))
}

pub(super) fn json(value: &(impl Serialize + ?Sized)) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// The sentence of a refusal; a fault with its causes.
pub(super) fn refusal(error: ServiceError) -> anyhow::Error {
    match error {
        ServiceError::Internal(source) | ServiceError::Unavailable(source) => source,
        ServiceError::NotFound(what) => anyhow::anyhow!("there is no such {what}"),
        refused => anyhow::anyhow!("{}", refused.detail()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_longest_value() {
        let mut table = Table::new(&["A", "LONG"]);
        table.row(["value".into(), "x\u{1b}[2J".into()]);
        assert_eq!(table.to_string(), "A      LONG\nvalue  x [2J\n");
    }

    #[test]
    fn times_are_shown_to_the_minute() {
        assert_eq!(minute(Some(Timestamp::from_millis(0))), "1970-01-01 00:00");
        assert_eq!(minute(None), "-");
    }
}
