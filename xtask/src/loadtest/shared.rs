//! What several nodes share: a private PostgreSQL and a private NATS.
//!
//! A shell holds both and reads from a pipe that this process keeps open. When the pipe ends, however this process ends,
//! the shell stops both and removes their folder.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

use super::settings::Settings;
use crate::process;

/// What it stops with on a machine without either.
const MISSING: &str = "several nodes need PostgreSQL 15 or newer and NATS: install them (Debian: `apt-get install postgresql \
                       nats-server`) or put `initdb`, `pg_ctl`, `psql` and `nats-server` on the PATH";

/// The key that all nodes sign with.
const KEY: &str = "load:a-key-that-all-nodes-of-a-load-test-share";

/// Starts both, says where PostgreSQL is, waits for the end of its input, and takes everything away. As root it goes on as
/// `postgres`: PostgreSQL refuses to run as root.
const HOLD: &str = r#"
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

/// Both, running. They end with the value.
pub(crate) struct Shared {
    nats: SocketAddr,
    folder: String,
    /// Its input is the pipe whose end stops both.
    holder: Child,
}

impl Shared {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let nats = super::free_address()?;
        let mut command = Command::new("sh");
        command.args(["-c", HOLD, HOLD, &nats.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        process::apart(&mut command);
        let mut holder = command.spawn().context("cannot start a shell")?;
        let output = holder.stdout.take().context("the shell has no output")?;
        let mut folder = String::new();
        BufReader::new(output).read_line(&mut folder).context("cannot read what the shell says")?;
        if folder.is_empty() {
            bail!(MISSING);
        }
        Ok(Self { nats, folder: folder.trim_end().to_owned(), holder })
    }

    /// What every node is to be given.
    pub(crate) fn settings(&self) -> Settings {
        vec![
            ("TANDEM_DATABASE_URL", format!("postgres://tandem@localhost/tandem?host={}", self.folder)),
            ("TANDEM_NATS_URL", format!("nats://{}", self.nats)),
            ("TANDEM_JWT_SECRETS", KEY.to_owned()),
        ]
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        // It ends by itself now; waiting fails only when it is gone.
        let _ = self.holder.wait();
    }
}
