//! What starts and what does not.

use super::{sources::Origin, *};
use std::{collections::BTreeMap, fs};

fn load(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(&Sources::read(Path::new("/nonexistent"), environment, &BTreeMap::new()).unwrap())
}

fn refusal(environment: &[(&str, &str)]) -> String {
    load(environment).unwrap_err().to_string()
}

#[test]
fn nothing_has_to_be_set() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database, Database::Sqlite("./data/tandem.db".into()));
    assert_eq!(config.providers, [ProviderKind::Builtin]);
    assert_eq!(config.allowed_origins, ["http://127.0.0.1:8080", "http://localhost:8080"]);
}

const STRONG: (&str, &str) = ("TANDEM_JWT_SECRETS", "k1:9fb1c4e07a5d3862be90f7d15c28a64330d1e8b7");
const WEAK: (&str, &str) = ("TANDEM_JWT_SECRETS", "k1:0123456789abcdef0123456789abcdef");
const EVERYWHERE: (&str, &str) = ("TANDEM_LISTEN", "0.0.0.0:80");
const PUBLIC: (&str, &str) = ("TANDEM_PUBLIC_URL", "https://tandem.example");

#[test]
fn a_public_address_needs_a_secret_of_its_own() {
    let refused = refusal(&[EVERYWHERE, PUBLIC]);
    assert!(refused.starts_with("TANDEM_JWT_SECRETS") && refused.contains("openssl rand -hex 32"), "{refused}");
    assert!(refusal(&[("TANDEM_JWT_SECRETS", "k1:short")]).contains("under 32 bytes"));
    assert!(load(&[EVERYWHERE, PUBLIC, STRONG]).is_ok());
}

#[test]
fn a_secret_that_can_be_guessed_is_for_this_machine_alone() {
    for public in [
        &[EVERYWHERE, PUBLIC][..],
        &[PUBLIC],
        &[EVERYWHERE, ("TANDEM_PUBLIC_URL", "http://localhost:8080")],
        &[("TANDEM_LISTEN", "192.0.2.1:80")],
    ] {
        let refused = refusal(&[public, &[WEAK]].concat());
        assert!(refused.starts_with("TANDEM_JWT_SECRETS: the secret of key \"k1\" is easy to guess."), "{refused}");
        assert!(refused.contains("openssl rand -hex 32"), "{refused}");
    }
    for local in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080", "http://tandem.localhost"] {
        let config = load(&[("TANDEM_PUBLIC_URL", local), WEAK]).unwrap();
        assert_eq!(config.weak_key().as_deref(), Some("k1"), "{local}");
    }
    assert_eq!(load(&[STRONG]).unwrap().weak_key(), None);
    assert!(refusal(&[PUBLIC, ("TANDEM_JWT_SECRETS", &format!("{},k2:{}", &STRONG.1, "x".repeat(32)))]).contains("k2"));
}

#[test]
fn a_server_on_every_address_has_to_know_its_own() {
    for listen in ["0.0.0.0:8080", "[::]:8080"] {
        let refused = refusal(&[("TANDEM_LISTEN", listen), STRONG]);
        assert!(refused.starts_with("TANDEM_PUBLIC_URL: needed") && refused.contains("https://"), "{refused}");
    }
}

#[test]
fn only_a_server_that_nobody_else_reaches_is_open_to_anybody() {
    let registration = |environment: &[(&str, &str)]| load(environment).unwrap().registration;
    let local = registration(&[]);
    assert_eq!((local.mode, local.first), (RegistrationMode::Open, FirstAccount::Anybody));
    for public in [&[EVERYWHERE, PUBLIC, STRONG][..], &[PUBLIC]] {
        let public = registration(public);
        assert_eq!((public.mode, public.first), (RegistrationMode::Invite, FirstAccount::SetUpCode(None)));
    }
    let open = registration(&[PUBLIC, ("TANDEM_REGISTRATION", "open")]);
    assert_eq!((open.mode, open.first), (RegistrationMode::Open, FirstAccount::SetUpCode(None)));
    let code = registration(&[("TANDEM_SETUP_CODE", "a code of the operator")]);
    assert_eq!(code.first, FirstAccount::SetUpCode(Some(secret::hash("a code of the operator"))));
    assert!(refusal(&[("TANDEM_REGISTRATION", "maybe")]).contains("open, invite or closed"));
    assert!(refusal(&[("TANDEM_SETUP_CODE", "short")]).contains("8 characters"));
}

#[test]
fn several_nodes_need_postgresql() {
    assert!(refusal(&[("TANDEM_NATS_URL", "nats://localhost")]).contains("PostgreSQL"));
}

#[test]
fn providers_are_those_with_a_key_unless_named() {
    let key = ("OPENAI_API_KEY", "sk-x");
    assert_eq!(load(&[key]).unwrap().providers, [ProviderKind::OpenAi, ProviderKind::Builtin]);
    assert_eq!(load(&[key, ("TANDEM_PROVIDERS", "builtin")]).unwrap().providers, [ProviderKind::Builtin]);
    assert!(refusal(&[("TANDEM_PROVIDERS", "gemini")]).contains("GEMINI_API_KEY"));
}

#[test]
fn addresses_of_providers_are_checked_and_the_right_one_is_named() {
    let load_url = |url: &str| load(&[("OPENAI_API_KEY", "sk-x"), ("OPENAI_BASE_URL", url)]);
    for (url, base) in [
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        ("https://[::1]:8000", "https://[::1]:8000"),
        ("HTTP://localhost:8000/v1//", "http://localhost:8000/v1"),
        ("", "https://api.openai.com/v1"),
    ] {
        assert_eq!(load_url(url).unwrap().openai.unwrap().base_url, base);
    }
    for (url, says) in [
        ("localhost:11434/v1", "no scheme. Write http://localhost:11434/v1"),
        ("api.openai.com/v1", "Write https://api.openai.com/v1"),
        ("http://localhost/v1/chat/completions", "without /chat/completions: http://localhost/v1"),
        ("http://localhost/v1/models/", "without /models: http://localhost/v1"),
        ("http://localhost/v 1", "white space in it. Write it without: http://localhost/v1"),
        ("\"http://localhost/v1\"", "quotation marks or white space in it. Write it without: http://localhost/v1"),
        (" http://localhost/v1", "Write it without: http://localhost/v1"),
        ("https://me:secret@host/v1", "has a setting of its own"),
        ("ftp://host/v1", "such as https://api.openai.com/v1"),
        ("http:///v1", "such as https://api.openai.com/v1"),
        ("http://host:port/v1", "such as https://api.openai.com/v1"),
        ("http://localhost/v1/chat/", "without /chat: http://localhost/v1"),
        ("http://localhost/v1/Chat/Completions//", "without /Chat/Completions: http://localhost/v1"),
        ("https://host/v1?api-version=1", "without ?api-version=1: https://host/v1"),
        ("https://host/v1/chat/completions?a=1&b=2", "without /chat/completions?a=1&b=2: https://host/v1"),
        ("https://host/v1#chat", "without #chat: https://host/v1"),
        (
            "https://me.openai.azure.com/openai/deployments/mini/chat/completions?api-version=2024-10-21",
            "write https://me.openai.azure.com/openai/v1, and mini as the model",
        ),
        ("http:/localhost:1/v1", "no scheme. Write http://localhost:1/v1"),
        ("https//host/v1", "no scheme. Write https://host/v1"),
        ("http://", "such as https://api.openai.com/v1"),
        ("OPENAI_BASE_URL=http://host/v1", "such as https://api.openai.com/v1"),
        ("http://a/v1,http://b/v1", "such as https://api.openai.com/v1"),
        ("${URL}/v1", "such as https://api.openai.com/v1"),
        ("<your url>/v1", "such as https://api.openai.com/v1"),
    ] {
        let refused = load_url(url).unwrap_err().to_string();
        assert!(refused.starts_with("OPENAI_BASE_URL: ") && refused.contains(says), "{refused}");
    }
}

#[test]
fn keys_models_and_contexts_are_checked_at_the_start() {
    for (name, value, says) in [
        ("OPENAI_API_KEY", "Bearer sk-x", "without the word Bearer"),
        ("OPENAI_API_KEY", "Authorization: Bearer sk-x", "without the word Authorization"),
        ("OPENAI_API_KEY", "OPENAI_API_KEY=sk-x", "without OPENAI_API_KEY="),
        ("OPENAI_API_KEY", "${KEY}", "a placeholder"),
        ("OPENAI_API_KEY", "sk-\nx", "white space in it. Write it without, on one line"),
        ("OPENAI_API_KEY", "'sk-x'", "quotation marks"),
        ("OPENAI_API_KEY", "sk-x ", "white space"),
        ("OPENAI_API_KEY", "sk–x", "no key has"),
        ("OPENAI_MODEL", "\"gpt-4.1-mini\"", "without: gpt-4.1-mini"),
        ("OPENAI_MODEL", "gpt 4.1 mini", "as the provider lists it"),
        ("OPENAI_MODEL", " ", "the name of a model"),
        ("OPENAI_CONTEXT", "many", "from 1000"),
        ("OPENAI_CONTEXT", "8", "from 1000"),
    ] {
        let refused = refusal(&[("OPENAI_API_KEY", "sk-x"), (name, value)]);
        assert!(refused.starts_with(name) && refused.contains(says), "{refused}");
        assert!(name != "OPENAI_API_KEY" || !refused.contains("sk"), "a key is not repeated: {refused}");
    }
    let context =
        |tokens| load(&[("OPENAI_API_KEY", "sk-x"), ("OPENAI_CONTEXT", tokens)]).unwrap().openai.unwrap().context;
    assert_eq!((context(""), context("32000")), (None, Some(32_000)));
}

#[test]
fn push_services_can_ask_at_the_public_address() {
    assert_eq!(load(&[]).unwrap().push_contact, "http://127.0.0.1:8080");
    let contact = |contact| load(&[("TANDEM_PUSH_CONTACT", contact)]);
    assert_eq!(contact("mailto:ann@example.org").unwrap().push_contact, "mailto:ann@example.org");
    for wrong in ["ann@example.org", "http://example.org", "mailto:ann@example.org\nx"] {
        assert!(contact(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_server_in_this_network_needs_no_key() {
    for url in ["http://localhost:11434/v1", "http://192.168.1.5:8000/v1", "http://ollama:11434/v1", "http://[::1]/v1"]
    {
        let config = load(&[("OPENAI_BASE_URL", url)]).unwrap();
        assert_eq!(config.providers, [ProviderKind::OpenAi, ProviderKind::Builtin], "{url}");
    }
    let config = load(&[("OPENAI_BASE_URL", "https://gateway.example/v1")]).unwrap();
    assert_eq!((config.providers, config.keyless), (vec![ProviderKind::Builtin], vec!["OPENAI_BASE_URL"]));
    assert_eq!(load(&[("OPENAI_BASE_URL", "")]).unwrap().keyless, Vec::<&str>::new());
}

#[test]
fn files_of_secrets_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let read = || {
        let variable = ("OPENAI_API_KEY_FILE".to_owned(), path.display().to_string());
        Sources::read(Path::new("/nonexistent"), [variable], &BTreeMap::new())
    };
    // As the command line prints it, with its causes.
    let refused = |error: ConfigError| format!("{:#}", anyhow::Error::from(error));
    let missing = refused(read().unwrap_err());
    assert!(missing.starts_with("OPENAI_API_KEY_FILE: ") && missing.contains("No such file"), "{missing}");
    fs::write(&path, "\n").unwrap();
    let empty = refused(read().unwrap_err());
    assert!(empty.starts_with("OPENAI_API_KEY: ") && empty.contains("is empty. Write the value into it"), "{empty}");
    fs::write(&path, "\u{feff}sk-x\r\n").unwrap();
    assert_eq!(read().unwrap().text("OPENAI_API_KEY"), "sk-x");
}

#[test]
fn times_of_providers_are_settings_within_that_of_a_reply() {
    let times = load(&[("TANDEM_FIRST_TOKEN_TIMEOUT", "2m"), ("TANDEM_REPLY_TIMEOUT", "1h")]).unwrap().timeouts;
    assert_eq!((times.first_token, times.reply), (Duration::from_mins(2), Duration::from_hours(1)));
    assert_eq!(load(&[]).unwrap().timeouts, Timeouts::default(), "the documented defaults are those of the assistant");
    for (name, value, says) in [
        ("TANDEM_REPLY_TIMEOUT", "2d", "24h"),
        ("TANDEM_NEXT_TOKEN_TIMEOUT", "11m", "TANDEM_REPLY_TIMEOUT"),
        ("TANDEM_THINKING_TIMEOUT", "0s", "500ms"),
        ("TANDEM_PROVIDER_CONNECT_TIMEOUT", "5", "500ms"),
    ] {
        let refused = refusal(&[(name, value)]);
        assert!(refused.starts_with(name) && refused.contains(says), "{refused}");
    }
}

#[test]
fn errors_of_values_name_what_is_expected() {
    for (name, value, says) in [
        ("TANDEM_LISTEN", "here", "127.0.0.1:8080"),
        ("TANDEM_ACCESS_TTL", "soon", "10m"),
        ("TANDEM_RATE_LIMIT", "maybe", "on or off"),
        ("TANDEM_PUBLIC_URL", "tandem.example/path", "https://tandem.example"),
        ("TANDEM_DATABASE_URL", "mysql://x", "postgres://"),
    ] {
        let refused = refusal(&[(name, value)]);
        assert!(refused.starts_with(name) && refused.contains(says), "{refused}");
    }
}

#[test]
fn later_sources_win_and_secrets_come_from_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tandem.toml"), "listen = \"127.0.0.1:1111\"\nsockets_per_user = 7\n").unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "sk-from-file\n").unwrap();
    // An empty variable beside the file is one that was not set.
    let file = ("OPENAI_API_KEY_FILE".to_owned(), key.display().to_string());
    let environment = [("OPENAI_API_KEY".to_owned(), String::new()), file];
    let flags = BTreeMap::from([("TANDEM_LISTEN", "127.0.0.1:2222".to_owned())]);
    let sources = Sources::read(folder.path(), environment, &flags).unwrap();
    let config = Config::load(&sources).unwrap();
    assert_eq!((config.listen.port(), config.sockets_per_user), (2222, 7));
    assert_eq!(config.openai.unwrap().api_key, "sk-from-file");
    assert_eq!(sources.with_origin("TANDEM_LISTEN").1, Origin::Flag);
}

#[test]
fn an_unknown_key_in_the_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tandem.toml"), "lisen = \"127.0.0.1:1\"\n").unwrap();
    assert!(Sources::read(folder.path(), [], &BTreeMap::new()).unwrap_err().to_string().contains("lisen"));
}

#[test]
fn the_example_file_names_every_setting_and_no_other() {
    let example = include_str!("../../../tandem.example.toml");
    let keys = example.lines().filter_map(|line| line.strip_prefix('#')?.split_once(" = ")).map(|(key, _)| key);
    let mut keys: Vec<String> = keys.filter(|key| !key.contains(' ')).map(str::to_owned).collect();
    let mut known: Vec<String> = SETTINGS.iter().map(Setting::key).collect();
    keys.sort();
    known.sort();
    assert_eq!(keys, known);
}
