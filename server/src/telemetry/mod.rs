//! Logs and metrics.
//!
//! A log line stands alone: it has fields with units, never a secret, and the spans that it was written in. Each request,
//! socket, command, MCP call and run opens a span with its ids, and `tandem_runtime` carries spans into detached tasks and
//! threads, so that one id finds all lines of what it started. `tests/tests/live/logs.rs` holds this.

use crate::config::Config;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{io::IsTerminal as _, time::Duration};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// The upper bounds of the buckets of duration histograms, in seconds.
const SECONDS: &[f64] =
    &[0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0];

/// Writes the log to standard error: as text on a terminal, else as JSON.
pub(crate) fn install_logs(config: &Config) -> anyhow::Result<()> {
    // Lines of these libraries repeat what ours report; an operator can name them in the setting.
    let filter = EnvFilter::try_new(format!("async_nats=warn,rmcp=warn,{}", config.log))?;
    let terminal = std::io::stderr().is_terminal();
    let json = config.log_json.unwrap_or(!terminal);
    let lines = tracing_subscriber::registry().with(filter);
    if json {
        let layer = tracing_subscriber::fmt::layer().json().flatten_event(true);
        // The list of spans has the innermost one, too.
        let layer = layer.with_current_span(false).with_writer(std::io::stderr);
        lines.with(layer).try_init()?;
    } else {
        // Colours are for terminals: in a file or a journal they are escape sequences in every line.
        let layer = tracing_subscriber::fmt::layer().with_target(false).with_ansi(terminal);
        lines.with(layer.with_writer(std::io::stderr)).try_init()?;
    }
    Ok(())
}

/// How often samples of histograms are folded into their buckets.
const FOLD_EVERY: Duration = Duration::from_secs(5);

/// Folds samples until it is cancelled. Rendering does so too, but without requests for the metrics they would pile up.
pub(crate) async fn fold_samples(metrics: PrometheusHandle, stop: CancellationToken) {
    let mut every = tokio::time::interval(FOLD_EVERY);
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        metrics.run_upkeep();
    }
}

/// Installs the recorder of metrics. The handle renders them.
pub(crate) fn install_metrics() -> anyhow::Result<PrometheusHandle> {
    Ok(PrometheusBuilder::new().set_buckets(SECONDS)?.install_recorder()?)
}
