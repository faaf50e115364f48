//! Decides which calls of an answer are run, which wait for the user, and which are refused.
//!
//! A model may be misled by text that it reads, so changes beyond a few, and deletions beyond one, need approval. What
//! counts is the impact of a call, not its spelling, and a refusal of the user holds for everything that would have the
//! same effect.
//!
//! **Invariant:** within a reply, a call with the identity of one that the user refused is refused, and a task that it
//! concerned is changed only with approval.

use super::{
    call_arguments,
    step::{Step, StepCall},
};
use crate::tools::{CallImpact, ToolError};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use tandem_completions::{Call, MAX_CALLS};
use tandem_protocol::{TaskId, enums::ToolState, model::Part};

/// The run ends when the same call with the same arguments comes for this time.
const SAME_CALLS: usize = 3;
/// Changes that need no approval.
const FREE_WRITES: usize = 10;
/// Deletions that need no approval, as long as the user has refused nothing.
const FREE_DELETES: usize = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallDecision {
    Run,
    /// The call waits for the user.
    AwaitApproval,
    /// The call is not run; its result is this error.
    Refuse(ToolError),
}

#[derive(Debug, PartialEq)]
pub(super) struct ClassifiedCalls {
    /// In order, without those beyond a limit.
    pub(super) calls: Vec<(Call, CallImpact, CallDecision)>,
    /// Whether a limit was reached, so that the run ends after these calls.
    pub(super) last: bool,
}

/// What the calls of a run have done, and what the user refused. Failed and refused calls count like the others, so
/// that a model gains nothing by failing.
#[derive(Debug, Default)]
pub(super) struct CallBudget {
    writes: usize,
    deletes: usize,
    unreadable: bool,
    repeats: HashMap<(String, String), usize>,
    /// Identities of the calls that the user refused.
    refused: HashSet<String>,
    /// Tasks that the user refused to have changed: any other change of them needs approval.
    protected: HashSet<TaskId>,
}

impl CallBudget {
    /// Counts the calls of earlier answers.
    pub(super) fn of(steps: &[Step], parts: &[Part]) -> Self {
        let mut budget = Self::default();
        for made in steps.iter().flat_map(|step| &step.calls) {
            budget.count(made, parts, true);
        }
        budget
    }

    /// Counts all calls but the one that is about to be run, which is the call `at` of the last step. The calls after
    /// it count as deletions, but not yet as changes.
    pub(super) fn around(steps: &[Step], parts: &[Part], at: usize) -> Self {
        let Some((last, earlier)) = steps.split_last() else { return Self::default() };
        let mut budget = Self::of(earlier, parts);
        for (index, made) in last.calls.iter().enumerate().filter(|(index, _)| *index != at) {
            budget.count(made, parts, index < at);
        }
        budget
    }

    fn count(&mut self, made: &StepCall, parts: &[Part], writes: bool) {
        let Some(call) = parts.get(made.part).and_then(Part::as_tool_call) else { return };
        *self.repeats.entry(key(&call.name, &call.arguments)).or_default() += 1;
        self.unreadable |= !call.arguments.is_object();
        // Steps of older versions have no impact.
        let impact = made.impact.clone().unwrap_or_else(|| CallImpact::of_arguments(&call.name, &call.arguments));
        self.writes += if writes { impact.writes } else { 0 };
        self.deletes += impact.deletes;
        if call.state == ToolState::Denied {
            self.protected.extend(impact.tasks);
            self.refused.insert(impact.identity);
        }
    }

    /// Decides on the calls of an answer by the impact of each.
    pub(super) fn classify(mut self, calls: Vec<(Call, CallImpact)>) -> ClassifiedCalls {
        // The assembly keeps one call more than are run, so this is noticed here.
        let mut classified = ClassifiedCalls { calls: Vec::new(), last: calls.len() > MAX_CALLS };
        let deletions = calls.iter().take(MAX_CALLS).filter(|(_, impact)| impact.deletes > 0);
        let (mut deletes, mut to_delete) = (self.deletes, HashSet::new());
        for (_, impact) in deletions {
            deletes += impact.deletes;
            to_delete.extend(impact.tasks.iter().copied());
        }
        if self.deletion_needs_approval(deletes) {
            // The user is asked about these tasks: no call beside the deletion may change them before the answer.
            self.protected.extend(to_delete);
        }
        for (call, impact) in calls.into_iter().take(MAX_CALLS) {
            // A model gets one chance to correct arguments that cannot be parsed.
            if call.parsed().is_none() && self.unreadable {
                classified.last = true;
                break;
            }
            let times = self.repeats.entry(key(&call.name, &call_arguments::shown(&call))).or_default();
            *times += 1;
            if *times >= SAME_CALLS {
                classified.last = true;
                break;
            }
            let decision = match call_arguments::rejection(&call) {
                Some(error) => CallDecision::Refuse(error),
                None => self.decide(&impact, deletes),
            };
            classified.calls.push((call, impact, decision));
        }
        classified
    }

    /// Decides on one call again before it is run: by then it may do more than when it was made.
    pub(super) fn reclassify(&mut self, impact: &CallImpact) -> CallDecision {
        self.decide(impact, self.deletes + impact.deletes)
    }

    /// `deletes` counts all deletions, including those of the calls beside it.
    fn decide(&mut self, impact: &CallImpact, deletes: usize) -> CallDecision {
        self.writes += impact.writes;
        if impact.writes == 0 {
            return CallDecision::Run;
        }
        if self.refused.contains(&impact.identity) {
            return CallDecision::Refuse(ToolError::denied());
        }
        let many = self.writes > FREE_WRITES || (impact.deletes > 0 && self.deletion_needs_approval(deletes));
        if many || impact.tasks.iter().any(|task| self.protected.contains(task)) {
            CallDecision::AwaitApproval
        } else {
            CallDecision::Run
        }
    }

    /// Once the user has refused something, every deletion needs approval.
    fn deletion_needs_approval(&self, deletes: usize) -> bool {
        deletes > FREE_DELETES || !self.refused.is_empty()
    }
}

/// The identity of a repeated call: name and arguments, regardless of their order and spacing.
fn key(name: &str, arguments: &Value) -> (String, String) {
    (name.to_owned(), arguments.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, arguments: &str) -> (Call, CallImpact) {
        let call = Call::new(name, arguments);
        let impact = CallImpact::of_arguments(name, &call_arguments::shown(&call));
        (call, impact)
    }

    fn adds(count: usize) -> Vec<(Call, CallImpact)> {
        (0..count).map(|n| call("add_task", &format!("{{\"title\":\"{n}\"}}"))).collect()
    }

    fn decisions(classified: &ClassifiedCalls) -> Vec<CallDecision> {
        classified.calls.iter().map(|(_, _, decision)| decision.clone()).collect()
    }

    #[test]
    fn ten_changes_are_free_and_the_next_asks() {
        let classified = CallBudget::default().classify(adds(12));
        assert_eq!(decisions(&classified)[..10], [const { CallDecision::Run }; 10]);
        assert_eq!(decisions(&classified)[10..], [const { CallDecision::AwaitApproval }; 2]);
    }

    #[test]
    fn tasks_of_one_call_are_counted_each() {
        let tasks = ["{\"title\":\"x\"}"; 11].join(",");
        let classified = CallBudget::default().classify(vec![call("add_tasks", &format!("{{\"tasks\":[{tasks}]}}"))]);
        assert_eq!(decisions(&classified), [CallDecision::AwaitApproval]);
    }

    #[test]
    fn deleting_one_is_free_and_deleting_several_asks_for_each() {
        let delete = |n: u32| call("delete_task", &format!("{{\"task_id\":\"{n}\"}}"));
        assert_eq!(decisions(&CallBudget::default().classify(vec![delete(1)])), [CallDecision::Run]);
        let several = vec![delete(1), call("list_tasks", ""), delete(2)];
        assert_eq!(
            decisions(&CallBudget::default().classify(several)),
            [CallDecision::AwaitApproval, CallDecision::Run, CallDecision::AwaitApproval]
        );
        let one_before = CallBudget { writes: 1, deletes: 1, ..CallBudget::default() };
        assert_eq!(decisions(&one_before.classify(vec![delete(2)])), [CallDecision::AwaitApproval]);
    }

    #[test]
    fn sixteen_calls_are_run_and_more_end_the_run() {
        let classified = CallBudget::default().classify(adds(17));
        assert_eq!((classified.calls.len(), classified.last), (16, true));
        assert!(!CallBudget::default().classify(adds(16)).last);
    }

    #[test]
    fn the_third_same_call_is_left_out_and_ends_the_run() {
        let spellings = ["{\"a\":1,\"b\":2}", "{ \"a\": 1, \"b\": 2 }", "{\"a\":1,\"b\":2}"];
        let classified =
            CallBudget::default().classify(spellings.iter().map(|text| call("list_tasks", text)).collect());
        assert_eq!((classified.calls.len(), classified.last), (2, true));
    }

    #[test]
    fn unreadable_arguments_go_back_once() {
        let classified = CallBudget::default().classify(vec![call("add_task", "{\"title\":")]);
        assert!(matches!(decisions(&classified)[..], [CallDecision::Refuse(_)]) && !classified.last, "{classified:?}");
        let again = CallBudget { unreadable: true, ..CallBudget::default() };
        assert_eq!(again.classify(vec![call("add_task", "{")]), ClassifiedCalls { calls: Vec::new(), last: true });
    }
}
