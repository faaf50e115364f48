//! Checks of the files for containers and CI that need no container engine.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use yaml_rust2::{Yaml, YamlLoader};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn yaml(name: &str) -> Yaml {
    YamlLoader::load_from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}")).remove(0)
}

/// The keys of a mapping; none for anything else.
fn keys(node: &Yaml) -> BTreeSet<String> {
    node.as_hash().into_iter().flatten().filter_map(|(key, _)| key.as_str()).map(str::to_owned).collect()
}

/// Words that look like settings of the server.
fn variables(text: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let words = text.split(|letter| !is_part(letter));
    let ours = |word: &&str| ["TANDEM_", "OPENAI_", "GEMINI_"].iter().any(|start| word.starts_with(start));
    words.filter(ours).map(str::to_owned).collect()
}

#[test]
fn every_setting_of_the_example_is_valid_and_named_with_its_variable() {
    let example = read("tandem.example.toml");
    let uncommented: String = example
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    let settings: toml::Table = uncommented.parse().expect("the example is valid when everything is uncommented");
    let from_keys: BTreeSet<_> =
        settings
            .keys()
            .map(|key| key.to_uppercase())
            .map(|name| {
                if name.starts_with("OPENAI_") || name.starts_with("GEMINI_") { name } else { format!("TANDEM_{name}") }
            })
            .collect();
    assert_eq!(variables(&example), from_keys);
}

#[test]
fn containers_set_only_settings_that_exist() {
    let known = variables(&read("tandem.example.toml"));
    for file in ["Dockerfile", "docker-compose.yml", ".github/workflows/ci.yml"] {
        let unknown: Vec<_> = variables(&read(file)).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}");
    }
}

/// A mapping with what is merged into it by `<<`.
fn merged(node: &Yaml) -> Yaml {
    let Some(own) = node.as_hash() else { return node.clone() };
    let mut all = merged(&node["<<"]).as_hash().cloned().unwrap_or_default();
    all.extend(
        own.iter().filter(|(key, _)| key.as_str() != Some("<<")).map(|(key, value)| (key.clone(), merged(value))),
    );
    Yaml::Hash(all)
}

fn compose() -> Yaml {
    merged(&yaml("docker-compose.yml"))
}

/// The text of a configuration that stands in the compose file, as the container gets it when `.env` sets nothing more.
fn inline(name: &str) -> String {
    let compose = compose();
    compose["configs"][name]["content"].as_str().expect("it is text").replace("${PROXY_IN_FRONT:-0.0.0.0}", "0.0.0.0")
}

/// Whether an image is named with a tag for people and a digest for the engine.
fn is_pinned(image: &str) -> bool {
    let Some((name, digest)) = image.split_once("@sha256:") else { return false };
    let hex = digest.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
    name.split_once(':').is_some_and(|(_, tag)| tag != "latest") && digest.len() == 64 && hex
}

const NODES: [&str; 2] = ["tandem-1", "tandem-2"];

#[test]
fn compose_declares_whatever_its_services_use() {
    let compose = compose();
    let declared = |kind: &str| keys(&compose[kind]);
    let services = &compose["services"];
    let named = ["grafana", "load-balancer", "nats", "postgres", "prometheus"].into_iter().chain(NODES);
    assert_eq!(keys(services), named.map(str::to_owned).collect());
    for name in keys(services) {
        let service = &services[name.as_str()];
        for volume in service["volumes"].as_vec().into_iter().flatten() {
            let (volume, _) = volume.as_str().unwrap().split_once(':').unwrap();
            assert!(declared("volumes").contains(volume), "{name} uses the volume {volume}");
        }
        for config in service["configs"].as_vec().into_iter().flatten() {
            assert!(declared("configs").contains(config["source"].as_str().unwrap()), "{name} uses {config:?}");
        }
        for network in service["networks"].as_vec().expect("each service has networks") {
            assert!(declared("networks").contains(network.as_str().unwrap()), "{name} is in {network:?}");
        }
        assert!(declared("services").is_superset(&keys(&service["depends_on"])));
        for other in keys(&service["depends_on"]) {
            let healthy = service["depends_on"][other.as_str()]["condition"].as_str() == Some("service_healthy");
            assert!(!healthy || services[other.as_str()]["healthcheck"]["test"].as_vec().is_some(), "{name}: {other}");
        }
        let image = service["image"].as_str().unwrap();
        assert!(image == "tandem" || is_pinned(image), "{image} has no tag, or is not pinned by its digest");
    }
    for node in NODES {
        assert_eq!(services[node]["depends_on"]["postgres"]["condition"].as_str(), Some("service_healthy"));
    }
    for config in keys(&compose["configs"]) {
        if let Some(file) = compose["configs"][config.as_str()]["file"].as_str() {
            assert!(root().join(file).is_file(), "{file} is gone");
        }
    }
}

#[test]
fn compose_writes_no_inline_configuration_into_a_read_only_container() {
    // Compose refuses that, but can mount a file.
    let compose = compose();
    for (name, service) in compose["services"].as_hash().unwrap() {
        let read_only = service["read_only"].as_bool() == Some(true);
        for config in service["configs"].as_vec().into_iter().flatten().filter(|_| read_only) {
            let source = config["source"].as_str().unwrap();
            assert!(compose["configs"][source]["content"].is_badvalue(), "{name:?} cannot be given {source}");
        }
    }
}

#[test]
fn compose_publishes_nothing_to_other_machines() {
    let compose = compose();
    let mut published = BTreeSet::new();
    for (name, service) in compose["services"].as_hash().unwrap() {
        for port in service["ports"].as_vec().into_iter().flatten() {
            let port = port.as_str().unwrap();
            assert!(port.starts_with("127.0.0.1:"), "{name:?} publishes {port}");
            published.insert((name.as_str().unwrap(), port.to_owned()));
        }
    }
    let names: BTreeSet<_> = published.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["grafana", "load-balancer"].into(), "nodes are reached through the load balancer alone");
    // NATS has no password, so only the nodes and the database may share its network.
    assert_eq!(compose["networks"]["back"]["internal"].as_bool(), Some(true));
    let in_back =
        |service: &Yaml| service["networks"].as_vec().unwrap().iter().any(|name| name.as_str() == Some("back"));
    let inside: BTreeSet<_> =
        keys(&compose["services"]).into_iter().filter(|name| in_back(&compose["services"][name.as_str()])).collect();
    assert_eq!(inside, NODES.into_iter().chain(["nats", "postgres"]).map(str::to_owned).collect());
}

#[test]
fn nodes_differ_only_by_name_and_run_without_privileges() {
    let compose = compose();
    let node = |name: &str| {
        let mut service = compose["services"][name].as_hash().unwrap().clone();
        let mut settings = service[&Yaml::from_str("environment")].as_hash().unwrap().clone();
        let named = settings.remove(&Yaml::from_str("TANDEM_NODE_ID"));
        assert_eq!(named.and_then(Yaml::into_string).as_deref(), Some(name));
        service.insert(Yaml::from_str("environment"), Yaml::Hash(settings));
        Yaml::Hash(service)
    };
    let [one, other] = NODES.map(node);
    assert_eq!(one, other);
    assert_eq!(one["read_only"].as_bool(), Some(true));
    assert_eq!(one["cap_drop"][0].as_str(), Some("ALL"));
    assert!(one["volumes"].is_badvalue(), "a node stores nothing");
    for setting in ["TANDEM_NATS_URL", "TANDEM_JWT_SECRETS", "TANDEM_TRUSTED_PROXIES", "TANDEM_ADMIN_LISTEN"] {
        assert!(one["environment"][setting].as_str().is_some_and(|value| !value.is_empty()), "{setting} is not set");
    }
}

#[test]
fn the_load_balancer_has_every_node_and_sets_the_client_address() {
    let text = inline("load-balancer");
    assert!(!text.contains("${"), "an unresolved variable");
    let sections: Vec<&str> = text.split("\nbackend ").skip(1).collect();
    assert_eq!(sections.len(), 2);
    for (section, check) in sections.iter().zip(["uri /readyz", "uri /healthz"]) {
        assert!(section.contains(check), "{section}");
        for node in NODES {
            assert!(section.contains(&format!("server {node} {node}:8080")), "{node} is not in {section}");
        }
    }
    // A forged address of a client must not reach a node.
    assert!(text.contains("http-request set-header X-Forwarded-For %[src]"));
    assert!(text.contains("http-request set-src hdr_ip(x-forwarded-for,-1) if { src 0.0.0.0 }"));
    assert!(!text.contains("forwardfor") && !text.contains("add-header"));
    // A request is retried on another node when there was no answer, never because of an answer.
    let retried: Vec<_> =
        text.lines().filter(|line| line.trim_start().starts_with("retry-on")).map(str::trim).collect();
    assert_eq!(retried, ["retry-on conn-failure empty-response"]);
    // Changes are never retried.
    assert!(text.contains("http-request disable-l7-retry unless METH_GET or METH_HEAD"));
}

#[test]
fn each_container_limits_memory_and_processes() {
    let compose = compose();
    for (name, service) in compose["services"].as_hash().unwrap() {
        let memory = service["mem_limit"].as_str().unwrap_or_default();
        let (number, unit) = memory.split_at(memory.len().saturating_sub(1));
        assert!(
            number.parse::<u32>().is_ok() && ["m", "g"].contains(&unit),
            "{name:?} has no memory limit: {memory:?}"
        );
        assert!(service["pids_limit"].as_i64().is_some_and(|most| most > 0), "{name:?} has no limit of processes");
    }
}

#[test]
fn compose_has_no_secret_of_its_own() {
    let compose = compose();
    let of_a_node: &[_] = &["TANDEM_DATABASE_URL", "TANDEM_JWT_SECRETS"];
    let of_postgres: &[_] = &["POSTGRES_PASSWORD", "DATABASE_PASSWORD"];
    for (service, secrets) in NODES.map(|node| (node, of_a_node)).into_iter().chain([("postgres", of_postgres)]) {
        for name in secrets {
            let value = compose["services"][service]["environment"][*name].as_str().unwrap();
            assert!(value.contains(":?"), "{name} has a default: {value}");
        }
    }
    // Grafana is read-only for everyone, without an administrator with a default password.
    let grafana = &compose["services"]["grafana"]["environment"];
    assert_eq!(grafana["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"].as_str(), Some("true"));
    assert_eq!(grafana["GF_AUTH_ANONYMOUS_ORG_ROLE"].as_str(), Some("Viewer"));
}

#[test]
fn the_database_role_is_a_plain_one_that_owns_its_database() {
    let script = inline("create-database");
    assert!(script.contains("create role tandem login password"));
    assert!(script.contains("create database tandem owner tandem"));
    assert!(!script.contains("superuser") && !script.contains("bypassrls"));
}

#[test]
fn the_image_is_built_by_our_toolchain_and_runs_without_privileges() {
    let docker = read("Dockerfile");
    let toolchain: toml::Table = read("rust-toolchain.toml").parse().unwrap();
    let version = toolchain["toolchain"]["channel"].as_str().unwrap();
    assert!(docker.contains(&format!("FROM rust:{version}-")), "the image's Rust is not {version}");
    assert!(docker.contains(&format!("RUSTUP_TOOLCHAIN={version}")));
    assert!(read(".github/workflows/ci.yml").contains(&format!("rust:{version}-")));
    let user = docker.lines().rfind(|line| line.starts_with("USER ")).expect("the image has a user");
    assert_ne!(user, "USER root");
    assert!(docker.contains("HEALTHCHECK") && docker.contains("GET /healthz "));
}

#[test]
fn no_file_that_the_build_needs_is_ignored() {
    let ignored: Vec<_> = read(".dockerignore").lines().map(str::to_owned).collect();
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let members = workspace["workspace"]["members"].as_array().unwrap().iter().filter_map(toml::Value::as_str);
    for needed in members.chain(["Cargo.toml", "Cargo.lock", ".cargo", "migrations", "rust-toolchain.toml"]) {
        assert!(root().join(needed).exists(), "{needed} is gone");
        assert!(!ignored.iter().any(|line| line == needed), "{needed} is ignored");
    }
}

#[test]
fn the_public_workflow_runs_the_tests_and_all_of_cargo_deny() {
    let jobs = &yaml(".github/workflows/ci.yml")["jobs"];
    let steps = |job: &str| jobs[job]["steps"].as_vec().unwrap().clone();
    assert!(steps("test").iter().any(|step| step["run"].as_str() == Some("bash .ci/run")));
    let deny = steps("deny");
    assert!(deny.iter().any(|step| step["with"]["command"].as_str() == Some("check")));
    assert!(root().join(".ci/run").exists() && root().join("deny.toml").exists());
}

#[test]
fn both_parts_of_wasm_bindgen_are_pinned_to_one_version() {
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let version = |name: &str| workspace["workspace"]["dependencies"][name].as_str().unwrap().to_owned();
    assert!(version("wasm-bindgen").starts_with('='));
    assert_eq!(version("wasm-bindgen"), version("wasm-bindgen-cli-support"));
}
