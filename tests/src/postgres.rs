//! A private PostgreSQL cluster for each test process, reached through a socket in a folder of its own.
//!
//! A shell starts the cluster and waits for the end of a pipe that this process keeps open. When the pipe ends, also by a
//! kill, the shell stops the cluster and removes the folder.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The superuser of the cluster, which row-level security does not restrict.
pub const SUPERUSER: &str = "postgres";

/// The role of the server under test: a plain one, which owns its databases.
pub const ROLE: &str = "tandem";

/// The message of a test on a machine without PostgreSQL.
const MISSING: &str = "the tests of the store need PostgreSQL 15 or newer: install it (Debian: `apt-get install postgresql`) \
                       or put `initdb`, `pg_ctl` and `postgres` on the PATH";

/// Creates the cluster, prints its folder, waits for the end of its input, then stops it and removes the folder.
const HOLD: &str = r#"
set -e
trap '' INT
folder=$(mktemp -d /tmp/tandem-postgres-XXXXXX)
initdb -D "$folder/data" -U postgres --auth=trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1
pg_ctl -D "$folder/data" -l "$folder/log" -w start >/dev/null \
    -o "-k $folder -c listen_addresses= -c fsync=off -c max_connections=300 -c shared_buffers=32MB -c log_line_prefix='%m [%p] %d '"
echo "$folder"
cat >/dev/null || true
pg_ctl -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
rm -rf "$folder"
"#;

#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    /// The shell; its input is the pipe.
    _holder: Child,
}

impl Cluster {
    /// The cluster of this process, started by the first call.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start; the message contains the command that installs it.
    pub fn shared() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", HOLD]).env("PATH", search_path()).current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        let mut holder = command.spawn().expect(MISSING);
        let mut folder = String::new();
        let output = holder.stdout.take().expect("the output is a pipe");
        BufReader::new(output).read_line(&mut folder).expect("the shell writes text");
        assert!(!folder.is_empty(), "{MISSING}");
        Self { folder: folder.trim_end().into(), _holder: holder }
    }

    /// The address of a database, for a role.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.folder.display())
    }

    /// The log of the cluster so far. Each entry contains the name of its database.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.join("log")).expect("the log is beside the data");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A name for a database that no other test uses.
    #[must_use]
    pub fn fresh_name(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// `PATH`, with the places where Debian puts what only servers need.
fn search_path() -> String {
    let mut path = std::env::var("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    for folder in versions.iter().rev() {
        path = format!("{path}:{}", folder.display());
    }
    path
}

/// PostgreSQL refuses to run as root: then it runs as a user without rights, by number.
fn unprivileged() -> Option<(u32, u32)> {
    let is_root = std::os::unix::fs::MetadataExt::uid(&fs::metadata(Path::new("/proc/self")).ok()?) == 0;
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    if is_root { find("postgres").or_else(|| find("nobody")) } else { None }
}
