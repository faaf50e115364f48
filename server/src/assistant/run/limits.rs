//! The limits of a run, and what they mean for the calls of an answer: which are run, which wait for the user, which are
//! left out.

use super::{Step, assembly::Call};
use crate::assistant::tools::{self, Effect};
use serde_json::Value;
use std::{collections::HashMap, time::Duration};
use tandem_protocol::{model::Part, vocab::ToolState};

/// Answers of providers in a run.
pub(super) const MAX_TURNS: usize = 10;
/// Tool calls of an answer.
const MAX_CALLS: usize = 16;
/// The same call with the same arguments ends the run when it comes for this time.
const SAME_CALLS: usize = 3;
/// Changes that a run may make without asking.
const FREE_WRITES: usize = 10;
/// Deletions that a run may make without asking.
const FREE_DELETES: usize = 1;
/// Work of a run, without waits for the user.
pub(super) const RUN: Duration = Duration::from_mins(1);
/// An answer.
pub(super) const STEP: Duration = Duration::from_mins(2);
/// From the request to the first token.
pub(super) const FIRST_TOKEN: Duration = Duration::from_secs(20);
/// From one token to the next.
pub(super) const BETWEEN_TOKENS: Duration = Duration::from_secs(30);
/// A reply of which so many characters were shown does not start over.
pub(super) const RESTART_CHARS: usize = 400;
/// Times that a provider is asked again before its first token.
pub(super) const MAX_RETRIES: u32 = 2;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Is run.
    Run,
    /// Waits for the user.
    Ask,
    /// Its arguments cannot be read: the model is told.
    Refuse,
}

/// What becomes of an answer's calls.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    /// Those that stay, in order.
    pub(super) calls: Vec<(Call, Verdict)>,
    /// Whether a limit was reached: the run ends after these.
    pub(super) last: bool,
}

/// What a run has done so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    writes: usize,
    deletes: usize,
    unreadable: bool,
    made: HashMap<(String, String), usize>,
}

impl Tally {
    /// Counts the calls of earlier answers.
    pub(super) fn of(steps: &[Step], parts: &[Part]) -> Self {
        let mut tally = Self::default();
        for made in steps.iter().flat_map(|step| &step.calls) {
            let Some(call) = parts.get(made.part).and_then(Part::as_tool_call) else { continue };
            *tally.made.entry(key(&call.name, &call.arguments)).or_default() += 1;
            tally.unreadable |= !call.arguments.is_object();
            if !matches!(call.state, ToolState::Failed | ToolState::Denied) {
                tally.writes += tools::writes(&call.name, &call.arguments);
                tally.deletes += usize::from(deletes(&call.name));
            }
        }
        tally
    }

    /// Judges the calls of an answer.
    pub(super) fn judge(mut self, calls: Vec<Call>) -> Plan {
        let mut plan = Plan { calls: Vec::new(), last: calls.len() > MAX_CALLS };
        let deletes = self.deletes + calls.iter().take(MAX_CALLS).filter(|call| deletes(&call.name)).count();
        for call in calls.into_iter().take(MAX_CALLS) {
            let arguments = call.parsed();
            if arguments.is_none() && self.unreadable {
                plan.last = true;
                break;
            }
            let shown = arguments.clone().unwrap_or_else(|| Value::String(call.arguments.clone()));
            let times = self.made.entry(key(&call.name, &shown)).or_default();
            *times += 1;
            if *times >= SAME_CALLS {
                plan.last = true;
                break;
            }
            let verdict = match arguments {
                None => Verdict::Refuse,
                Some(arguments) => self.weigh(&call.name, &arguments, deletes),
            };
            plan.calls.push((call, verdict));
        }
        plan
    }

    fn weigh(&mut self, name: &str, arguments: &Value, all_deletes: usize) -> Verdict {
        let writes = tools::writes(name, arguments);
        self.writes += writes;
        let many_deletes = deletes(name) && all_deletes > FREE_DELETES;
        if writes > 0 && (self.writes > FREE_WRITES || many_deletes) { Verdict::Ask } else { Verdict::Run }
    }
}

fn deletes(name: &str) -> bool {
    tools::spec(name).is_some_and(|spec| spec.effect == Effect::Deletes)
}

/// Two calls with the same key are the same call: the order of arguments and their spacing mean nothing.
fn key(name: &str, arguments: &Value) -> (String, String) {
    (name.to_owned(), arguments.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, arguments: &str) -> Call {
        Call { name: name.into(), arguments: arguments.into(), ..Call::default() }
    }

    fn adds(count: usize) -> Vec<Call> {
        (0..count).map(|n| call("add_task", &format!("{{\"title\":\"{n}\"}}"))).collect()
    }

    fn verdicts(plan: &Plan) -> Vec<Verdict> {
        plan.calls.iter().map(|(_, verdict)| *verdict).collect()
    }

    #[test]
    fn ten_changes_are_free_and_the_next_asks() {
        let plan = Tally::default().judge(adds(12));
        assert_eq!(verdicts(&plan)[..10], [Verdict::Run; 10]);
        assert_eq!(verdicts(&plan)[10..], [Verdict::Ask; 2]);
    }

    #[test]
    fn tasks_of_one_call_are_counted_each() {
        let tasks = ["{\"title\":\"x\"}"; 11].join(",");
        let plan = Tally::default().judge(vec![call("add_tasks", &format!("{{\"tasks\":[{tasks}]}}"))]);
        assert_eq!(verdicts(&plan), [Verdict::Ask]);
    }

    #[test]
    fn deleting_one_is_free_and_deleting_several_asks_for_each() {
        let delete = |n: u32| call("delete_task", &format!("{{\"task_id\":\"{n}\"}}"));
        assert_eq!(verdicts(&Tally::default().judge(vec![delete(1)])), [Verdict::Run]);
        let several = vec![delete(1), call("list_tasks", ""), delete(2)];
        assert_eq!(verdicts(&Tally::default().judge(several)), [Verdict::Ask, Verdict::Run, Verdict::Ask]);
        let one_before = Tally { writes: 1, deletes: 1, ..Tally::default() };
        assert_eq!(verdicts(&one_before.judge(vec![delete(2)])), [Verdict::Ask]);
    }

    #[test]
    fn sixteen_calls_are_run_and_more_end_the_run() {
        let plan = Tally::default().judge(adds(17));
        assert_eq!((plan.calls.len(), plan.last), (16, true));
        assert!(!Tally::default().judge(adds(16)).last);
    }

    #[test]
    fn the_third_same_call_is_left_out_and_ends_the_run() {
        let spellings = ["{\"a\":1,\"b\":2}", "{ \"a\": 1, \"b\": 2 }", "{\"a\":1,\"b\":2}"];
        let plan = Tally::default().judge(spellings.iter().map(|text| call("list_tasks", text)).collect());
        assert_eq!((plan.calls.len(), plan.last), (2, true));
    }

    #[test]
    fn unreadable_arguments_go_back_once() {
        let plan = Tally::default().judge(vec![call("add_task", "{\"title\":")]);
        assert_eq!((verdicts(&plan), plan.last), (vec![Verdict::Refuse], false));
        let again = Tally { unreadable: true, ..Tally::default() };
        assert_eq!(again.judge(vec![call("add_task", "{")]), Plan { calls: Vec::new(), last: true });
    }
}
