//! The output of the command `tandem doctor`.

use crate::{
    app::doctor::{self, AskedRow, Finding, State},
    config::Config,
};
use clap::Args;

/// Check everything that the server needs, and suggest how to correct problems. Changes nothing.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print an array of objects instead of a table.
    #[arg(long)]
    json: bool,
    /// Ask each provider for one word. That costs what a short message costs.
    #[arg(long)]
    ask: bool,
}

impl Doctor {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let findings = doctor::examine(config, self.ask).await;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&findings)?);
        } else {
            print!("{}{}", table(&findings), answers(&findings));
        }
        let failed = findings.iter().filter(|finding| finding.state == State::Failed).count();
        anyhow::ensure!(failed == 0, "{failed} of {} checks failed", findings.len());
        Ok(())
    }
}

fn table(findings: &[Finding]) -> String {
    let lines = findings.iter().filter(|finding| finding.asked.is_none()).flat_map(|finding| {
        let state = match finding.state {
            State::Ok => "ok",
            State::Warning => "WARNING",
            State::Failed => "FAILED",
        };
        let seen = format!("{:<16}{state:<9}{}\n", finding.subject, finding.seen);
        let advice = finding.advice.iter().map(|advice| format!("{:<25}→ {advice}\n", ""));
        [seen].into_iter().chain(advice).collect::<Vec<_>>()
    });
    lines.collect()
}

/// The answers of the providers as a table with a heading; nothing if none was asked.
fn answers(findings: &[Finding]) -> String {
    let asked = findings.iter().filter_map(|finding| Some((finding, finding.asked.as_ref()?)));
    let rows: Vec<[String; 5]> = asked.map(|(finding, row)| answer(finding, row)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let heading = ["provider", "model", "result", "first token", "what to do"].map(str::to_owned);
    let rows: Vec<[String; 5]> = [heading].into_iter().chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..5).map(width).collect();
    let line = |row: &[String; 5]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    std::iter::once("\n".to_owned()).chain(rows.iter().map(line)).collect()
}

fn answer(finding: &Finding, row: &AskedRow) -> [String; 5] {
    let first_token =
        row.first_token_ms.map_or_else(|| "–".to_owned(), |ms| format!("{}.{} s", ms / 1000, ms % 1000 / 100));
    let advice = finding.advice.clone().unwrap_or_default();
    [finding.subject.to_owned(), row.model.clone(), finding.seen.clone(), first_token, advice]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(subject: &'static str, state: State, seen: &str, advice: Option<&str>) -> Finding {
        Finding { subject, state, seen: seen.into(), advice: advice.map(str::to_owned), asked: None }
    }

    #[test]
    fn advice_stands_below_what_it_is_about() {
        let findings =
            [finding("database", State::Ok, "SQLite 3", None), finding("bus", State::Failed, "gone", Some("start it"))];
        let expected = "database        ok       SQLite 3\n\
                        bus             FAILED   gone\n                         → start it\n";
        assert_eq!(table(&findings), expected);
        assert_eq!(answers(&findings), "");
    }

    #[test]
    fn answers_of_providers_are_a_table_of_their_own() {
        let row = |result, first_token_ms| Some(AskedRow { model: "m".into(), result, status: None, first_token_ms });
        let findings = [
            Finding {
                asked: row("answered", Some(1_250)), ..finding("openai", State::Ok, "answered “ready”", None)
            },
            Finding { asked: row("key", None), ..finding("gemini", State::Failed, "no", Some("correct it")) },
        ];
        let expected = "\n\
            provider  model  result            first token  what to do\n\
            openai    m      answered “ready”  1.2 s\n\
            gemini    m      no                –            correct it\n";
        assert_eq!((table(&findings).as_str(), answers(&findings).as_str()), ("", expected));
    }
}
