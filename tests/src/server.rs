//! The server under test: the real binary as a process, with a folder and ports of its own.

use crate::{
    eventually::{self, eventually},
    fresh, plain,
    process_guard::Held,
    provider::FakeProvider,
};
use std::{
    collections::BTreeMap,
    env,
    fs::{self, File, OpenOptions},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Output},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tempfile::TempDir;

/// How long a server may take to answer `/readyz`, with a cold disk and a busy machine.
const START: Duration = Duration::from_secs(40);

/// How long a server may take to end when it is asked to: replies that run get their time first.
const END: Duration = Duration::from_secs(45);

/// Variables of the machine that a server may see. Everything else would make tests depend on who runs them.
const INHERITED: [&str; 4] = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"];

/// Lines of the log that a failing test shows.
const LOG_TAIL: usize = 40;

/// A server that can be killed, ended and started again on the same data. It ends with its test.
#[derive(Debug)]
pub struct TestServer {
    listen: SocketAddr,
    admin: SocketAddr,
    settings: BTreeMap<String, String>,
    process: Mutex<Option<Held>>,
    // Last, because fields are dropped in this order: the process goes before its folder.
    folder: TempDir,
}

/// A server that is about to be started.
#[derive(Debug, Default)]
pub struct Setup {
    settings: BTreeMap<String, String>,
}

impl Setup {
    /// Sets a variable of the configuration.
    #[must_use]
    pub fn env(mut self, variable: &str, value: impl Into<String>) -> Self {
        self.settings.insert(variable.to_owned(), value.into());
        self
    }

    /// Has `provider` answer as OpenAI, and the built-in assistant when it does not.
    #[must_use]
    pub fn openai(self, provider: &FakeProvider) -> Self {
        self.env("OPENAI_API_KEY", "sk-test").env("OPENAI_BASE_URL", provider.base_url()).env("OPENAI_MODEL", "fake-1")
    }

    /// Keeps the data in another database than a file in the server's folder.
    #[must_use]
    pub fn database(self, url: impl Into<String>) -> Self {
        self.env("TANDEM_DATABASE_URL", url)
    }

    /// Starts it and waits until it answers.
    pub async fn start(self) -> TestServer {
        let server = TestServer {
            listen: free_address(),
            admin: free_address(),
            settings: self.settings,
            process: Mutex::new(None),
            folder: fresh::folder(),
        };
        server.start().await;
        server
    }
}

impl TestServer {
    /// A server with the settings that a newcomer has.
    pub async fn new() -> Self {
        Self::setup().start().await
    }

    /// A server with settings of one's own.
    #[must_use]
    pub fn setup() -> Setup {
        Setup::default()
    }

    /// The address of a page: `http://127.0.0.1:…` and the path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// The address of a page of the admin listener.
    #[must_use]
    pub fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    /// The folder that it works in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything that it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(self.log_path()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Starts it, on the data that is there, and waits until it answers.
    pub async fn start(&self) {
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).expect("the log can be written");
        let process = self.spawn(&log);
        *self.process() = Some(process);
        let ready = self.url("/readyz");
        let client = plain::client();
        eventually::within(START, format_args!("the server to answer {ready}"), async || {
            if let Some(status) = self.exited() {
                panic!("the server ended at its start with {status}:\n{}", self.log_tail());
            }
            client.get(&ready).send().await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
    }

    /// Cuts it off in the middle of whatever it does, as `kill -9` and a power failure do.
    pub fn kill(&self) {
        if let Some(process) = self.process().take() {
            process.kill();
        }
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    pub async fn terminate(&self) -> ExitStatus {
        self.ask_to_end();
        self.ended().await
    }

    /// Asks it to end (SIGTERM).
    pub fn ask_to_end(&self) {
        self.signal("TERM");
    }

    /// Waits until it has ended after it was asked to.
    pub async fn ended(&self) -> ExitStatus {
        let status = eventually::within(END, "the server to end after SIGTERM", async || self.exited()).await;
        self.process().take();
        status
    }

    /// Stops it in the middle of whatever it does (SIGSTOP), so that nothing of it moves until [`TestServer::thaw`].
    pub async fn freeze(&self) {
        let id = self.signal("STOP");
        eventually("the server to stand still", async || {
            let shown = Command::new("ps").args(["-o", "stat=", "-p", &id]).output().expect("the tests need `ps`");
            shown.stdout.starts_with(b"T").then_some(())
        })
        .await;
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Bytes of memory that its process has, by `/proc`.
    ///
    /// # Panics
    /// When it does not run, or this is not Linux.
    #[must_use]
    pub fn resident_memory(&self) -> u64 {
        let id = self.process().as_ref().map(|process| process.child.id()).expect("the server runs");
        let status = fs::read_to_string(format!("/proc/{id}/status")).expect("Linux shows its processes");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has memory");
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kilobytes");
        kilobytes * 1024
    }

    /// Sends a signal, and gives the number of the process.
    fn signal(&self, signal: &str) -> String {
        let id = self.process().as_ref().map(|process| process.child.id()).expect("the server runs").to_string();
        let told = Command::new("kill").args([&format!("-{signal}"), &id]).status().expect("the tests need `kill`");
        assert!(told.success(), "the server was gone before it got its signal:\n{}", self.log_tail());
        id
    }

    /// Kills it and starts it again on the same data, at the same address.
    pub async fn kill_and_restart(&self) {
        self.kill();
        self.start().await;
    }

    /// Runs a command of the operator with the server's settings, to its end.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Commanded {
        let output = self.prepare().args(arguments).output().expect("the binary starts");
        Commanded { line: arguments.join(" "), output }
    }

    /// The binary, in the server's folder and with its settings.
    fn prepare(&self) -> Command {
        let mut command = Command::new(binary());
        command.env_clear().current_dir(self.folder.path());
        command.envs(INHERITED.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command
            .env("TANDEM_LISTEN", self.listen.to_string())
            .env("TANDEM_ADMIN_LISTEN", self.admin.to_string())
            .env("TANDEM_DATA_DIR", self.folder.path().join("data"))
            // Every user of the tests has an address, which is told as a proxy tells it.
            .env("TANDEM_TRUSTED_PROXIES", "127.0.0.1")
            .env("RUST_BACKTRACE", "1")
            .envs(&self.settings);
        command
    }

    fn spawn(&self, log: &File) -> Held {
        let mut command = self.prepare();
        let output = || log.try_clone().expect("a file can be shared");
        command.stdout(output()).stderr(output());
        Held::start(&mut command, self.folder.path())
            .unwrap_or_else(|error| panic!("{} does not start: {error}", binary().display()))
    }

    fn exited(&self) -> Option<ExitStatus> {
        let mut process = self.process();
        process.as_mut()?.child.try_wait().expect("a child can be asked")
    }

    fn process(&self) -> MutexGuard<'_, Option<Held>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL)..].join("\n")
    }
}

/// A command of the operator that has ended.
#[derive(Debug)]
pub struct Commanded {
    line: String,
    output: Output,
}

impl Commanded {
    /// What it wrote, if it did what it was told.
    ///
    /// # Panics
    /// When it failed.
    pub fn expect_success(self) -> String {
        assert!(self.output.status.success(), "`tandem {}` failed: {:?}", self.line, self.output);
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// What it wrote before it failed with exit status 1.
    ///
    /// # Panics
    /// When it did not fail so.
    #[must_use]
    pub fn output_of_failure(self) -> String {
        assert_eq!(self.output.status.code(), Some(1), "`tandem {}`: {:?}", self.line, self.output);
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Checks that it failed with exit status 1 and said `words` about it.
    ///
    /// # Panics
    /// When it did not.
    pub fn expect_failure(self, words: &str) {
        let said = String::from_utf8_lossy(&self.output.stderr);
        assert!(
            self.output.status.code() == Some(1) && said.contains(words),
            "`tandem {}`: {:?}",
            self.line,
            self.output
        );
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- the server's last words ---\n{}", self.log_tail());
        } else {
            assert!(!self.log().contains("panicked at"), "the server panicked:\n{}", self.log_tail());
        }
    }
}

/// The binary that was built beside the tests, or the one that `TANDEM_BIN` names.
fn binary() -> PathBuf {
    if let Some(named) = env::var_os("TANDEM_BIN") {
        return named.into();
    }
    // Tests are at `<target>/<profile>/deps/`, wherever the target folder is.
    let test = env::current_exe().expect("a test knows where it is");
    let built = test.ancestors().nth(2).expect("tests lie in `deps`").join("tandem");
    assert!(
        built.exists(),
        "the server is not built: run `cargo xtask test`, or `cargo build -p tandem-server` first ({} is missing)",
        built.display()
    );
    if let Some(newer) = newer_source(&built) {
        panic!("{} has changed since the server was built: run `cargo xtask test`, or build it first", newer.display());
    }
    built
}

/// A source of a binary that is newer than it: Cargo does not build what tests start as programs. The sources stand
/// beside the binary, as Cargo noted them.
fn newer_source(built: &Path) -> Option<PathBuf> {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let (built_at, noted) = (changed(built)?, fs::read_to_string(built.with_extension("d")).ok()?);
    let sources = noted.split_once(": ")?.1.replace("\\ ", "\0");
    let mut sources = sources.split_whitespace().map(|source| PathBuf::from(source.replace('\0', " ")));
    sources.find(|source| {
        source.extension().is_some_and(|kind| kind == "rs") && changed(source).is_some_and(|at| at > built_at)
    })
}

/// An address that nobody listens at. Asked from the system, which hands out another one each time.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("there are free ports")
}
