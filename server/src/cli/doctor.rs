//! The output of the command `tandem doctor`.

use crate::{
    app::doctor::{self, Finding, State},
    config::Config,
};
use clap::Args;

/// Check everything that the server needs, and suggest how to correct problems. Changes nothing.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print an array of objects instead of a table.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let findings = doctor::examine(config).await;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&findings)?);
        } else {
            print!("{}", table(&findings));
        }
        let failed = findings.iter().filter(|finding| finding.state == State::Failed).count();
        anyhow::ensure!(failed == 0, "{failed} of {} checks failed", findings.len());
        Ok(())
    }
}

fn table(findings: &[Finding]) -> String {
    let lines = findings.iter().flat_map(|finding| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_stands_below_what_it_is_about() {
        let findings = [
            Finding { subject: "database", state: State::Ok, seen: "SQLite 3".into(), advice: None },
            Finding { subject: "bus", state: State::Failed, seen: "gone".into(), advice: Some("start it".into()) },
        ];
        let expected = "database        ok       SQLite 3\n\
                        bus             FAILED   gone\n                         → start it\n";
        assert_eq!(table(&findings), expected);
    }
}
