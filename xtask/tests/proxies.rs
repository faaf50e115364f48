//! The files for reverse proxies: that they are well formed, and do what the server needs of a proxy.
//!
//! Both languages are words, blocks in braces, and an end of each directive: a semicolon in one, a line break in the other.

use std::{fs, path::PathBuf};

fn read(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/self-hosting").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A directive with its words, and the directives of its block.
#[derive(Debug, PartialEq, Eq)]
struct Directive {
    words: Vec<String>,
    block: Vec<Directive>,
}

impl Directive {
    fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The values of the directives with a name in its block.
    fn values(&self, name: &str) -> Vec<String> {
        self.block.iter().filter(|inner| inner.name() == name).map(|inner| inner.words[1..].join(" ")).collect()
    }

    fn only(&self, name: &str) -> &Self {
        let mut found = self.block.iter().filter(|inner| inner.name() == name);
        match (found.next(), found.next()) {
            (Some(one), None) => one,
            other => panic!("expected one {name}: {other:?}"),
        }
    }
}

/// What ends a directive without a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Semicolon,
    Line,
}

/// Splits a file into words, `{`, `}` and ends. Comments begin at `#`, where a word may begin.
fn tokens(text: &str, end: End) -> Vec<String> {
    let mut tokens = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        let mut any = false;
        for word in words.by_ref() {
            any = true;
            // A brace alone opens or closes a block; `{remote_host}` is a word.
            let (bare, ended) = match word.strip_suffix(';') {
                Some(bare) if end == End::Semicolon => (bare, true),
                _ => (word, false),
            };
            tokens.extend((!bare.is_empty()).then(|| bare.to_owned()));
            tokens.extend(ended.then(|| ";".to_owned()));
        }
        let open = tokens.last().is_none_or(|last| matches!(last.as_str(), "{" | "}" | ";"));
        if end == End::Line && any && !open {
            tokens.push(";".to_owned());
        }
    }
    tokens
}

/// Reads directives up to the end of their block.
fn block(tokens: &mut impl Iterator<Item = String>, inner: bool) -> Result<Vec<Directive>, String> {
    let (mut directives, mut words) = (Vec::new(), Vec::new());
    loop {
        match tokens.next().as_deref() {
            None if inner => return Err("a block is not closed".to_owned()),
            None if words.is_empty() => return Ok(directives),
            None => return Err(format!("{words:?} has no end")),
            Some("}") if inner && words.is_empty() => return Ok(directives),
            Some("}") => return Err(format!("a brace too many after {words:?}")),
            Some("{") if words.is_empty() => return Err("a block without a name".to_owned()),
            Some("{") => {
                directives.push(Directive { words: std::mem::take(&mut words), block: block(tokens, true)? });
            }
            Some(";") if words.is_empty() => return Err("an empty directive".to_owned()),
            Some(";") => directives.push(Directive { words: std::mem::take(&mut words), block: Vec::new() }),
            Some(word) => words.push(word.to_owned()),
        }
    }
}

fn parse(text: &str, end: End) -> Result<Directive, String> {
    Ok(Directive { words: Vec::new(), block: block(&mut tokens(text, end).into_iter(), false)? })
}

#[test]
fn the_parser_refuses_what_is_not_well_formed() {
    for (text, end) in [
        ("server {", End::Semicolon),
        ("server { listen 80; } }", End::Semicolon),
        ("server { listen 80 }", End::Semicolon),
        ("{ listen 80; }", End::Semicolon),
        ("site {\n\treverse_proxy x {\n}\n", End::Line),
    ] {
        assert!(parse(text, end).is_err(), "{text}");
    }
    let read = parse("a {\n  b c # d\n  e {f}\n}\n", End::Line).unwrap();
    assert_eq!(
        (read.only("a").values("b"), read.only("a").values("e")),
        (vec!["c".to_owned()], vec!["{f}".to_owned()])
    );
}

#[test]
fn caddy_replaces_the_client_address_and_passes_everything_on() {
    let file = parse(&read("Caddyfile"), End::Line).unwrap();
    let proxy = file.only("tandem.example").only("reverse_proxy");
    assert_eq!(proxy.words[1..], ["127.0.0.1:8080"]);
    // Caddy replaces what a client has sent, unless it is given proxies to trust.
    assert!(proxy.values("header_up").is_empty());
    assert!(!read("Caddyfile").contains("trusted_proxies"));
}

#[test]
fn nginx_replaces_the_client_address_and_upgrades_sockets() {
    let file = parse(&read("nginx.conf"), End::Semicolon).unwrap();
    let upgrade = file.only("map");
    assert_eq!(upgrade.words[1..], ["$http_upgrade", "$connection_upgrade"]);
    assert_eq!(
        (upgrade.values("default"), upgrade.values("\"\"")),
        (vec!["upgrade".to_owned()], vec!["\"\"".to_owned()])
    );
    let servers: Vec<_> = file.block.iter().filter(|directive| directive.name() == "server").collect();
    let [plain, secure] = servers[..] else { panic!("expected two servers: {servers:?}") };
    assert_eq!(plain.values("return"), ["301 https://$host$request_uri"]);
    assert!(secure.values("listen").iter().all(|listen| listen.ends_with(" ssl http2")));
    assert!(!secure.values("ssl_certificate").is_empty() && !secure.values("ssl_certificate_key").is_empty());
    assert_eq!(secure.values("client_max_body_size"), ["1m"]);
    let locations: Vec<_> = secure.block.iter().filter(|directive| directive.name() == "location").collect();
    let [calendar, location] = locations[..] else { panic!("expected two locations: {locations:?}") };
    assert_eq!((&calendar.words[1..], &location.words[1..]), (&["/calendar/".to_owned()][..], &["/".to_owned()][..]));
    // The path of a calendar is its secret.
    assert_eq!(calendar.values("access_log"), ["off"]);
    assert_eq!(calendar.values("proxy_pass"), ["http://127.0.0.1:8080"]);
    assert_eq!(calendar.values("proxy_set_header"), ["Host $host", "X-Forwarded-For $remote_addr"]);
    assert_eq!(location.values("proxy_pass"), ["http://127.0.0.1:8080"]);
    assert_eq!(location.values("proxy_http_version"), ["1.1"]);
    let headers = location.values("proxy_set_header");
    let expected =
        ["Host $host", "X-Forwarded-For $remote_addr", "Upgrade $http_upgrade", "Connection $connection_upgrade"];
    assert_eq!(headers, expected);
    // Longer than the pause between two pings.
    assert_eq!(location.values("proxy_read_timeout"), ["90s"]);
}

#[test]
fn the_document_and_the_files_name_the_same_address() {
    let document = read("../self-hosting.md");
    for setting in ["listen = \"127.0.0.1:8080\"", "trusted_proxies = \"127.0.0.1\"", "tandem.example"] {
        assert!(document.contains(setting), "{setting}");
    }
}
