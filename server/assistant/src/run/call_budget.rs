//! What the limits of a run mean for the calls of an answer: which are run, which wait for the user, which are left out.

use super::{
    assembly::Call,
    limits::MAX_CALLS,
    step::{Step, StepCall},
};
use crate::tools::{ToolError, Weight};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use tandem_protocol::{TaskId, enums::ToolState, model::Part};

/// The same call with the same arguments ends the run when it comes for this time.
const SAME_CALLS: usize = 3;
/// Changes that a run may make without asking.
const FREE_WRITES: usize = 10;
/// Deletions that a run may make without asking, as long as the user has refused nothing.
const FREE_DELETES: usize = 1;

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallDecision {
    Run,
    /// Waits for the user.
    Ask,
    /// Is not run: the result says why.
    Refuse(ToolError),
}

/// What becomes of an answer's calls.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    /// Those that stay, in order.
    pub(super) calls: Vec<(Call, Weight, CallDecision)>,
    /// Whether a limit was reached: the run ends after these.
    pub(super) last: bool,
}

/// What the calls of a run have done so far, and what the user said to them. A call that failed or was refused counts like
/// the others: it leaves no more room for the next one.
#[derive(Debug, Default)]
pub(super) struct CallBudget {
    writes: usize,
    deletes: usize,
    unreadable: bool,
    made: HashMap<(String, String), usize>,
    /// Calls that the user refused.
    refused: HashSet<String>,
    /// Tasks that the user refused to have changed. Whatever else would change one asks, too.
    kept: HashSet<TaskId>,
}

impl CallBudget {
    /// Counts the calls of earlier answers.
    pub(super) fn of(steps: &[Step], parts: &[Part]) -> Self {
        let mut tally = Self::default();
        for made in steps.iter().flat_map(|step| &step.calls) {
            tally.count(made, parts, true);
        }
        tally
    }

    /// Counts all calls but the one that is about to be run: its place in the last step. Those after it do not count as
    /// changes yet, but as deletions they are one with it.
    pub(super) fn around(steps: &[Step], parts: &[Part], at: usize) -> Self {
        let Some((last, earlier)) = steps.split_last() else { return Self::default() };
        let mut tally = Self::of(earlier, parts);
        for (place, made) in last.calls.iter().enumerate().filter(|(place, _)| *place != at) {
            tally.count(made, parts, place < at);
        }
        tally
    }

    fn count(&mut self, made: &StepCall, parts: &[Part], writes: bool) {
        let Some(call) = parts.get(made.part).and_then(Part::as_tool_call) else { return };
        *self.made.entry(key(&call.name, &call.arguments)).or_default() += 1;
        self.unreadable |= !call.arguments.is_object();
        let weight = made.weight.clone().unwrap_or_else(|| Weight::of_arguments(&call.name, &call.arguments));
        self.writes += if writes { weight.writes } else { 0 };
        self.deletes += weight.deletes;
        if call.state == ToolState::Denied {
            self.kept.extend(weight.tasks);
            self.refused.insert(weight.same);
        }
    }

    /// Judges the calls of an answer by what each would do.
    pub(super) fn classify(mut self, calls: Vec<(Call, Weight)>) -> Plan {
        let mut plan = Plan { calls: Vec::new(), last: calls.len() > MAX_CALLS };
        let deletions = calls.iter().take(MAX_CALLS).filter(|(_, weight)| weight.deletes > 0);
        let (mut deletes, mut doomed) = (self.deletes, HashSet::new());
        for (_, weight) in deletions {
            deletes += weight.deletes;
            doomed.extend(weight.tasks.iter().copied());
        }
        if self.asks_to_delete(deletes) {
            // The user is asked about these: they are not changed before the answer by something beside it.
            self.kept.extend(doomed);
        }
        for (call, weight) in calls.into_iter().take(MAX_CALLS) {
            if call.parsed().is_none() && self.unreadable {
                plan.last = true;
                break;
            }
            let times = self.made.entry(key(&call.name, &call.shown_arguments())).or_default();
            *times += 1;
            if *times >= SAME_CALLS {
                plan.last = true;
                break;
            }
            let verdict = match call.fault() {
                Some(fault) => CallDecision::Refuse(fault),
                None => self.verdict(&weight, deletes),
            };
            plan.calls.push((call, weight, verdict));
        }
        plan
    }

    /// Judges one call again when it is about to be run: by then it may do more than when it was made.
    pub(super) fn judge_again(&mut self, weight: &Weight) -> CallDecision {
        self.verdict(weight, self.deletes + weight.deletes)
    }

    /// `deletes` are all deletions, those of the calls beside it included.
    fn verdict(&mut self, weight: &Weight, deletes: usize) -> CallDecision {
        self.writes += weight.writes;
        if weight.writes == 0 {
            return CallDecision::Run;
        }
        if self.refused.contains(&weight.same) {
            return CallDecision::Refuse(ToolError::denied());
        }
        let many = self.writes > FREE_WRITES || (weight.deletes > 0 && self.asks_to_delete(deletes));
        if many || weight.tasks.iter().any(|task| self.kept.contains(task)) {
            CallDecision::Ask
        } else {
            CallDecision::Run
        }
    }

    /// Once the user has said no in a reply, no deletion is free.
    fn asks_to_delete(&self, deletes: usize) -> bool {
        deletes > FREE_DELETES || !self.refused.is_empty()
    }
}

/// Two calls with the same key are the same call: the order of arguments and their spacing mean nothing.
fn key(name: &str, arguments: &Value) -> (String, String) {
    (name.to_owned(), arguments.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, arguments: &str) -> (Call, Weight) {
        let call = Call { name: name.into(), arguments: arguments.into(), ..Call::default() };
        let weight = Weight::of_arguments(name, &call.shown_arguments());
        (call, weight)
    }

    fn adds(count: usize) -> Vec<(Call, Weight)> {
        (0..count).map(|n| call("add_task", &format!("{{\"title\":\"{n}\"}}"))).collect()
    }

    fn verdicts(plan: &Plan) -> Vec<CallDecision> {
        plan.calls.iter().map(|(_, _, verdict)| verdict.clone()).collect()
    }

    #[test]
    fn ten_changes_are_free_and_the_next_asks() {
        let plan = CallBudget::default().classify(adds(12));
        assert_eq!(verdicts(&plan)[..10], [const { CallDecision::Run }; 10]);
        assert_eq!(verdicts(&plan)[10..], [const { CallDecision::Ask }; 2]);
    }

    #[test]
    fn tasks_of_one_call_are_counted_each() {
        let tasks = ["{\"title\":\"x\"}"; 11].join(",");
        let plan = CallBudget::default().classify(vec![call("add_tasks", &format!("{{\"tasks\":[{tasks}]}}"))]);
        assert_eq!(verdicts(&plan), [CallDecision::Ask]);
    }

    #[test]
    fn deleting_one_is_free_and_deleting_several_asks_for_each() {
        let delete = |n: u32| call("delete_task", &format!("{{\"task_id\":\"{n}\"}}"));
        assert_eq!(verdicts(&CallBudget::default().classify(vec![delete(1)])), [CallDecision::Run]);
        let several = vec![delete(1), call("list_tasks", ""), delete(2)];
        assert_eq!(
            verdicts(&CallBudget::default().classify(several)),
            [CallDecision::Ask, CallDecision::Run, CallDecision::Ask]
        );
        let one_before = CallBudget { writes: 1, deletes: 1, ..CallBudget::default() };
        assert_eq!(verdicts(&one_before.classify(vec![delete(2)])), [CallDecision::Ask]);
    }

    #[test]
    fn sixteen_calls_are_run_and_more_end_the_run() {
        let plan = CallBudget::default().classify(adds(17));
        assert_eq!((plan.calls.len(), plan.last), (16, true));
        assert!(!CallBudget::default().classify(adds(16)).last);
    }

    #[test]
    fn the_third_same_call_is_left_out_and_ends_the_run() {
        let spellings = ["{\"a\":1,\"b\":2}", "{ \"a\": 1, \"b\": 2 }", "{\"a\":1,\"b\":2}"];
        let plan = CallBudget::default().classify(spellings.iter().map(|text| call("list_tasks", text)).collect());
        assert_eq!((plan.calls.len(), plan.last), (2, true));
    }

    #[test]
    fn unreadable_arguments_go_back_once() {
        let plan = CallBudget::default().classify(vec![call("add_task", "{\"title\":")]);
        assert!(matches!(verdicts(&plan)[..], [CallDecision::Refuse(_)]) && !plan.last, "{plan:?}");
        let again = CallBudget { unreadable: true, ..CallBudget::default() };
        assert_eq!(again.classify(vec![call("add_task", "{")]), Plan { calls: Vec::new(), last: true });
    }
}
