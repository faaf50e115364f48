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
            Some(named) => Some(match services.find_user(&admin, &named).await {
                Ok(user) => user.id.to_string(),
                // Nobody has entries under an address: an empty list would hide a typing error.
                Err(_) if named.contains('@') => anyhow::bail!("{named} was not found: there is no such user"),
                Err(_) => named,
            }),
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
                // An account that is gone has no address.
                entry.actor_email.or(entry.actor).unwrap_or_default(),
                entry.action.as_str().into(),
                entry.result.as_str().into(),
                entry.target_email.or(entry.target).unwrap_or_default(),
                entry.detail.unwrap_or_default(),
                entry.ip.unwrap_or_default(),
                entry.node,
            ]);
        }
        print!("{table}");
        Ok(())
    }
}
