//! The plans of the statements that PostgreSQL executed for a server, read from the log of the cluster.

use crate::{
    database::{DatabaseLocation, administrator},
    postgres::{Cluster, ROLE},
};
use serde_json::Value;
use sqlx::AssertSqlSafe;

/// Settings of a session that log each plan with the actual rows of its steps, including the statements of foreign keys. Only
/// the role of the servers has them.
const EXPLAINED: [(&str, &str); 5] = [
    ("session_preload_libraries", "auto_explain"),
    ("auto_explain.log_min_duration", "0"),
    ("auto_explain.log_format", "json"),
    ("auto_explain.log_analyze", "on"),
    ("auto_explain.log_nested_statements", "on"),
];

#[derive(Debug)]
pub struct QueryPlan {
    pub statement: String,
    /// Its duration in milliseconds.
    pub millis: f64,
    /// The root of its plan, in the JSON format of PostgreSQL.
    pub root: Value,
}

impl DatabaseLocation {
    /// Logs the plans of all new sessions of servers on this database.
    pub async fn explain(&self) {
        for (name, value) in EXPLAINED {
            self.alter_role(&format!("set {name} = '{value}'")).await;
        }
    }

    /// Stops logging for new sessions.
    pub async fn stop_explaining(&self) {
        self.alter_role("reset all").await;
    }

    async fn alter_role(&self, change: &str) {
        let statement = AssertSqlSafe(format!("alter role {ROLE} in database {} {change}", self.name()));
        sqlx::query(statement).execute(&mut administrator(self.name()).await).await.expect("a superuser may do this");
    }

    /// All plans so far, in the order in which the statements ended. A statement ends when the next one of its session begins, or
    /// the session ends.
    #[must_use]
    pub fn plans(&self) -> Vec<QueryPlan> {
        let marker = format!(" {} LOG:  duration: ", self.name());
        let log = Cluster::shared().log();
        let mut lines = log.lines().peekable();
        let mut plans = Vec::new();
        while let Some(line) = lines.next() {
            let Some((millis, "plan:")) = line.split_once(&marker).and_then(|(_, rest)| rest.split_once(" ms  "))
            else {
                continue;
            };
            // What continues an entry is indented.
            let mut text = String::new();
            while let Some(more) = lines.next_if(|line| line.starts_with('\t')) {
                text.push_str(more);
            }
            let mut plan: Value = serde_json::from_str(&text).expect("the plan is JSON");
            plans.push(QueryPlan {
                statement: words(plan["Query Text"].as_str().expect("a plan has a text")),
                millis: millis.parse().expect("a time is a number"),
                root: plan["Plan"].take(),
            });
        }
        plans
    }

    fn name(&self) -> &str {
        let Self::Postgres { name } = self else { panic!("a file has no plans to show") };
        name
    }
}

/// The statement on one line.
fn words(statement: &str) -> String {
    statement.split_whitespace().collect::<Vec<_>>().join(" ")
}
