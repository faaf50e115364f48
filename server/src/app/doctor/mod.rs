//! `tandem doctor`: checks everything that a server needs, without starting one and without changing anything.
//!
//! Each check gives a [`Finding`]. One that is not [`State::Ok`] has advice, because an operator needs the next step
//! more than the diagnosis.

mod providers;

pub(crate) use providers::AskedRow;

use super::{CONNECTIONS, modes};
use crate::config::{Config, Database};
use serde::Serialize;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
    time::Duration,
};
use tandem_bus::nats::{self, NatsError};
use tandem_domain::clock::Env;
use tandem_store::{Facts, Inspect, Migrations, StoreError, postgres::PostgresStore, sqlite::SqliteStore};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// How long a server may take to answer.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest difference of clocks. Leases of replies are measured by the clocks of the nodes.
const MAX_SKEW_MILLIS: i64 = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Ok,
    /// The server works, but something should be corrected.
    Warning,
    /// The server would not start, or would not work.
    Failed,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The checked part, in a word or two.
    pub(crate) subject: &'static str,
    pub(crate) state: State,
    pub(crate) seen: String,
    /// What to do, unless the state is [`State::Ok`].
    pub(crate) advice: Option<String>,
    /// What came of a question to a provider.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) asked: Option<AskedRow>,
}

impl Finding {
    fn ok(subject: &'static str, seen: impl Into<String>) -> Self {
        Self { subject, state: State::Ok, seen: seen.into(), advice: None, asked: None }
    }

    fn warning(subject: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { subject, state: State::Warning, seen: seen.into(), advice: Some(advice.into()), asked: None }
    }

    fn failed(subject: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { subject, state: State::Failed, seen: seen.into(), advice: Some(advice.into()), asked: None }
    }
}

/// Runs all checks, in the order in which a start needs their subjects. With `ask`, each provider is asked for a word, which
/// costs what a short message costs.
pub(crate) async fn examine(config: &Config, ask: bool) -> Vec<Finding> {
    let mut findings = vec![data_folder(&config.data_dir), address(config).await, public_url(config)];
    findings.extend(proxies(config));
    findings.extend(privacy(config));
    findings.extend(database(config).await);
    findings.extend(bus(config).await);
    findings.extend(providers::examine(config, ask).await);
    findings
}

fn data_folder(folder: &Path) -> Finding {
    let shown = folder.display();
    // The first start creates the folder with its parents, for which the nearest existing one has to be writable.
    let existing = folder.ancestors().find(|folder| folder.exists() || folder.as_os_str().is_empty());
    let existing = existing.filter(|existing| !existing.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match may_write(existing) {
        Ok(()) if existing == folder => Finding::ok("data folder", format!("{shown} is writable")),
        Ok(()) => Finding::ok("data folder", format!("{shown} will be made at the first start")),
        Err(error) => Finding::failed(
            "data folder",
            format!("{} is not writable: {error}", existing.display()),
            "allow the user of the server to write there, or set TANDEM_DATA_DIR",
        ),
    }
}

/// Whether the process may create files in a folder. No file is created to find out.
#[cfg(unix)]
fn may_write(folder: &Path) -> std::io::Result<()> {
    use rustix::fs::{Access, access};
    if !folder.is_dir() {
        return Err(std::io::ErrorKind::NotADirectory.into());
    }
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(not(unix))]
fn may_write(folder: &Path) -> std::io::Result<()> {
    folder.read_dir().map(|_| ())
}

/// Checks the modes of the files, and the key of access tokens.
fn privacy(config: &Config) -> Vec<Finding> {
    let open =
        modes::open_to_others(config).into_iter().map(|seen| Finding::warning("file modes", seen, modes::ADVICE));
    let weak = config.weak_key().map(|kid| {
        Finding::warning(
            "secret",
            format!("the secret of key {kid:?} is easy to guess"),
            "generate one with `openssl rand -hex 32`",
        )
    });
    open.chain(weak).collect()
}

/// Checks whether the address is free. It is not bound for that: a server that starts in the meantime would fail.
async fn address(config: &Config) -> Finding {
    let listen = config.listen;
    // An unspecified address cannot be connected to, but loopback is one of those that it stands for.
    let here = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    if matches!(timeout(CHECK_TIMEOUT, TcpStream::connect((here, listen.port()))).await, Ok(Ok(_))) {
        return Finding::warning(
            "address",
            format!("a program listens on {listen}"),
            "this is normal while the server is running; otherwise stop the program or set TANDEM_LISTEN",
        );
    }
    // Binding to any free port fails if the address is not one of this machine.
    match TcpListener::bind((listen.ip(), 0)).await {
        Ok(_) => Finding::ok("address", format!("{listen} is free")),
        Err(error) => Finding::failed(
            "address",
            format!("cannot listen on {listen}: {error}"),
            "set TANDEM_LISTEN to an address of this machine",
        ),
    }
}

/// Checks that clients behind a proxy can be distinguished.
fn proxies(config: &Config) -> Option<Finding> {
    let unnamed = config.trusted_proxies.is_empty() && config.public_url.starts_with("https://");
    unnamed.then(|| {
        Finding::warning(
            "proxies",
            "none is trusted, but the public address is https, so there is probably one in front",
            "set TANDEM_TRUSTED_PROXIES to its address; until then all clients share the limits of one address",
        )
    })
}

fn public_url(config: &Config) -> Finding {
    let url = &config.public_url;
    if url.starts_with("https://") || config.listen.ip().is_loopback() {
        return Finding::ok("public address", url);
    }
    Finding::warning(
        "public address",
        format!("{url} is not encrypted"),
        "put a proxy with TLS in front, and set TANDEM_PUBLIC_URL to its https:// address",
    )
}

async fn database(config: &Config) -> Vec<Finding> {
    let subject = "database";
    let outcome = match &config.database {
        // An inspection would fail, but the start creates the file.
        Database::Sqlite(path) if !path.exists() => {
            return vec![Finding::ok(subject, format!("{} will be made at the first start", path.display()))];
        }
        Database::Sqlite(path) => examine_database(SqliteStore::inspect(path).await, config).await,
        Database::Postgres(url) => match timeout(CHECK_TIMEOUT, PostgresStore::connect(url, 1)).await {
            Ok(connected) => examine_database(connected, config).await,
            Err(_) => Err(StoreError::Unavailable(anyhow::anyhow!("no answer in {CHECK_TIMEOUT:?}"))),
        },
    };
    outcome.unwrap_or_else(|error| {
        let reason = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        vec![Finding::failed(
            subject,
            format!("{error}{reason}"),
            "check that the database is running and that TANDEM_DATABASE_URL is right",
        )]
    })
}

async fn examine_database(
    opened: Result<impl Inspect + Migrations, StoreError>,
    config: &Config,
) -> Result<Vec<Finding>, StoreError> {
    let database = opened?;
    let facts = database.facts().await?;
    let steps = database.migration_status().await?;
    let missing = steps.iter().filter(|step| !step.applied).count();
    let schema = match missing {
        0 => Finding::ok("schema", format!("up to date, {} steps", steps.len())),
        _ if config.migrate => {
            Finding::ok("schema", format!("{missing} migration steps missing; the next start applies them"))
        }
        _ => Finding::failed("schema", format!("{missing} migration steps missing"), "run `tandem migrate up`"),
    };
    Ok(about(&facts).into_iter().chain([schema]).collect())
}

fn about(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("database", facts.version.clone())];
    if facts.unbound {
        findings.push(Finding::failed(
            "database role",
            "is a superuser, or bypasses row-level security",
            "use a plain login role that owns the database: row-level security does not apply to this one",
        ));
    }
    // Fewer than two nodes need: the second one would be refused some of its own.
    if let Some(connections) = facts.connections.filter(|connections| *connections < CONNECTIONS * 2) {
        findings.push(Finding::warning(
            "connections",
            format!("the database allows {connections} in all, and each node uses up to {CONNECTIONS}"),
            "increase max_connections of PostgreSQL before you add nodes",
        ));
    }
    if let Some(now) = facts.now {
        let skew = now.millis_since(Env::system().now()).abs();
        findings.push(if skew <= MAX_SKEW_MILLIS {
            Finding::ok("clock", "agrees with that of the database")
        } else {
            Finding::warning(
                "clock",
                format!("differs from that of the database by {skew} ms"),
                "synchronise the clocks (NTP)",
            )
        });
    }
    findings
}

async fn bus(config: &Config) -> Option<Finding> {
    let urls = config.nats_url.as_ref()?;
    let version = timeout(CHECK_TIMEOUT, nats::server_version(urls)).await;
    Some(match version {
        Ok(Ok(version)) => Finding::ok("bus", format!("NATS {version}")),
        Ok(Err(error @ NatsError::Address)) => Finding::failed("bus", error.to_string(), "correct the setting"),
        // No failure: a node starts and works without the bus.
        Ok(Err(NatsError::Client(_))) | Err(_) => Finding::warning(
            "bus",
            "NATS does not answer",
            "check that it is running and that TANDEM_NATS_URL is right; until then other nodes see changes late",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;
    use std::collections::BTreeMap;
    use tandem_protocol::Timestamp;

    fn facts() -> Facts {
        Facts { version: "PostgreSQL 15".into(), now: None, unbound: false, connections: Some(100) }
    }

    fn worst(facts: &Facts) -> Vec<(&'static str, State)> {
        let bad = about(facts).into_iter().filter(|finding| finding.state != State::Ok);
        bad.map(|finding| (finding.subject, finding.state)).collect()
    }

    #[test]
    fn a_role_that_row_level_security_does_not_bind_is_a_fault() {
        assert_eq!(worst(&facts()), []);
        assert_eq!(worst(&Facts { unbound: true, ..facts() }), [("database role", State::Failed)]);
    }

    fn config(environment: &[(&str, &str)]) -> Config {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(&Sources::read(Path::new("/nonexistent"), environment, &BTreeMap::new()).unwrap()).unwrap()
    }

    #[test]
    fn https_without_a_trusted_proxy_is_a_warning() {
        let nobody = ("TANDEM_TRUSTED_PROXIES", "");
        let https = ("TANDEM_PUBLIC_URL", "https://tandem.example");
        assert!(proxies(&config(&[nobody, https])).is_some_and(|finding| finding.state == State::Warning));
        assert_eq!(proxies(&config(&[nobody])), None);
        assert_eq!(proxies(&config(&[https, ("TANDEM_TRUSTED_PROXIES", "10.0.0.1")])), None);
    }

    #[test]
    fn few_connections_and_a_wrong_clock_are_warnings() {
        assert_eq!(worst(&Facts { connections: Some(20), ..facts() }), [("connections", State::Warning)]);
        let long_ago = Some(Timestamp::from_millis(0));
        assert_eq!(worst(&Facts { now: long_ago, ..facts() }), [("clock", State::Warning)]);
    }

    #[test]
    fn every_finding_that_is_not_ok_has_advice() {
        let all =
            about(&Facts { unbound: true, connections: Some(1), now: Some(Timestamp::from_millis(0)), ..facts() });
        assert!(all.iter().all(|finding| finding.advice.is_some() == (finding.state != State::Ok)));
    }
}
