//! Every setting, once: its variable, its default, what it is for.

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The environment variable. In `tandem.toml` the same in lower case, without `TANDEM_`.
    pub variable: &'static str,
    /// What holds when nothing is set; empty for none.
    pub default: &'static str,
    /// Whether its value is never shown.
    pub secret: bool,
    /// What it is for.
    pub about: &'static str,
}

impl Setting {
    /// Its key in `tandem.toml`.
    #[must_use]
    pub fn key(&self) -> String {
        self.variable.strip_prefix("TANDEM_").unwrap_or(self.variable).to_lowercase()
    }
}

const fn open(variable: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { variable, default, secret: false, about }
}

const fn secret(variable: &'static str, about: &'static str) -> Setting {
    Setting { variable, default: "", secret: true, about }
}

/// Every setting, in the order of the documents.
pub const SETTINGS: &[Setting] = &[
    open("TANDEM_LISTEN", "127.0.0.1:8080", "address and port of the page, the API and the sockets"),
    open("TANDEM_ADMIN_LISTEN", "127.0.0.1:9464", "address and port of the metrics; empty turns them off"),
    open("TANDEM_DATA_DIR", "./data", "folder of the SQLite file and the generated secret"),
    secret("TANDEM_DATABASE_URL", "sqlite:… or postgres://…; a SQLite file in the data folder by default"),
    secret("TANDEM_NATS_URL", "the bus between several nodes"),
    open("TANDEM_NODE_ID", "", "name of this node in logs and leases; random by default"),
    open("TANDEM_PUBLIC_URL", "", "the address that people type"),
    open("TANDEM_ALLOWED_ORIGINS", "", "other pages that may use the API"),
    open("TANDEM_TRUSTED_PROXIES", "127.0.0.1,::1", "proxies whose word on the client's address is taken"),
    secret("TANDEM_JWT_SECRETS", "kid:secret, …; the first signs, all verify"),
    open("TANDEM_RATE_LIMIT", "on", "on or off; off is for load tests"),
    open("TANDEM_SOCKETS_PER_USER", "20", "sockets of one user; the oldest goes when there are more"),
    open("TANDEM_MIGRATE", "auto", "auto or off: whether the start brings the schema up to date"),
    open("TANDEM_ACCESS_TTL", "10m", "life of an access token"),
    open("TANDEM_SESSION_IDLE_TTL", "7d", "a session without use ends after this"),
    open("TANDEM_SESSION_MAX_TTL", "30d", "every session ends after this"),
    open("TANDEM_PROVIDERS", "", "who answers, in order, of openai, gemini, builtin"),
    secret("OPENAI_API_KEY", "key of OpenAI or of a server that speaks its protocol"),
    open("OPENAI_BASE_URL", "https://api.openai.com/v1", "its address, with the version path"),
    open("OPENAI_MODEL", "gpt-4.1-mini", "its model"),
    secret("GEMINI_API_KEY", "key of Gemini"),
    open("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta/openai", "its OpenAI-compatible address"),
    open("GEMINI_MODEL", "gemini-2.5-flash", "its model"),
    open("TANDEM_LOG", "info", "filter of log lines"),
    open("TANDEM_LOG_FORMAT", "", "text or json; text on a terminal, else json"),
];
