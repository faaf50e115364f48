//! The command `tandem audit`, with the server running or not.

use super::output::{self, Table};
use crate::{app::offline, config::Config};
use clap::Args;
use tandem_protocol::{enums::WireEnum as _, rest::AuditQuery};
use tandem_service::Admin;

/// Show what was done with accounts, newest first.
#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Only what this account did or what was done to it, by its address or id.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// How many entries to show at most.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Print an array of objects instead of a table.
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let (services, admin) = (offline::open(config).await?, Admin::operator());
        let user = match self.user {
            Some(named) => Some(services.find_user(&admin, &named).await.map_or(named, |user| user.id.to_string())),
            None => None,
        };
        let (mut entries, mut query) = (Vec::new(), AuditQuery { user, limit: Some(200), cursor: None });
        while entries.len() < self.limit {
            let page = services.audit(&admin, query.clone()).await.map_err(output::refusal)?;
            entries.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        entries.truncate(self.limit);
        if self.json {
            return output::json(&entries);
        }
        let mut table = Table::new(&["AT", "ACTOR", "ACTION", "RESULT", "TARGET", "DETAIL", "ADDRESS", "NODE"]);
        for entry in entries {
            table.row([
                entry.at.to_string(),
                entry.actor.unwrap_or_default(),
                entry.action.as_str().into(),
                entry.result.as_str().into(),
                entry.target.unwrap_or_default(),
                entry.detail.unwrap_or_default(),
                entry.ip.unwrap_or_default(),
                entry.node,
            ]);
        }
        print!("{table}");
        Ok(())
    }
}
