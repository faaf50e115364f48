//! The command line: `tandem serve` and the commands for operators.
//!
//! The exit status is 0 on success, 1 on failure, and 2 for wrong usage, which the parser of arguments reports.

mod audit;
mod backup;
mod config;
mod doctor;
mod import;
mod invite;
mod migrate;
mod output;
mod user;

use crate::{
    app,
    config::{Config, SETTINGS, Sources},
};
use clap::{Args, Parser, Subcommand};
use std::{collections::BTreeMap, path::Path, process::ExitCode};

/// Tandem: a self-hosted chat with an AI task manager.
#[derive(Debug, Parser)]
#[command(name = "tandem", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Flags,
}

/// Settings on the command line, which override the file and the environment.
#[derive(Debug, Args)]
struct Flags {
    /// Address and port of the page, the API and the sockets.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Folder of the SQLite file and the generated secret.
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// Any other setting by its variable, such as `TANDEM_LOG=debug`.
    #[arg(long = "set", global = true, value_name = "VARIABLE=VALUE", value_parser = setting)]
    set: Vec<(&'static str, String)>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default).
    Serve,
    /// Migrate the schema of the database.
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Copy the database into a file. The server may be running.
    Backup(backup::Backup),
    /// Replace the database by a copy. The server must be stopped. The old database is kept.
    Restore(backup::Restore),
    /// Manage the accounts. The server may be running.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Invite people to create an account. The server may be running.
    #[command(subcommand)]
    Invite(invite::InviteCommand),
    /// Move in from the system that this replaces: users with their passwords, tasks, conversations. The server may be running.
    Import(import::Import),
    /// Show what was done with accounts.
    Audit(audit::Audit),
    /// Check everything that the server needs.
    Doctor(doctor::Doctor),
    /// Show or check the settings.
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// Runs the command that the arguments name.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With its causes (`#`). The log may not be installed yet.
            eprintln!("tandem: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let sources = Sources::read(Path::new("."), std::env::vars(), &cli.settings.values())?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => runtime()?.block_on(app::serve(Config::load(&sources)?)),
        Command::Migrate(command) => runtime()?.block_on(command.run(&Config::load(&sources)?)),
        Command::Backup(command) => runtime()?.block_on(command.run(&Config::load(&sources)?)),
        Command::Restore(command) => runtime()?.block_on(command.run(&Config::load(&sources)?)),
        Command::User(command) => runtime()?.block_on(command.run(&Config::load(&sources)?)),
        Command::Invite(command) => runtime()?.block_on(command.run(&Config::load(&sources)?)),
        Command::Import(command) => runtime()?.block_on(command.run(&Config::load(&sources)?)),
        Command::Audit(command) => runtime()?.block_on(command.run(&Config::load(&sources)?)),
        Command::Doctor(command) => runtime()?.block_on(command.run(&Config::load(&sources)?)),
        // Without `Config::load`: `config show` is for settings that are not valid, too.
        Command::Config(command) => command.run(&sources),
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

impl Flags {
    fn values(&self) -> BTreeMap<&'static str, String> {
        let mut values: BTreeMap<&'static str, String> = self.set.iter().cloned().collect();
        let named = [("TANDEM_LISTEN", &self.listen), ("TANDEM_DATA_DIR", &self.data_dir)];
        // After `--set`: a flag of its own overrides it.
        values.extend(named.into_iter().filter_map(|(variable, value)| Some((variable, value.clone()?))));
        values
    }
}

/// Parses `VARIABLE=VALUE` of a known setting.
fn setting(text: &str) -> Result<(&'static str, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected VARIABLE=VALUE")?;
    let known = SETTINGS.iter().find(|setting| setting.variable == name);
    let known = known.ok_or_else(|| format!("there is no setting {name}; `tandem config show` lists them"))?;
    Ok((known.variable, value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, error::ErrorKind};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_name_known_settings() {
        assert_eq!(setting("TANDEM_LOG=debug"), Ok(("TANDEM_LOG", "debug".to_owned())));
        assert!(setting("TANDEM_COLOUR=red").is_err());
        assert!(setting("TANDEM_LOG").is_err());
    }

    /// The commands in a document: lines of its blocks of code, and what is between backticks.
    fn commands(document: &str) -> Vec<Vec<&str>> {
        let lines = document.lines().filter_map(|line| {
            let line = line.split(" #").next().unwrap_or_default().trim();
            line.strip_prefix("sudo -u tandem ").or(Some(line)).filter(|line| line.starts_with("tandem "))
        });
        let quoted = document.split('`').skip(1).step_by(2).filter(|text| text.starts_with("tandem "));
        lines
            .chain(quoted)
            .filter(|text| !text.contains(['…', '[', '|', '\n']))
            .map(|text| text.split(' ').collect())
            .collect()
    }

    #[test]
    fn the_commands_of_the_documents_exist() {
        let mut found = 0;
        for document in [
            include_str!("../../../README.md"),
            include_str!("../../../docs/operations.md"),
            include_str!("../../../docs/self-hosting.md"),
        ] {
            for command in commands(document) {
                found += 1;
                let Err(error) = Cli::try_parse_from(&command) else { continue };
                // A text may name a group of commands, a command without its arguments, or a placeholder for one.
                let group = matches!(
                    error.kind(),
                    ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                        | ErrorKind::MissingRequiredArgument
                        | ErrorKind::ValueValidation
                );
                assert!(group, "{command:?}: {error}");
            }
        }
        assert!(found > 20, "{found} commands were found");
    }
}
