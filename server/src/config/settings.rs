//! The list of all settings, with their variables, defaults and descriptions.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The environment variable. [`Setting::key`] is the name in `tandem.toml`.
    pub(crate) variable: &'static str,
    /// The value when nothing is set; empty for none.
    pub(crate) default: &'static str,
    /// Whether `tandem config show` hides the value.
    pub(crate) secret: bool,
    pub(crate) about: &'static str,
}

impl Setting {
    /// The key in `tandem.toml`: the variable in lower case, without `TANDEM_`.
    pub(crate) fn key(&self) -> String {
        self.variable.strip_prefix("TANDEM_").unwrap_or(self.variable).to_lowercase()
    }
}

const fn open(variable: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { variable, default, secret: false, about }
}

const fn secret(variable: &'static str, about: &'static str) -> Setting {
    Setting { variable, default: "", secret: true, about }
}

/// All settings, in the order of `tandem.example.toml`.
pub(crate) const SETTINGS: &[Setting] = &[
    open("TANDEM_LISTEN", "127.0.0.1:8080", "address and port of the page, the API and the sockets"),
    open("TANDEM_ADMIN_LISTEN", "127.0.0.1:9464", "address and port of the metrics; empty turns them off"),
    open("TANDEM_DATA_DIR", "./data", "folder of the SQLite file and the generated secret"),
    secret("TANDEM_DATABASE_URL", "sqlite:… or postgres://…; a SQLite file in the data folder by default"),
    secret("TANDEM_NATS_URL", "the bus between several nodes"),
    open("TANDEM_NODE_ID", "", "name of this node in logs and leases; random by default"),
    open("TANDEM_PUBLIC_URL", "", "the address that people open in a browser"),
    open("TANDEM_ALLOWED_ORIGINS", "", "other pages that may use the API"),
    open("TANDEM_TRUSTED_PROXIES", "", "proxies whose X-Forwarded-For counts: addresses or blocks such as 10.0.0.0/8"),
    secret("TANDEM_JWT_SECRETS", "kid:secret, …; the first signs, all verify"),
    open("TANDEM_REGISTRATION", "", "open, invite or closed; open on this machine, else invite"),
    secret(
        "TANDEM_SETUP_CODE",
        "what the first account needs on an address that others reach; shown at the start by default",
    ),
    open(
        "TANDEM_PUSH_CONTACT",
        "",
        "mailto: or https: address where push services can ask about this server; by default the public address",
    ),
    open("TANDEM_PUSH_LOOPBACK", "off", "on or off; on lets pushes go to this machine, for tests"),
    open("TANDEM_RATE_LIMIT", "on", "on or off; off is for load tests"),
    open("TANDEM_SOCKETS_PER_USER", "20", "sockets of one user; with more the oldest is closed"),
    open("TANDEM_USER_REPLIES", "4", "replies of one user that run at the same time; more are queued"),
    open("TANDEM_USER_QUEUE", "100", "replies of one user that are queued; more are refused"),
    open("TANDEM_CONVERSATION_QUEUE", "20", "replies that are queued in one conversation"),
    open("TANDEM_NODE_REPLIES", "1000", "replies that a node writes at the same time"),
    open("TANDEM_USER_SEARCHES", "2", "searches of one user at the same time"),
    open("TANDEM_NODE_SEARCHES", "8", "searches of a node at the same time"),
    open("TANDEM_USER_EXPORTS", "1", "exports of one user at the same time"),
    open("TANDEM_NODE_EXPORTS", "4", "exports of a node at the same time"),
    open("TANDEM_USER_PAGES", "4", "lists and snapshots of one user at the same time"),
    open("TANDEM_NODE_PAGES", "32", "lists and snapshots of a node at the same time"),
    open("TANDEM_USER_CHANGES", "64", "changes of one user at the same time"),
    open("TANDEM_USER_BYTES", "128MiB", "bytes that one user may have stored"),
    open("TANDEM_USER_ROWS", "250000", "rows that one user may have stored"),
    open("TANDEM_USER_LOG_BYTES", "24MiB", "of these bytes, what the event log, undo and answers of commands may take"),
    open("TANDEM_DAILY_REPLIES", "off", "replies that one user may begin in a day of UTC, or off"),
    open(
        "TANDEM_DAILY_TOKENS",
        "off",
        "tokens of providers after which a user begins no more replies that day, or off",
    ),
    open("TANDEM_STATEMENT_TIMEOUT", "1s", "longest run of one database statement for a user"),
    open("TANDEM_WRITE_TIMEOUT", "30s", "longest time in which a client may read nothing of an answer"),
    open("TANDEM_CONNECTIONS", "20000", "connections of a node at the same time"),
    open("TANDEM_CONNECTIONS_PER_ADDRESS", "1000", "connections of one address at the same time, without its sockets"),
    open("TANDEM_MIGRATE", "auto", "auto or off: whether the start migrates the schema"),
    open("TANDEM_ACCESS_TTL", "10m", "lifetime of an access token"),
    open("TANDEM_SESSION_IDLE_TTL", "7d", "lifetime of a session without use"),
    open("TANDEM_SESSION_MAX_TTL", "30d", "longest lifetime of a session"),
    open("TANDEM_AUDIT_TTL", "365d", "how long the record of what was done with accounts is kept"),
    open("TANDEM_PROVIDERS", "", "openai, gemini and builtin in the order in which they are tried"),
    secret("OPENAI_API_KEY", "key of OpenAI, or of a server with the same protocol"),
    open("OPENAI_BASE_URL", "https://api.openai.com/v1", "its address, with the version path"),
    open("OPENAI_MODEL", "gpt-4.1-mini", "its model"),
    open(
        "OPENAI_CONTEXT",
        "",
        "tokens of its model's context; by default as listed, else 128000, or 8000 on this machine",
    ),
    secret("GEMINI_API_KEY", "key of Gemini"),
    open("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta/openai", "its OpenAI-compatible address"),
    open("GEMINI_MODEL", "gemini-2.5-flash", "its model"),
    open("GEMINI_CONTEXT", "", "tokens of its model's context; by default as listed, else 128000"),
    open("TANDEM_PROVIDER_CONNECT_TIMEOUT", "5s", "longest time to connect to a provider"),
    open("TANDEM_FIRST_TOKEN_TIMEOUT", "20s", "longest time from a request to a provider to its first token"),
    open("TANDEM_NEXT_TOKEN_TIMEOUT", "30s", "longest time from one token to the next"),
    open("TANDEM_THINKING_TIMEOUT", "60s", "longest time from one token to the next while the model thinks"),
    open("TANDEM_REPLY_TIMEOUT", "10m", "longest time that a reply is worked on, without waits for the user"),
    open("TANDEM_LOG", "info", "filter of log lines"),
    open("TANDEM_LOG_FORMAT", "", "text or json; text on a terminal, else json"),
];
