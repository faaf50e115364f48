//! The rules for plans, and the statements with exceptions.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tandem_tests::plans::QueryPlan;

/// Rows that a step may read: what one transaction of a sweep removes, with some that it passes over.
const READ: u64 = 1_000;

/// Rows that a step may sort: the longest page and one more, which shows whether there is a next page.
const SORTED: u64 = 201;

/// How a statement exceeds the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Beyond {
    /// Reads as many rows as its owner has, found by an index, and sorts them if need be.
    Owner,
    /// Goes through a table.
    Table,
}

/// Statements that may do more, by any part of their text. They end with a semicolon here.
const EXCEPTIONS: &[(Beyond, &[&str])] = &[
    // Everything of an account: the export, and the tasks that the assistant searches.
    (Beyond::Owner, &["from messages where user_id = $1 order by created_at", "order by position, number;"]),
    // `@@` is not leakproof: under row-level security no index serves it.
    (Beyond::Owner, &["words @@ "]),
    // A filter that few tasks pass reads on until the page is full. An index for each would cost every change of a task
    // more than it saves: ten thousand tasks are read in some hundredths of a second.
    (
        Beyond::Owner,
        &[
            "strpos(folded, ",
            "json_array_elements_text(labels)",
            "and priority = ",
            "and due_date ",
            "and case when due_time ",
            "and status = $2 and list = ",
        ],
    ),
    // The history of a task is asked for rarely, and the log has a limit. An index on the tasks of events would be written
    // by every change.
    (Beyond::Owner, &["and name like 'task.%'"]),
    // There are a few runs at the most, and the first one is enough.
    (Beyond::Table, &["select exists (select 1 from imports)"]),
    // How many tasks there are is read from an index alone.
    (Beyond::Owner, &["count(case when due_at", "count(*) as tasks"]),
    // The rows that a statement has removed are counted, and the beginning of a log goes: both are bounded, the one by the
    // statement, the other by its limit.
    (Beyond::Owner, &["from removed as r group by r.user_id", "order by seq limit $2) and at < $3"]),
    // The pushes of a user are bounded, and these are changed when there are many.
    (
        Beyond::Owner,
        &[
            "delete from pushes where user_id = $1 and next_at is null",
            "update pushes set next_at = $3 where user_id = $1",
        ],
    ),
    // One row, read at the start.
    (Beyond::Table, &["from push_keys"]),
    // How many tasks the users of a page have.
    (Beyond::Owner, &["from tasks as t where t.user_id = u.id"]),
    // There are some twenty codes at most.
    (Beyond::Table, &["setup_codes"]),
    // Ends at the first row.
    (Beyond::Table, &["as anybody"]),
    // Once an hour: which logs are long. An index on the length would be written by every change of every user.
    (Beyond::Table, &["from users as u where u.seq > $1"]),
];

/// The same statement, done in the same way.
pub(super) struct Way {
    pub(super) times: u64,
    pub(super) millis: f64,
    pub(super) read: u64,
    pub(super) cost: f64,
    breaches: BTreeSet<(&'static str, Option<Beyond>)>,
}

/// The observed statements, by text and steps.
#[derive(Default)]
pub(super) struct Ways(pub(super) BTreeMap<(String, String), Way>);

impl Ways {
    pub(super) fn of(plans: &[QueryPlan]) -> Self {
        let mut ways = Self::default();
        for plan in plans {
            let mut walk = Walk::default();
            walk.step(&plan.root);
            let key = (plan.statement.clone(), walk.steps.join(", "));
            let way = ways.0.entry(key).or_insert_with(|| Way {
                times: 0,
                millis: 0.0,
                read: 0,
                cost: 0.0,
                breaches: BTreeSet::new(),
            });
            way.times += 1;
            way.millis = way.millis.max(plan.millis);
            way.read = way.read.max(walk.read);
            way.cost = way.cost.max(plan.root["Total Cost"].as_f64().unwrap());
            way.breaches.extend(walk.breaches);
        }
        ways
    }

    /// Violations without an exception, and exceptions that no statement needs.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut unused: Vec<_> = EXCEPTIONS.iter().collect();
        let mut faults = Vec::new();
        for ((statement, steps), way) in &self.0 {
            let ended = format!("{statement};");
            for (what, beyond) in &way.breaches {
                let allows = |(allowed, parts): &&(Beyond, &[&str])| {
                    *beyond == Some(*allowed) && parts.iter().any(|part| ended.contains(part))
                };
                match EXCEPTIONS.iter().find(allows) {
                    Some(exception) => unused.retain(|other| *other != exception),
                    None => faults.push(format!("{what}: {statement}\n    {steps}\n    {way}")),
                }
            }
        }
        faults.extend(unused.iter().map(|(_, parts)| format!("an exception that nothing needs: {parts:?}")));
        faults
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { times, millis, read, cost, .. } = self;
        write!(f, "{times} times, at most {millis:.1} ms, {read} rows read, cost {cost:.0}")
    }
}

/// The steps of a plan.
#[derive(Default)]
struct Walk {
    steps: Vec<String>,
    read: u64,
    breaches: BTreeSet<(&'static str, Option<Beyond>)>,
}

impl Walk {
    fn step(&mut self, step: &Value) {
        let kind = step["Node Type"].as_str().expect("a step has a type");
        let text = |field: &str| step[field].as_str().unwrap_or_default();
        let scans = kind.ends_with("Scan") && !matches!(kind, "Subquery Scan" | "CTE Scan" | "Function Scan");
        let thing = if text("Index Name").is_empty() { text("Relation Name") } else { text("Index Name") };
        self.steps.push(format!("{kind} {thing}").trim_end().to_owned());
        if scans {
            let read =
                passed(step) + count(step, "Rows Removed by Filter") + count(step, "Rows Removed by Index Recheck");
            self.read += read;
            let condition = [text("Index Cond"), text("Recheck Cond")].concat();
            if kind == "Seq Scan" {
                // There is one epoch.
                if thing != "epoch" {
                    self.breaches.insert(("goes through a table", Some(Beyond::Table)));
                }
            } else if read > READ {
                self.breaches.insert(("reads much", condition.contains("user_id = ").then_some(Beyond::Owner)));
            }
        }
        let below = step["Plans"].as_array().map_or(&[][..], Vec::as_slice);
        if kind.ends_with("Sort") && below.iter().map(passed).sum::<u64>() > SORTED {
            self.breaches.insert(("sorts much", Some(Beyond::Owner)));
        }
        for step in below {
            self.step(step);
        }
    }
}

/// Rows that a step gave, in all its rounds.
fn passed(step: &Value) -> u64 {
    count(step, "Actual Rows")
}

fn count(step: &Value, field: &str) -> u64 {
    step[field].as_u64().unwrap_or(0) * step["Actual Loops"].as_u64().unwrap_or(1)
}
