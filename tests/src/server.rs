//! The server under test: the real binary as a process, with a folder and ports of its own.
//!
//! It can be killed, frozen, drained and started again on the same data. It ends with its test, however the test ends, and a
//! failing test prints the end of its log. A server that tests share outlives them; what it logged of a request that
//! failed is in the message of the test ([`logged`]).

use crate::{
    eventually::{self, eventually},
    fresh, plain,
    process_guard::GuardedProcess,
    provider::ScriptedProvider,
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

/// Time limit for a start, with a cold disk and a busy machine.
const START: Duration = Duration::from_secs(40);

/// Time limit for the end after SIGTERM; running replies have up to 30 s.
const END: Duration = Duration::from_secs(45);

/// Environment variables that the server inherits. All others would make tests depend on the machine.
const INHERITED: [&str; 4] = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"];

/// Lines of the log that a failing test prints.
const LOG_TAIL: usize = 40;

/// The logs of all servers that were started.
static LOGS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The lines about a request in the logs of all servers that run.
pub(crate) fn logged(request_id: &str) -> String {
    let logs = LOGS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let texts = logs.iter().filter_map(|log| fs::read_to_string(log).ok());
    texts
        .flat_map(|text| {
            text.lines().filter(|line| line.contains(request_id)).map(|line| format!("\n{line}")).collect::<Vec<_>>()
        })
        .collect()
}

/// A server process and its data.
#[derive(Debug)]
pub struct TestServer {
    listen: SocketAddr,
    admin: SocketAddr,
    settings: BTreeMap<String, String>,
    process: Mutex<Option<GuardedProcess>>,
    // Last, because fields are dropped in this order, and the process has to end before its folder is removed.
    folder: TempDir,
}

/// The settings of a server that is not started yet.
#[derive(Debug, Default)]
pub struct Setup {
    settings: BTreeMap<String, String>,
}

impl Setup {
    /// Sets an environment variable of the server.
    #[must_use]
    pub fn env(mut self, variable: &str, value: impl Into<String>) -> Self {
        self.settings.insert(variable.to_owned(), value.into());
        self
    }

    /// Disables the rate limits, for tests that send more than a user may.
    #[must_use]
    pub fn without_rate_limits(self) -> Self {
        self.env("TANDEM_RATE_LIMIT", "off")
    }

    /// Uses `provider` as OpenAI, before the built-in assistant.
    #[must_use]
    pub fn openai(self, provider: &ScriptedProvider) -> Self {
        self.env("OPENAI_API_KEY", "sk-test").env("OPENAI_BASE_URL", provider.base_url()).env("OPENAI_MODEL", "fake-1")
    }

    /// Makes the server one that others reach, behind a proxy on this machine.
    #[must_use]
    pub fn public(self) -> Self {
        self.env("TANDEM_PUBLIC_URL", "https://tandem.example")
    }

    /// Uses another database than a file in the folder of the server.
    #[must_use]
    pub fn database(self, url: impl Into<String>) -> Self {
        self.env("TANDEM_DATABASE_URL", url)
    }

    /// Starts the server and waits until it is ready.
    pub async fn start(self) -> TestServer {
        let server = TestServer {
            listen: free_address(),
            admin: free_address(),
            settings: self.settings,
            process: Mutex::new(None),
            folder: fresh::folder(),
        };
        LOGS.lock().unwrap_or_else(PoisonError::into_inner).push(server.log_path());
        server.start().await;
        server
    }
}

impl TestServer {
    /// A server with the default settings.
    pub async fn new() -> Self {
        Self::setup().start().await
    }

    /// A server with other settings.
    #[must_use]
    pub fn setup() -> Setup {
        Setup::default()
    }

    /// The URL of a path: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// The URL of a path of the admin listener.
    #[must_use]
    pub fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything that the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(self.log_path()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Starts the server on its data and waits until it is ready.
    pub async fn start(&self) {
        self.launch();
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

    /// Starts the server and waits only until it listens, which is before it opens its database.
    pub async fn start_to_listen(&self) {
        self.launch();
        let listens = async || tokio::net::TcpStream::connect(self.listen).await.ok();
        eventually::within(START, "the server to listen", listens).await;
    }

    fn launch(&self) {
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).expect("the log can be written");
        let process = self.spawn(&log);
        *self.process() = Some(process);
    }

    /// Kills the process, as `kill -9` and a power failure do.
    pub fn kill(&self) {
        if let Some(process) = self.process().take() {
            process.kill();
        }
    }

    /// Sends SIGTERM and waits for the end.
    pub async fn terminate(&self) -> ExitStatus {
        self.send_sigterm();
        self.ended().await
    }

    /// Sends SIGTERM without waiting.
    pub fn send_sigterm(&self) {
        self.signal("TERM");
    }

    /// Waits for the end after SIGTERM.
    pub async fn ended(&self) -> ExitStatus {
        let status = eventually::within(END, "the server to end after SIGTERM", async || self.exited()).await;
        self.process().take();
        status
    }

    /// Stops all threads (SIGSTOP) until [`TestServer::thaw`].
    pub async fn freeze(&self) {
        let id = self.signal("STOP");
        eventually("the server to be frozen", async || {
            let shown = Command::new("ps").args(["-o", "stat=", "-p", &id]).output().expect("the tests need `ps`");
            shown.stdout.starts_with(b"T").then_some(())
        })
        .await;
    }

    /// Continues a frozen server (SIGCONT).
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Resident memory of the process in bytes.
    ///
    /// # Panics
    /// When the server does not run, or this is not Linux.
    #[must_use]
    pub fn resident_memory(&self) -> u64 {
        let id = self.process().as_ref().map(|process| process.child.id()).expect("the server runs");
        let status = fs::read_to_string(format!("/proc/{id}/status")).expect("Linux shows its processes");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has memory");
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kilobytes");
        kilobytes * 1024
    }

    /// Sends a signal and returns the process id.
    fn signal(&self, signal: &str) -> String {
        let id = self.process().as_ref().map(|process| process.child.id()).expect("the server runs").to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().expect("the tests need `kill`");
        assert!(sent.success(), "the server was gone before it got its signal:\n{}", self.log_tail());
        id
    }

    /// Kills the server and starts it again on the same data and address.
    pub async fn kill_and_restart(&self) {
        self.kill();
        self.start().await;
    }

    /// Runs a command of the binary with the settings of the server, to its end.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> CommandResult {
        let output = self.prepare().args(arguments).output().expect("the binary starts");
        CommandResult { line: arguments.join(" "), output }
    }

    /// The binary with its working folder and environment.
    fn prepare(&self) -> Command {
        let mut command = Command::new(binary());
        command.env_clear().current_dir(self.folder.path());
        command.envs(INHERITED.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command
            .env("TANDEM_LISTEN", self.listen.to_string())
            .env("TANDEM_ADMIN_LISTEN", self.admin.to_string())
            .env("TANDEM_DATA_DIR", self.folder.path().join("data"))
            // Each test user sends an address of its own in `X-Forwarded-For`, so that rate limits do not add up.
            .env("TANDEM_TRUSTED_PROXIES", "127.0.0.1")
            .env("RUST_BACKTRACE", "1")
            .envs(&self.settings);
        command
    }

    fn spawn(&self, log: &File) -> GuardedProcess {
        let mut command = self.prepare();
        let output = || log.try_clone().expect("a file can be shared");
        command.stdout(output()).stderr(output());
        GuardedProcess::start(&mut command, self.folder.path())
            .unwrap_or_else(|error| panic!("{} does not start: {error}", binary().display()))
    }

    fn exited(&self) -> Option<ExitStatus> {
        let mut process = self.process();
        process.as_mut()?.child.try_wait().expect("the status of a child can be read")
    }

    fn process(&self) -> MutexGuard<'_, Option<GuardedProcess>> {
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

/// The result of a command.
#[derive(Debug)]
pub struct CommandResult {
    line: String,
    output: Output,
}

impl CommandResult {
    /// Its standard output.
    ///
    /// # Panics
    /// When the command failed.
    pub fn expect_success(self) -> String {
        assert!(self.output.status.success(), "`tandem {}` failed: {:?}", self.line, self.output);
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Its standard output.
    ///
    /// # Panics
    /// When the exit status is not 1.
    #[must_use]
    pub fn output_of_failure(self) -> String {
        assert_eq!(self.output.status.code(), Some(1), "`tandem {}`: {:?}", self.line, self.output);
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Its standard output, and whether the exit status is 0.
    #[must_use]
    pub fn outcome(self) -> (String, bool) {
        (String::from_utf8_lossy(&self.output.stdout).into_owned(), self.output.status.success())
    }

    /// Checks that the exit status is 1 and the error output contains `words`.
    ///
    /// # Panics
    /// Otherwise.
    pub fn expect_failure(self, words: &str) {
        self.expect_status(1, words);
    }

    /// Checks that the command line was not understood: that the exit status is 2 and the error output contains `words`.
    ///
    /// # Panics
    /// Otherwise.
    pub fn expect_misuse(self, words: &str) {
        self.expect_status(2, words);
    }

    fn expect_status(self, status: i32, words: &str) {
        let error = String::from_utf8_lossy(&self.output.stderr);
        assert!(
            self.output.status.code() == Some(status) && error.contains(words),
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
            eprintln!("--- end of the server's log ---\n{}", self.log_tail());
        } else {
            assert!(!self.log().contains("panicked at"), "the server panicked:\n{}", self.log_tail());
        }
    }
}

/// The binary beside the tests, or the one in `TANDEM_BIN`.
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
    // Cargo does not rebuild programs that tests only start: without this check a test could run an old server.
    if let Some(newer) = newer_source(&built) {
        panic!("{} has changed since the server was built: run `cargo xtask test`, or build it first", newer.display());
    }
    built
}

/// A source file that is newer than the binary, by the dependency file that cargo writes beside it.
fn newer_source(built: &Path) -> Option<PathBuf> {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let (built_at, noted) = (changed(built)?, fs::read_to_string(built.with_extension("d")).ok()?);
    let sources = noted.split_once(": ")?.1.replace("\\ ", "\0");
    let mut sources = sources.split_whitespace().map(|source| PathBuf::from(source.replace('\0', " ")));
    sources.find(|source| {
        source.extension().is_some_and(|kind| kind == "rs") && changed(source).is_some_and(|at| at > built_at)
    })
}

/// A loopback address whose port was free a moment ago.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("there are free ports")
}
