//! The settings: defaults, then `tandem.toml`, then the environment, then flags. A later source overrides an earlier
//! one.
//!
//! [`settings`] lists every setting once. The look-up here, `tandem config show` and the test of `tandem.example.toml`
//! use that list, so that a setting cannot exist in one of them only.
//!
//! A [`Config`] is valid as a whole: a value that is not, or a combination that is not safe, is an error of the start,
//! which names the setting.

mod keys;
mod providers;
pub(crate) mod settings;
mod sources;
mod values;

pub(crate) use keys::secret_file;
pub(crate) use providers::ProviderKind;
pub(crate) use settings::{SETTINGS, Setting};
pub(crate) use sources::Sources;

use providers::{GEMINI, OPENAI};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use tandem_assistant::{Timeouts, providers::Endpoint};
use tandem_auth::secret;
use tandem_protocol::enums::{RegistrationMode, WireEnum as _};
use tandem_service::{
    FirstAccount, Registration,
    budget::{DAILY_LIMITS, Limits},
};
pub(crate) use values::duration;
use values::{bytes, list, origin, switch};

/// A shorter set-up code could be guessed within the limit of registrations.
const MIN_SETUP_CODE_CHARS: usize = 8;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{setting}: {message}")]
    Value { setting: &'static str, message: String },
    #[error("the file {path} cannot be used")]
    File { path: PathBuf, source: io::Error },
    /// The file that `NAME_FILE` names cannot be read.
    #[error("{variable}_FILE: the file {path} cannot be read")]
    SecretFile { variable: &'static str, path: PathBuf, source: io::Error },
    /// `tandem.toml` is not valid TOML, or has an unknown setting.
    #[error("{path}: {message}")]
    Toml { path: PathBuf, message: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// The path of a file, which only one process may use.
    Sqlite(PathBuf),
    /// The URL of a server that nodes share. It holds a password and is never logged.
    Postgres(String),
}

/// All settings, parsed and checked. [`SETTINGS`] describes each of them.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    /// The address of the metrics; `None` turns them off.
    pub(crate) admin_listen: Option<SocketAddr>,
    pub(crate) data_dir: PathBuf,
    pub(crate) database: Database,
    /// The addresses of NATS, if there are several nodes.
    pub(crate) nats_url: Option<String>,
    pub(crate) node_id: Option<String>,
    /// The address that people open in a browser, without a trailing slash.
    pub(crate) public_url: String,
    pub(crate) allowed_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` counts: addresses or CIDR blocks.
    pub(crate) trusted_proxies: Vec<String>,
    /// A list of `kid:secret`. If it is not set on loopback, the first start generates one.
    pub(crate) jwt_secrets: Option<String>,
    pub(crate) registration: Registration,
    /// Where push services can ask about this server.
    pub(crate) push_contact: String,
    pub(crate) push_loopback: bool,
    pub(crate) rate_limit: bool,
    pub(crate) limits: Limits,
    pub(crate) sockets_per_user: usize,
    pub(crate) migrate: bool,
    pub(crate) access_ttl: Duration,
    pub(crate) session_idle_ttl: Duration,
    pub(crate) session_max_ttl: Duration,
    /// How long the record of accounts is kept.
    pub(crate) audit_ttl: Duration,
    /// The providers of replies, in order of fallback.
    pub(crate) providers: Vec<ProviderKind>,
    pub(crate) openai: Option<Endpoint>,
    pub(crate) gemini: Option<Endpoint>,
    /// The variables of addresses of providers that are not used, because they have no key.
    pub(crate) keyless: Vec<&'static str>,
    pub(crate) timeouts: Timeouts,
    pub(crate) log: String,
    /// Whether log lines are JSON; `None` decides by whether standard error is a terminal.
    pub(crate) log_json: Option<bool>,
}

impl Config {
    /// Parses and checks the settings of all sources.
    pub(crate) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let listen: SocketAddr = parse(sources, "TANDEM_LISTEN", "an address and port such as 127.0.0.1:8080")?;
        let data_dir = PathBuf::from(sources.text("TANDEM_DATA_DIR"));
        let public_url = public_url(sources, listen)?;
        let admin = sources.text("TANDEM_ADMIN_LISTEN");
        let config = Self {
            admin_listen: if admin.is_empty() {
                None
            } else {
                Some(parse(sources, "TANDEM_ADMIN_LISTEN", "an address and port, or nothing")?)
            },
            database: database(sources, &data_dir)?,
            nats_url: sources.optional("TANDEM_NATS_URL"),
            node_id: sources.optional("TANDEM_NODE_ID"),
            allowed_origins: allowed_origins(sources, listen, &public_url)?,
            registration: registration(sources, is_public(listen, &public_url))?,
            push_contact: push_contact(sources, &public_url)?,
            push_loopback: switch("TANDEM_PUSH_LOOPBACK", &sources.text("TANDEM_PUSH_LOOPBACK"), ["on", "off"])?,
            public_url,
            trusted_proxies: list(&sources.text("TANDEM_TRUSTED_PROXIES")),
            jwt_secrets: sources.optional("TANDEM_JWT_SECRETS"),
            rate_limit: switch("TANDEM_RATE_LIMIT", &sources.text("TANDEM_RATE_LIMIT"), ["on", "off"])?,
            limits: limits(sources)?,
            sockets_per_user: parse(sources, "TANDEM_SOCKETS_PER_USER", "a number from 1")?,
            migrate: switch("TANDEM_MIGRATE", &sources.text("TANDEM_MIGRATE"), ["auto", "off"])?,
            access_ttl: duration("TANDEM_ACCESS_TTL", &sources.text("TANDEM_ACCESS_TTL"))?,
            session_idle_ttl: duration("TANDEM_SESSION_IDLE_TTL", &sources.text("TANDEM_SESSION_IDLE_TTL"))?,
            session_max_ttl: duration("TANDEM_SESSION_MAX_TTL", &sources.text("TANDEM_SESSION_MAX_TTL"))?,
            audit_ttl: duration("TANDEM_AUDIT_TTL", &sources.text("TANDEM_AUDIT_TTL"))?,
            openai: providers::endpoint(sources, &OPENAI)?,
            gemini: providers::endpoint(sources, &GEMINI)?,
            timeouts: providers::timeouts(sources)?,
            keyless: Vec::new(),
            providers: Vec::new(),
            log: sources.text("TANDEM_LOG"),
            log_json: log_format(&sources.text("TANDEM_LOG_FORMAT"))?,
            listen,
            data_dir,
        };
        // After the others: which providers are available depends on their keys.
        let chosen = providers::chosen(&config, &sources.text("TANDEM_PROVIDERS"))?;
        let keyless = providers::without_key(sources, &config);
        Self { providers: chosen, keyless, ..config }.checked()
    }

    /// Whether the server can be reached from other machines.
    pub(crate) fn is_public(&self) -> bool {
        is_public(self.listen, &self.public_url)
    }

    fn checked(self) -> Result<Self, ConfigError> {
        if self.nats_url.is_some() && matches!(self.database, Database::Sqlite(_)) {
            return Err(wrong("TANDEM_NATS_URL", "several nodes need PostgreSQL: also set TANDEM_DATABASE_URL"));
        }
        // A generated key is in the data folder of one node: the others would refuse its tokens.
        if self.nats_url.is_some() && self.jwt_secrets.is_none() {
            return Err(wrong(
                "TANDEM_JWT_SECRETS",
                "several nodes need the same keys: set kid:secret, with a secret of 32 bytes or more",
            ));
        }
        self.check_keys()?;
        if self.sockets_per_user == 0 {
            return Err(wrong("TANDEM_SOCKETS_PER_USER", "expected a number from 1"));
        }
        Ok(self)
    }
}

fn wrong(setting: &'static str, message: impl Into<String>) -> ConfigError {
    ConfigError::Value { setting, message: message.into() }
}

fn parse<T: std::str::FromStr>(sources: &Sources, name: &'static str, expected: &str) -> Result<T, ConfigError> {
    sources.text(name).parse().map_err(|_| wrong(name, format!("expected {expected}")))
}

/// Parses the [`Limits`]. No number may be 0, but that of a day, which then allows nothing.
fn limits(sources: &Sources) -> Result<Limits, ConfigError> {
    let count = |name| match parse(sources, name, "a number from 1")? {
        0 => Err(wrong(name, "expected a number from 1")),
        number => Ok(number),
    };
    let size = |name| bytes(name, &sources.text(name));
    let time = |name| duration(name, &sources.text(name));
    Ok(Limits {
        user_replies: count("TANDEM_USER_REPLIES")?,
        user_queue: count("TANDEM_USER_QUEUE")?,
        conversation_queue: count("TANDEM_CONVERSATION_QUEUE")?,
        node_replies: count("TANDEM_NODE_REPLIES")?,
        user_searches: count("TANDEM_USER_SEARCHES")?,
        node_searches: count("TANDEM_NODE_SEARCHES")?,
        user_exports: count("TANDEM_USER_EXPORTS")?,
        node_exports: count("TANDEM_NODE_EXPORTS")?,
        user_pages: count("TANDEM_USER_PAGES")?,
        node_pages: count("TANDEM_NODE_PAGES")?,
        user_changes: count("TANDEM_USER_CHANGES")?,
        user_bytes: size("TANDEM_USER_BYTES")?,
        user_rows: count("TANDEM_USER_ROWS").map(|rows: usize| rows as u64)?,
        user_log_bytes: size("TANDEM_USER_LOG_BYTES")?,
        daily_replies: daily("TANDEM_DAILY_REPLIES", sources)?,
        daily_tokens: daily("TANDEM_DAILY_TOKENS", sources)?,
        statement: time("TANDEM_STATEMENT_TIMEOUT")?,
        write: time("TANDEM_WRITE_TIMEOUT")?,
        connections: count("TANDEM_CONNECTIONS")?,
        connections_per_address: count("TANDEM_CONNECTIONS_PER_ADDRESS")?,
    })
}

/// Parses what may be spent in a day; `None` for any amount.
fn daily(name: &'static str, sources: &Sources) -> Result<Option<i64>, ConfigError> {
    let text = sources.text(name);
    if text == "off" {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|number| DAILY_LIMITS.contains(number));
    number.map(Some).ok_or_else(|| wrong(name, "expected off, or a number up to 1000000000"))
}

fn public_url(sources: &Sources, listen: SocketAddr) -> Result<String, ConfigError> {
    match sources.optional("TANDEM_PUBLIC_URL") {
        Some(url) => origin("TANDEM_PUBLIC_URL", &url),
        // No default will do: pages of any other address than this one are refused.
        None if listen.ip().is_unspecified() => Err(wrong(
            "TANDEM_PUBLIC_URL",
            "needed when the server listens on every address: set it to the address that people open in their browser, \
             such as https://tandem.example",
        )),
        None => Ok(format!("http://{listen}")),
    }
}

/// The contact in signatures of pushes (RFC 8292, 2.1).
fn push_contact(sources: &Sources, public_url: &str) -> Result<String, ConfigError> {
    let Some(contact) = sources.optional("TANDEM_PUSH_CONTACT") else { return Ok(public_url.to_owned()) };
    let plain = contact.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && (contact.starts_with("mailto:") || contact.starts_with("https://")) {
        return Ok(contact);
    }
    Err(wrong("TANDEM_PUSH_CONTACT", "expected an address such as mailto:admin@example.org or https://example.org"))
}

fn is_public(listen: SocketAddr, public_url: &str) -> bool {
    !listen.ip().is_loopback() || !is_loopback(public_url)
}

/// Who may register: on a server that others can reach, nobody who was not asked to.
fn registration(sources: &Sources, public: bool) -> Result<Registration, ConfigError> {
    let mode = match sources.optional("TANDEM_REGISTRATION") {
        None if public => RegistrationMode::Invite,
        None => RegistrationMode::Open,
        Some(word) => RegistrationMode::from_wire(&word)
            .ok_or_else(|| wrong("TANDEM_REGISTRATION", "expected open, invite or closed"))?,
    };
    let code = sources.optional("TANDEM_SETUP_CODE");
    if code.as_ref().is_some_and(|code| code.trim().chars().count() < MIN_SETUP_CODE_CHARS) {
        let message =
            format!("expected {MIN_SETUP_CODE_CHARS} characters or more, such as from `openssl rand -hex 16`");
        return Err(wrong("TANDEM_SETUP_CODE", message));
    }
    let first = match (code, public) {
        (None, false) => FirstAccount::Anybody,
        (code, _) => FirstAccount::SetUpCode(code.map(|code| secret::hash(code.trim()))),
    };
    Ok(Registration { mode, first })
}

/// Whether the host of `scheme://host[:port]` is this machine.
fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    // The last colon of a bare IPv6 address in brackets does not begin a port.
    let named = host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    let bare = named.trim_matches(['[', ']']);
    bare == "localhost" || bare.ends_with(".localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// The public address, on loopback the other names of this machine, and the origins of the setting.
fn allowed_origins(sources: &Sources, listen: SocketAddr, public_url: &str) -> Result<Vec<String>, ConfigError> {
    let mut origins = vec![public_url.to_owned()];
    // To a browser these are different origins, although all of them are this server.
    if listen.ip().is_loopback() {
        let port = listen.port();
        origins.extend([format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")]);
    }
    for entry in list(&sources.text("TANDEM_ALLOWED_ORIGINS")) {
        origins.push(origin("TANDEM_ALLOWED_ORIGINS", &entry)?);
    }
    // By default the public address is the first of the two above.
    origins.dedup();
    Ok(origins)
}

fn database(sources: &Sources, data_dir: &Path) -> Result<Database, ConfigError> {
    let Some(url) = sources.optional("TANDEM_DATABASE_URL") else {
        return Ok(Database::Sqlite(data_dir.join("tandem.db")));
    };
    match url.split_once(':') {
        // Both `sqlite:path` and `sqlite://path` are common.
        Some(("sqlite", path)) => Ok(Database::Sqlite(PathBuf::from(path.trim_start_matches("//")))),
        Some(("postgres" | "postgresql", _)) => Ok(Database::Postgres(url)),
        _ => Err(wrong("TANDEM_DATABASE_URL", "expected sqlite:… or postgres://…")),
    }
}

fn log_format(text: &str) -> Result<Option<bool>, ConfigError> {
    match text {
        "" => Ok(None),
        "text" => Ok(Some(false)),
        "json" => Ok(Some(true)),
        _ => Err(wrong("TANDEM_LOG_FORMAT", "expected text or json")),
    }
}

#[cfg(test)]
mod tests;
