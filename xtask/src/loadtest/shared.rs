//! A private PostgreSQL and a private NATS for several nodes.
//!
//! A shell starts both and reads from a pipe that this process keeps open. The pipe also ends when this process is
//! killed; the shell then stops both and removes their folder.
//!
//! Neither process nor folder outlives this process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

use super::settings::Settings;
use crate::process;

/// The error on a machine that lacks either of them.
const MISSING: &str = "several nodes need PostgreSQL 15 or newer and NATS: install them (Debian: `apt-get install postgresql \
                       nats-server`) or put `initdb`, `pg_ctl`, `psql` and `nats-server` on the PATH";

/// The key with which all nodes sign access tokens.
const KEY: &str = "load:a-key-that-all-nodes-of-a-load-test-share";

/// Starts both, prints the folder of the PostgreSQL socket, waits for the end of its input, then stops both and removes
/// the folder. As root it becomes the user `postgres`, because PostgreSQL refuses to run as root.
const SCRIPT: &str = r#"
set -e
trap '' INT
if [ "$(id -u)" = 0 ]; then exec su -s /bin/sh postgres -c "$0" -- "$0" "$1"; fi
PATH="$PATH:/usr/local/bin:/usr/sbin:/usr/local/sbin"
for bin in /usr/lib/postgresql/*/bin; do PATH="$PATH:$bin"; done
cd /
folder=$(mktemp -d /tmp/tandem-load-XXXXXX)
nats-server --addr "${1%:*}" --port "${1#*:}" >"$folder/nats.log" 2>&1 &
nats=$!
trap 'kill "$nats" 2>/dev/null; pg_ctl -D "$folder/data" -m immediate stop >/dev/null 2>&1; rm -rf "$folder"' EXIT
initdb -D "$folder/data" -U postgres --auth=trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1
pg_ctl -D "$folder/data" -l "$folder/log" -w start >/dev/null \
    -o "-k $folder -c listen_addresses= -c max_connections=300 -c shared_buffers=128MB"
psql -q -h "$folder" -U postgres -c 'create role tandem login' -c 'create database tandem owner tandem' >/dev/null
kill -0 "$nats"
echo "$folder"
cat >/dev/null || true
"#;

/// The running services. They end when this is dropped.
pub(crate) struct SharedServices {
    nats: SocketAddr,
    folder: String,
    /// The shell; its input is the pipe.
    shell: Child,
}

impl SharedServices {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let nats = super::free_address()?;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, SCRIPT, &nats.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        process::in_own_group(&mut command);
        let mut shell = command.spawn().context("cannot start a shell")?;
        let output = shell.stdout.take().context("the shell has no output")?;
        let mut folder = String::new();
        BufReader::new(output).read_line(&mut folder).context("cannot read the output of the shell")?;
        if folder.is_empty() {
            bail!(MISSING);
        }
        Ok(Self { nats, folder: folder.trim_end().to_owned(), shell })
    }

    /// The settings that every node needs.
    pub(crate) fn settings(&self) -> Settings {
        vec![
            ("TANDEM_DATABASE_URL", format!("postgres://tandem@localhost/tandem?host={}", self.folder)),
            ("TANDEM_NATS_URL", format!("nats://{}", self.nats)),
            ("TANDEM_JWT_SECRETS", KEY.to_owned()),
        ]
    }
}

impl Drop for SharedServices {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // The pipe has ended, so the shell will too. Waiting fails only when it has been waited for.
        let _ = self.shell.wait();
    }
}
