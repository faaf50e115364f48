//! Deleting, completing and reopening tasks.
//!
//! The verbs for these also begin tasks: "finish the report" completes a task when one fits and is left to the other readers
//! when none does; "clean the kitchen" is no deletion unless it names a task or a list.

use crate::Action;
use crate::dates::{find_all, words_outside};
use crate::grammar::{Captured, Clause, ListName, is_task_noun, patterns};
use crate::reference::{Pointer, ReadContext, Risk, Scope, Target, pointer, resolve};
use crate::text::{STOP_WORDS, content_stems, listed, title_stems};
use crate::understood::Understood;
use crate::work;
use tandem_protocol::TaskId;
use tandem_protocol::enums::TaskStatus;
use tandem_protocol::rest::NewTask;

use super::all_of::{each, many_or_one, named, parts};
use super::{Outcome, on_target, series, unfinished, without_noun};

/// What the clause does with the tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Delete,
    Complete,
    Reopen,
    /// It may mean that a task is to be deleted, and the user is asked: "forget about the passport".
    Doubt,
    /// The next occurrence of a task that repeats.
    Skip,
    /// "I called Ann": done, if there is such a task, else only a remark.
    Statement,
    /// Delete the second part, add the first: "I need milk on my list and beer off it".
    AddAndDelete,
}

patterns! {
    TABLE: Operation {
        Delete: "<delete> *",
        Delete: "<delete> * from|off|off_of|of|on|in|out_of <list>",
        Delete: "<delete> * from|off|off_of|of|on|in|out_of <list> *",
        Delete: "take|scratch|strike|get|remove|knock|rip * off|off_of|of|from|out_of <list>",
        Delete: "take|scratch|strike|get|remove|knock * off|off_of|of|from|out_of <list> *",
        Delete: "take|remove off|from|off_of <list> [the] *",
        Delete: "take|scratch|remove off [the] *",
        Delete: "turn|switch|shut * off",
        Delete: "i|we don't|do_not|no_longer need|want * [anymore|any_more|any_longer]",
        Delete: "the * , delete|erase|remove|cancel it|that",
        Delete: "stop|quit|don't|do_not|never reminding|remind me|us [to|about|of|that|for] *",
        Delete: "stop|quit|don't|do_not|never reminding|remind me|us [to|about|of|that|for] * anymore|any_more|any_longer|again",
        Delete: "i|we don't|do_not|no_longer need|want|have to be|get reminded [to|about|of|that] *",
        Delete: "i|we don't|do_not|no_longer need|want|have to be|get reminded [to|about|of|that] * anymore|any_more|any_longer",
        Delete: "make|be sure [that] my|our|the calendar|schedule|agenda is clear|cleared|empty|free|open [for|on] *",
        Delete: "ensure|keep [that] my|our|the calendar|schedule|agenda [is] clear|cleared|empty|free|open [for|on] *",
        Delete: "on|for * , [i|we] [need_to|want_to|have_to|must|please] clear|empty|free|wipe [up|out] my|our|the calendar|schedule|agenda",
        Delete: "on|for * , [i|we] [need_to|want_to|have_to|must|please] clear|empty|free|wipe [up|out] my|our|the calendar|schedule|agenda so|because [that] [*]",
        Delete: "i|we need|want a|my|our clear|free|empty calendar|schedule|agenda [for|on] *",
        Doubt: "* is|are no_longer needed|necessary|relevant|required",
        Doubt: "* isn't|is_not|aren't|are_not needed|necessary|relevant|required anymore|any_more|any_longer",
        Doubt: "* can|could|should|may go|be_deleted|be_removed|be_cancelled|be_canceled|be_erased [now]",
        Doubt: "forget|nevermind|never_mind [about] *",
        Doubt: "stop|end|discontinue|call_off *",
        Skip: "skip *",
        AddAndDelete: "i|we need|want * on <list> and * off [of] it",
        AddAndDelete: "i|we need|want * on <list> and * off [of] <list>",
        Complete: "mark|check|tick|cross|set|flag|put * [off] [as|to|is] <done>",
        Complete: "mark|check|tick|cross|set|flag|put * [off] [as|to|is] <done> on|from|in <list>",
        Complete: "mark|check|tick|cross|set|flag off|<done> *",
        Complete: "check|tick|cross|mark * off",
        Complete: "mark|check|tick|cross * off|off_of|from <list>",
        Complete: "mark|check|tick|cross * off [of|from] <list>",
        Complete: "complete|finish|resolve|close_out *",
        Complete: "close task|todo|# *",
        Complete: "i'm|i_am|i've|i_have|we're [now|already|just|all] done|finished|through with *",
        Complete: "[all] done|finished|completed|through [with|:] *",
        Complete: "task|reminder|todo * [is] [now] done|complete|completed|finished",
        Statement: "* is|are|has_been|was|were [now|already|all] done|finished|complete|completed|bought|paid|sent|written|booked|ordered|renewed|submitted|fixed|cleaned|taken|watered|washed|returned|mailed|signed|filed|printed|fed|mowed|cooked|packed|swept|vacuumed|ironed|repaired|painted|picked_up|dropped_off|taken_out|handed_in|sold|delivered|cleared|emailed|called",
        Statement: "* has|have been [now|already|all] done|finished|completed|bought|paid|sent|written|booked|ordered|renewed|submitted|fixed|cleaned|taken|watered|washed|returned|mailed|signed|filed|printed|fed|mowed|cooked|packed|swept|vacuumed|ironed|repaired|painted|picked_up|dropped_off|taken_out|handed_in|sold|delivered|cleared|emailed|called",
        Statement: "* done|finished|completed|bought|paid|booked|renewed|watered|cleaned|fixed|ordered|returned|submitted|washed|filed|signed|printed|sent|mailed|taken|fed|mowed|packed|picked_up|dropped_off|taken_out|handed_in",
        Statement: "got|took|fed|brought|sold|bought|paid|called|emailed|phoned|sent|cleaned|fixed|booked|washed|wrote|watered|renewed|returned|submitted|ordered|cooked|mowed|vacuumed|walked|repaired|mailed|texted|ironed|picked_up|dropped_off|signed|filed|posted|replied_to|reviewed|updated|printed|packed|painted *",
        Complete: "i|i've|i_have|we|we've [just|already|now|finally] finished|completed|done|did *",
        Statement: "i|i've|i_have|we|we've [just|already|now|finally] *",
        Reopen: "reopen|uncomplete|uncheck|unmark|untick|restore|reactivate|re_-_open *",
        Reopen: "mark|set|flag * [as] not_done|undone|incomplete|not_complete|not_completed|unfinished|open|pending|todo|not_finished|active",
        Reopen: "* isn't|is_not|aren't|are_not|wasn't [actually|yet|really] done|finished|complete|completed [yet]",
        Reopen: "i|we didn't|did_not|haven't [actually|really] do|finish|complete|done|finished|completed * [yet]",
    }
}

/// Reads a sentence about the end of a task.
pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action]) -> Option<Outcome> {
    let (operation, captured) = TABLE.best(clause.tokens())?;
    let list = captured.list.clone();
    let object = with_noun(captured.part(clause, 0)?);
    // "delete everything that is done".
    if matches!(operation, Operation::Statement | Operation::Complete)
        && listed("delete remove clear erase", clause.word(0))
    {
        let set = clause.part(1, clause.tokens().len());
        return Some(series::delete(clause, many_or_one(&set, None, cx, Scope::Done, Risk::Destructive), cx));
    }
    match operation {
        // "how do I cancel my reminders" is a question about the assistant.
        Operation::Delete if matches!(clause.word(0), "how" | "what" | "why") => None,
        Operation::Delete if !means_tasks(clause, &captured) => {
            let drops =
                listed("forget drop kill scrap dismiss discard trash eliminate strike end toss", clause.word(0));
            if drops { doubt(clause, &object, cx) } else { None }
        }
        Operation::Delete if cx.chosen.is_none() => Some(match titled_so(clause, cx) {
            Some(id) => Outcome::Ask { question: "Shall I delete this task?".to_owned(), choices: vec![id] },
            None => delete(clause, &captured, cx, before),
        }),
        Operation::Delete => Some(delete(clause, &captured, cx, before)),
        Operation::Doubt => doubt(clause, &object, cx),
        Operation::Skip => skip(&object, cx),
        Operation::Complete if parts(&object, cx).len() > 1 => {
            Some(each(&object, cx, ("mark as done", Risk::Reversible), complete_all))
        }
        Operation::Complete => complete(clause, &object, list.as_ref(), cx),
        Operation::Reopen => {
            let target = many_or_one(&object, list.as_ref(), cx, Scope::Done, Risk::Reversible);
            // "the milk isn't done", and it was never marked so.
            if matches!(target, Target::Missing(_))
                && let Some(open) = unfinished::stays_open(&object, cx)
            {
                return Some(open);
            }
            Some(on_target(target, "reopen", |ids| vec![Action::Reopen { ids }]))
        }
        // Nothing was requested, so a statement acts only on a match that would be good enough to delete.
        // "get the report done" is a wish, and what was called off was not done.
        Operation::Statement
            if matches!(clause.word(0), "get" | "have" | "let" | "keep")
                || clause.word(1) == "off"
                || object.word(0) == "to" =>
        {
            None
        }
        // "I paid the rent this morning".
        Operation::Statement if cx.chosen.is_none() && when_it_was(&object, cx).is_some_and(|at| at > 0) => {
            let done = clause.part(0, clause.tokens().len() - (object.tokens().len() - when_it_was(&object, cx)?));
            work::deeper(|| read(&done, cx, before))
        }
        Operation::Statement if parts(&object, cx).len() > 1 => {
            let all = each(&object, cx, ("mark as done", Risk::Destructive), complete_all);
            matches!(all, Outcome::Act(_)).then_some(all)
        }
        Operation::Statement => match resolve(&object, cx, Scope::Open, Risk::Destructive) {
            Target::Tasks(ids) if ids.get().len() == 1 => {
                Some(Outcome::Act(ids.act(|ids| vec![Action::Complete { ids }])))
            }
            _ => None,
        },
        Operation::AddAndDelete => {
            let (title, name) = (object.source().to_owned(), captured.list_name());
            let add = Understood::additions(vec![NewTask { title, list: name, ..NewTask::default() }]);
            let removed = resolve(&captured.part(clause, 1)?, cx, Scope::Open, Risk::Destructive);
            Some(match on_target(removed, "delete", |ids| vec![Action::Delete { ids }]) {
                Outcome::Act(more) => Outcome::Act(add.and(more)),
                other => other,
            })
        }
    }
}

/// "task three is done": the noun makes a number of the word after it.
fn with_noun(object: Clause<'_>) -> Clause<'_> {
    let before = object.from.checked_sub(1).and_then(|at| object.text.tokens.get(at));
    let led = before.is_some_and(|token| is_task_noun(&token.word) || token.is_any(&["number", "#"]));
    let whole = Clause { from: object.from - usize::from(led), ..object };
    if led && matches!(pointer(&whole), Some(Pointer::Numbers(..))) { whole } else { object }
}

/// Where the words begin that say when something was done: "yesterday", "this morning".
fn when_it_was(object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<usize> {
    let n = object.tokens().len();
    let (today, now) = (cx.context.now.date(), cx.context.now.datetime());
    let last = find_all(&cx.dates_in(object)).into_iter().next_back().filter(|mention| mention.end == n)?;
    let over = last.draft.is_past() || last.draft.day(now).is_some_and(|day| day <= today);
    (over && !last.draft.repeats()).then_some(last.start)
}

fn complete_all(ids: Understood<Vec<TaskId>>) -> Outcome {
    Outcome::Act(ids.act(|ids| vec![Action::Complete { ids }]))
}

/// A sentence that is no clear command deletes only what the user has agreed to.
fn doubt(clause: &Clause<'_>, object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let target = resolve(&without_noun(&named(object)), cx, Scope::Open, Risk::Destructive);
    match target {
        target if cx.chosen.is_some() => Some(series::delete(clause, target, cx)),
        Target::Tasks(ids) if ids.get().len() == 1 => {
            Some(Outcome::Ask { question: "Shall I delete this task?".to_owned(), choices: ids.get().clone() })
        }
        _ => None,
    }
}

/// "skip breakfast" is no sentence about tasks when none is called so.
fn skip(object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let target = resolve(&without_noun(&named(object)), cx, Scope::Open, Risk::Reversible);
    if let Some(refused) = series::inexact(object, &target, cx) {
        return Some(refused);
    }
    match target {
        Target::Missing(_) | Target::Doubtful(..) => None,
        target => Some(on_target(target, "skip", |ids| ids.into_iter().map(|id| Action::Skip { id }).collect())),
    }
}

fn complete(
    clause: &Clause<'_>,
    object: &Clause<'_>,
    list: Option<&ListName>,
    cx: &ReadContext<'_>,
) -> Option<Outcome> {
    // "finish" and "complete" also begin titles: without such a task the sentence may be a new one.
    let target = many_or_one(object, list, cx, Scope::Open, Risk::Reversible);
    // "finish the report by Friday" is a plan for Friday.
    let planned = find_all(&cx.dates_in(object)).into_iter().find(|mention| mention.draft.names_day());
    let set = matches!(object.word(0), "everything" | "all" | "every" | "each" | "anything" | "whatever");
    let plans = target.only().is_some() && !set && matches!(clause.word(0), "finish" | "complete" | "resolve");
    let target = match planned.filter(|_| plans && cx.chosen.is_none()) {
        Some(date) => target.doubted(object.part(date.start, date.end).source()),
        None => target,
    };
    let starts_task = matches!(clause.word(0), "finish" | "complete" | "set" | "put" | "check");
    match target {
        Target::Missing(_) if starts_task => None,
        target => Some(on_target(target, "mark as done", |ids| vec![Action::Complete { ids }])),
    }
}

/// Whether a deletion is about tasks. "delete", "remove", "cancel" are by themselves; "clean the kitchen" and "drop off
/// the parcel" are tasks, unless they name a task or a list.
fn means_tasks(clause: &Clause<'_>, captured: &Captured) -> bool {
    let plain = listed("delete remove cancel erase nevermind never i we the nix", clause.word(0))
        || (clause.word(0), clause.word(1)) == ("get", "rid")
        || clause.has(&["calendar", "schedule", "agenda"])
        || clause.has(&["reminding", "needed", "removed", "deleted", "cancelled", "canceled", "erased"])
        || (clause.has(&["remind"]) && clause.has(&["me", "us"]));
    let named = |word: &str| {
        is_task_noun(word)
            || listed(
                "everything all list it that them one completed # calendar schedule agenda tomorrow today tonight",
                word,
            )
            || crate::dates::lexicon::weekday(word).is_some()
    };
    plain || captured.list.is_some() || clause.tokens().iter().any(|token| named(&token.word))
}

/// A task whose title is the sentence itself: "cancel gym membership" may be a task.
fn titled_so(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<TaskId> {
    let stems = content_stems(clause.source());
    let same = |title: &str| {
        let title = title_stems(title);
        title.first() == stems.first()
            && title.iter().all(|stem| stems.contains(stem))
            && stems.iter().all(|stem| title.contains(stem))
    };
    // Few titles begin with the letter of such a verb, and only these are reduced to stems.
    let begins = |title: &str| {
        let letter = |text: &str| text.chars().next().map(|c| c.to_ascii_lowercase());
        letter(title) == letter(clause.source())
    };
    let open = cx.context.tasks.iter().filter(|task| task.status == TaskStatus::Open && begins(&task.title));
    open.into_iter().find(|task| same(&task.title)).map(|task| task.id)
}

fn delete(clause: &Clause<'_>, captured: &Captured, cx: &ReadContext<'_>, before: &[Action]) -> Outcome {
    let Some(object) = captured.part(clause, 0) else { return Outcome::Missing(clause.source().to_owned()) };
    // The task that "it" means is added by the same message and has no id yet.
    if matches!((object.word(0), before.last()), ("it" | "that" | "them", Some(Action::Add(_)))) {
        return Outcome::Missing(object.source().to_owned());
    }
    // "milk and bread" are two tasks unless one title has both words.
    if parts(&object, cx).len() > 1 {
        return each(&object, cx, ("delete", Risk::Destructive), |ids| series::delete(clause, Target::Tasks(ids), cx));
    }
    let list = captured.list.clone();
    let open = many_or_one(&object, list.as_ref(), cx, Scope::Open, Risk::Destructive);
    // What is done already can be deleted too, when nothing open is meant.
    let target = match open {
        Target::Missing(what) => match many_or_one(&object, list.as_ref(), cx, Scope::Done, Risk::Destructive) {
            Target::Missing(_) => Target::Missing(what),
            found => found,
        },
        found => found,
    };
    // "… from my list for the passport": what follows the list was not read.
    let target = match captured.part(clause, 1).filter(|_| cx.chosen.is_none()).and_then(|rest| unread(&rest, cx)) {
        Some(words) => target.doubted(&words),
        None => target,
    };
    series::delete(clause, target, cx)
}

/// What is left of the end of a clause without dates and the small words of a reason.
fn unread(rest: &Clause<'_>, cx: &ReadContext<'_>) -> Option<String> {
    const REASONS: &[&str] =
        &["because", "since", "as", "so", "now", "please", "today", "anymore", "that", "which", "and"];
    let input = cx.dates_in(rest);
    let words: Vec<&str> = words_outside(&input, &find_all(&input)).map(|(_, word)| word).collect();
    let filler = words.iter().all(|word| STOP_WORDS.contains(*word) || REASONS.contains(word));
    (!filler && !REASONS.contains(&rest.word(0))).then(|| rest.source().to_owned())
}
