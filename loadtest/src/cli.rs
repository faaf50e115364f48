//! The command line `tandem-loadtest SCENARIO --url …`.
//!
//! Exit status 0: all thresholds are met. 1: one is missed, or the run failed. 2: wrong usage.

use crate::{
    clock::Clock,
    measure::{
        Meter,
        exported::Exported,
        process::{Process, Usage, usage_of},
    },
    progress::Progress,
    provider::{Pace, StampingProvider},
    report::{
        Report,
        baseline::{Baseline, BaselineError},
        settings,
        table::Table,
    },
    scenario::{RunContext, Scenario, ScenarioError, Size},
    scenarios,
    virtual_user::{Node, Target},
};
use clap::{Parser, ValueEnum, builder::PossibleValuesParser};
use std::{
    io::{self, Write},
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{task::JoinHandle, time::interval};

/// Puts load on a Tandem server and checks that every device stays consistent with it.
#[derive(Debug, Parser)]
#[command(name = "tandem-loadtest", version, after_help = scenarios())]
pub struct Arguments {
    /// One of the scenarios listed below.
    #[arg(value_parser = PossibleValuesParser::new(scenarios::ALL.iter().map(|scenario| scenario.about().name)))]
    scenario: String,
    /// The address of the server without a path; repeated for further nodes, which devices use in turn.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: Vec<String>,
    /// Number of users; the scenario's own number when not given.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    users: Option<u32>,
    /// Number of devices of each user; the scenario's own number when not given.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    devices: Option<u32>,
    /// How long the users are active, such as 60s or 5m.
    #[arg(long, value_parser = duration)]
    duration: Option<Duration>,
    /// The folder for report.json and report.html.
    #[arg(long)]
    report: Option<PathBuf>,
    /// The report.json of an earlier run of the scenario: a figure that is worse by more than a quarter is a failure.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// The provider that writes the replies.
    #[arg(long, value_enum, default_value = "none")]
    provider: Provider,
    /// The address of the fake provider: the server needs `http://ADDRESS/v1` as `OPENAI_BASE_URL`.
    #[arg(long, default_value = "127.0.0.1:9911")]
    provider_listen: SocketAddr,
    /// Number of tokens in a reply of the fake provider; the scenario's own number when not given.
    #[arg(long)]
    tokens: Option<u32>,
    /// Interval between two tokens of the fake provider, such as 10ms.
    #[arg(long, value_parser = duration)]
    every: Option<Duration>,
    /// The process id of the server, to measure its processor time and memory; found by its port when not given.
    #[arg(long)]
    server_pid: Option<u32>,
    /// The address of the server's metrics, such as <http://127.0.0.1:9464/metrics>.
    #[arg(long, value_name = "URL")]
    metrics: Option<String>,
    /// Seed of the random choices; the time when not given.
    #[arg(long)]
    seed: Option<u64>,
}

/// The provider that writes the replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Provider {
    /// The provider that the server is configured with. Its tokens have no time stamps.
    None,
    /// A provider in this process that writes time stamps into the tokens.
    Fake,
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("{0} is no address such as http://127.0.0.1:8080")]
    Url(String),
    #[error("the fake provider cannot listen on {0}: {1}")]
    Provider(SocketAddr, io::Error),
    #[error("there is no process {0} that could be measured")]
    NoProcess(u32),
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error("{0}: {1}")]
    Baseline(PathBuf, BaselineError),
    #[error("the report cannot be written: {0}")]
    Report(#[from] io::Error),
}

/// Runs the scenario that the command line names, and prints its report.
pub async fn main() -> ExitCode {
    // Exits with status 2 on wrong usage.
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(report) => {
            let shown = write!(io::stdout(), "{}", Table(&report));
            if shown.is_ok() && report.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            // There is no other channel for an error when this one is closed.
            let _ = writeln!(io::stderr(), "error: {error}");
            if matches!(error, RunError::Url(_)) { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

async fn run(arguments: Arguments) -> Result<Report, RunError> {
    let clock = Clock::start();
    let started_at = clock.time_of_day();
    let scenario = scenarios::named(&arguments.scenario).unwrap_or(scenarios::ALL[0]);
    let name = scenario.about().name;
    // Read before the run, so that a wrong file is refused at once and not after minutes.
    let read = |path: &PathBuf| Baseline::read(path, name).map_err(|error| RunError::Baseline(path.clone(), error));
    let baseline = arguments.baseline.as_ref().map(read).transpose()?;
    let (run, folder) = prepare(arguments, scenario, clock).await?;
    let mut settings = settings(&run.target.url, run.size, run.seed);
    if let Some(provider) = &run.provider {
        let Pace { tokens, every } = provider.pace();
        settings.push(("replies", format!("{tokens} tokens, {every:?} apart")));
    }
    if let Some(process) = run.process {
        settings.push(("server's process", process.pid().to_string()));
    }
    if run.target.nodes().len() > 1 {
        settings.push(("nodes", run.target.nodes().len().to_string()));
    }
    let samples = Samples::take(run.processes(), clock);
    let progress = Progress::show(Arc::clone(&run.meter));
    let outcome = scenario.run(&run).await;
    drop(progress);
    let report = Report::of(name, &run.meter, outcome?, settings, started_at, samples.end());
    let report = if let Some(baseline) = &baseline { report.against(baseline) } else { report };
    if let Some(folder) = folder {
        report.write(&folder)?;
    }
    Ok(report)
}

async fn prepare(
    arguments: Arguments,
    scenario: &dyn Scenario,
    clock: Clock,
) -> Result<(RunContext, Option<PathBuf>), RunError> {
    let meter = Arc::new(Meter::new(clock));
    let own = scenario.about().size;
    let many = |given: Option<u32>, own| given.map_or(own, |given| usize::try_from(given).unwrap_or(usize::MAX));
    let size = Size {
        users: many(arguments.users, own.users),
        devices: many(arguments.devices, own.devices),
        duration: arguments.duration.unwrap_or(own.duration),
    };
    let mut nodes = arguments.url.iter().map(|url| node_of(url)).collect::<Result<Vec<_>, _>>()?;
    // There is at least one: `--url` has a default.
    let first = nodes.remove(0);
    // Only a process of this machine can be measured.
    let local_process =
        |node: &Node| if node.address.ip().is_loopback() { Process::listening_on(node.address) } else { None };
    let provider = match arguments.provider {
        Provider::None => None,
        Provider::Fake => {
            let own = scenario.pace();
            let tokens = arguments.tokens.unwrap_or(own.tokens);
            let pace = Pace { tokens, every: arguments.every.unwrap_or(own.every) };
            let started = StampingProvider::start(arguments.provider_listen, pace, clock).await;
            Some(started.map_err(|error| RunError::Provider(arguments.provider_listen, error))?)
        }
    };
    let process = match arguments.server_pid {
        Some(pid) => Some(Process::of_pid(pid).ok_or(RunError::NoProcess(pid))?),
        None => local_process(&first),
    };
    let peers = nodes.iter().filter_map(local_process).collect();
    // Part of the settings in the report, so that the run can be repeated.
    let seed = arguments.seed.unwrap_or_else(|| clock.time_of_day().as_millis().unsigned_abs());
    let target = Target::of_nodes(first, nodes, Arc::clone(&meter));
    let exported = arguments.metrics.map(Exported::at);
    Ok((RunContext { size, target, meter, provider, process, peers, exported, seed }, arguments.report))
}

/// A node by its URL, of which the slash at the end is removed and the port is added.
fn node_of(url: &str) -> Result<Node, RunError> {
    let wrong = || RunError::Url(url.to_owned());
    let host = url.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
    let host = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let address = host.to_socket_addrs().ok().and_then(|mut found| found.next()).ok_or_else(wrong)?;
    Ok(Node { url: format!("http://{host}"), address })
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed =
        text.parse::<jiff::SignedDuration>().map_err(|_| "expected a time such as 10ms, 60s or 5m".to_owned())?;
    Duration::try_from(parsed).map_err(|_| "a time cannot be negative".to_owned())
}

fn scenarios() -> String {
    let each =
        scenarios::ALL.iter().map(|scenario| format!("  {:<14} {}", scenario.about().name, scenario.about().summary));
    format!("Scenarios:\n{}", each.collect::<Vec<_>>().join("\n"))
}

/// Samples the processor time and memory of the server once a second.
struct Samples {
    taken: Arc<Mutex<Vec<Usage>>>,
    task: Option<JoinHandle<()>>,
}

impl Samples {
    fn take(nodes: Vec<Process>, clock: Clock) -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let task = (!nodes.is_empty()).then(|| {
            let taken = Arc::clone(&taken);
            tokio::spawn(async move {
                let mut seconds = interval(Duration::from_secs(1));
                loop {
                    seconds.tick().await;
                    // The processes have ended.
                    let Some(usage) = usage_of(&nodes, clock.elapsed().as_secs_f64()) else { return };
                    taken.lock().unwrap_or_else(PoisonError::into_inner).push(usage);
                }
            })
        });
        Self { taken, task }
    }

    fn end(self) -> Vec<Usage> {
        if let Some(task) = self.task {
            task.abort();
        }
        std::mem::take(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_command_line_is_accepted() {
        let line = "tandem-loadtest fifty-users --url http://127.0.0.1:1 --users 5 --devices 3 --duration 60s --report out \
                    --provider fake --provider-listen 127.0.0.1:2 --tokens 200 --every 10ms --server-pid 7 \
                    --metrics http://127.0.0.1:3/metrics";
        let arguments = Arguments::try_parse_from(line.split_whitespace()).unwrap();
        assert_eq!((arguments.users, arguments.duration), (Some(5), Some(Duration::from_mins(1))));
        assert_eq!((arguments.every, arguments.provider), (Some(Duration::from_millis(10)), Provider::Fake));
    }

    #[test]
    fn url_may_be_repeated_for_further_nodes() {
        let line = "tandem-loadtest bad-neighbour --url http://127.0.0.1:1 --url http://127.0.0.1:2";
        let arguments = Arguments::try_parse_from(line.split_whitespace()).unwrap();
        assert_eq!(arguments.url, ["http://127.0.0.1:1", "http://127.0.0.1:2"]);
    }

    #[test]
    fn wrong_usage_has_status_2() {
        for line in [
            "tandem-loadtest",
            "tandem-loadtest dance",
            "tandem-loadtest fifty-users --users 0",
            "tandem-loadtest fifty-users --duration soon",
        ] {
            let refused = Arguments::try_parse_from(line.split_whitespace()).unwrap_err();
            assert_eq!(refused.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn an_address_may_lack_its_port_or_end_with_a_slash() {
        assert_eq!(node_of("http://127.0.0.1:8080/").unwrap().url, "http://127.0.0.1:8080");
        assert_eq!(node_of("http://127.0.0.1").unwrap().address, "127.0.0.1:80".parse().unwrap());
        for url in ["127.0.0.1:8080", "https://127.0.0.1", "http://", "http://no such host"] {
            assert!(matches!(node_of(url), Err(RunError::Url(_))), "{url}");
        }
    }
}
