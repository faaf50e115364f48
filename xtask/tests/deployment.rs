//! What can be said about the files for containers and CI without an engine that runs them.

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

#[test]
fn compose_declares_whatever_its_services_use() {
    let compose = yaml("docker-compose.yml");
    let (services, volumes, configs) = (&compose["services"], keys(&compose["volumes"]), keys(&compose["configs"]));
    assert_eq!(keys(services), ["postgres", "tandem"].map(str::to_owned).into());
    for name in keys(services) {
        let service = &services[name.as_str()];
        for volume in service["volumes"].as_vec().into_iter().flatten() {
            let (volume, _) = volume.as_str().unwrap().split_once(':').unwrap();
            assert!(volumes.contains(volume), "{name} uses the volume {volume}");
        }
        for config in service["configs"].as_vec().into_iter().flatten() {
            assert!(configs.contains(config["source"].as_str().unwrap()), "{name} uses {config:?}");
        }
        assert!(keys(services).is_superset(&keys(&service["depends_on"])));
    }
    assert_eq!(services["tandem"]["depends_on"]["postgres"]["condition"].as_str(), Some("service_healthy"));
    assert!(services["postgres"]["healthcheck"]["test"].as_vec().is_some());
}

#[test]
fn compose_has_no_secret_of_its_own() {
    let compose = yaml("docker-compose.yml");
    for (service, secrets) in [
        ("tandem", &["TANDEM_DATABASE_URL", "TANDEM_JWT_SECRETS"]),
        ("postgres", &["POSTGRES_PASSWORD", "DATABASE_PASSWORD"]),
    ] {
        for name in secrets {
            let value = compose["services"][service]["environment"][*name].as_str().unwrap();
            assert!(value.contains(":?"), "{name} has a value when nobody gave one: {value}");
        }
    }
}

#[test]
fn the_database_role_is_a_plain_one_that_owns_its_database() {
    let compose = yaml("docker-compose.yml");
    let script = compose["configs"]["create-database"]["content"].as_str().unwrap();
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
fn nothing_that_the_build_needs_is_kept_out_of_the_image() {
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
fn both_halves_of_wasm_bindgen_are_pinned_to_one_version() {
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let version = |name: &str| workspace["workspace"]["dependencies"][name].as_str().unwrap().to_owned();
    assert!(version("wasm-bindgen").starts_with('='));
    assert_eq!(version("wasm-bindgen"), version("wasm-bindgen-cli-support"));
}
