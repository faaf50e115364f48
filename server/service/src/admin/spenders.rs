//! What users have spent and stored, as metrics for whoever runs the server.
//!
//! A series for each user would grow with the users, for as long as the process lives. So there are series for those
//! who have spent the most today, which are those that an operator looks for.

use crate::Services;
use std::{collections::BTreeSet, time::Duration};
use tandem_store::{Spender, Spending};
use tokio_util::sync::CancellationToken;

/// How often they are read, from one query.
const EVERY: Duration = Duration::from_secs(10);
/// Users with series at the same time.
const SHOWN: u32 = 20;

/// Exports the figures until it is cancelled.
pub async fn export_spending(services: Services, stop: CancellationToken) {
    let mut every = tokio::time::interval(EVERY);
    let mut before = BTreeSet::new();
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        match services.store().spenders(Spending::day_of(services.env().now()), SHOWN).await {
            Ok(spenders) => {
                let now: BTreeSet<String> = spenders.iter().map(|spender| spender.user.to_string()).collect();
                // A recorder keeps its series: without a value they are not drawn.
                for user in before.difference(&now) {
                    set(user, [f64::NAN; 4]);
                }
                for spender in &spenders {
                    set(spender.user.as_str(), values(spender));
                }
                before = now;
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "what users have spent was not read");
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn values(spender: &Spender) -> [f64; 4] {
    let Spender { spending, usage, .. } = spender;
    [spending.day_replies, spending.day_tokens, usage.rows, usage.bytes].map(|value| value as f64)
}

fn set(user: &str, [replies, tokens, rows, bytes]: [f64; 4]) {
    metrics::gauge!("tandem_user_replies_today", "user" => user.to_owned()).set(replies);
    metrics::gauge!("tandem_user_tokens_today", "user" => user.to_owned()).set(tokens);
    metrics::gauge!("tandem_user_stored_rows", "user" => user.to_owned()).set(rows);
    metrics::gauge!("tandem_user_stored_bytes", "user" => user.to_owned()).set(bytes);
}
