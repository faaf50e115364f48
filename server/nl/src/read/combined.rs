//! Sentences whose clauses depend on each other: "is bacon on my list? add it if not", "we're out of milk, so …",
//! "I don't need eggs any more, take them off".

use crate::grammar::{Clause, patterns};
use crate::mood::Mood;
use crate::reference::{ReadContext, Risk, Scope, Target, resolve};
use crate::text::{Text, Token, listed};
use crate::title::finish;
use crate::understood::{Actions, Understood};
use crate::{Action, Filter};
use tandem_protocol::rest::NewTask;

use super::{Outcome, on_target};

#[derive(Debug, Clone, Copy)]
enum Combined {
    /// Add it unless it is there.
    AddIfMissing,
    /// Said first, then put on a list.
    Add,
    /// An event is stated, then put on a list, perhaps with its time.
    Event,
    /// It is not needed any more.
    Drop,
    /// It is there already, and is to be taken off.
    TakeOff,
}

patterns! {
    TABLE: Combined {
        Add: "remind me [to] * ,|;|.|and [please] [and] put|add [it|that|this] to|on|onto|in <list>",
        AddIfMissing: "is|are * on|in <list> [,|?] [and] [please] add [it|them] if it's|it|they|they're [is|are] [not|n't|isn't|aren't]",
        AddIfMissing: "is|are * on|in <list> [,|?] [and] if not|it's_not|they're_not|it_isn't|they_aren't [,] [please|then] add|put it|them|that|those|some [on_the_list|to_the_list|on_it|to_it]",
        AddIfMissing: "is|are * on|in <list> [,|?] [and] if not|it's_not|they're_not|it_isn't|they_aren't [,] [please|then] add|put it|them|that|those|some to|on <list>",
        AddIfMissing: "do|did i have|put|add * on|to|in <list> [,|?] [and] if not|i_don't|i_didn't [,] [please|then] add|put it|them|that|those|some [to|on] [it|the_list|my_list|there]",
        AddIfMissing: "if * isn't|aren't|is_not|are_not [already] on|in <list> [,] [please|then] [go_ahead_and] add|put it|them|that [for_me] [to|on] [it|the_list|my_list|there]",
        Drop: "i|we don't|do_not|no_longer need|want|have [to] * [anymore|any_more|any_longer] [on] <list>",
        Drop: "i|we don't|do_not|no_longer need|want|have [to] * on|in <list> [anymore|any_more|any_longer]",
        Drop: "i|we don't|do_not|no_longer need|want [that|the|my|to_be] [reminder|task|reminded] [for|to|about|of] * anymore|any_more|any_longer",
        Drop: "i|we don't|do_not|no_longer need|want|have [to] * [anymore|any_more|any_longer] [,|;|.] [so] [you_can] [please] take|remove|delete|cancel|drop|erase|forget it|that|them|reminder|the_reminder|this",
        Drop: "i|we don't|do_not|no_longer need|want|have [to] * [anymore|any_more|any_longer] [,|;|.] [so] [you_can] [please] take|remove|delete|drop it|that|them off|of|from|off_of [<list>] [<a>] *",
        TakeOff: "i|we|i've|we've|i_have|we_have [already|just] have|has|got|bought|purchased|picked_up|found * [already] [,|;|.|so|and] [so|and] [please] [can_you|could_you] [please] take|remove|delete|cross|scratch|drop it|that|them off|of|from|off_of <list>",
        Drop: "i|we no_longer need|want|have_to|need_to *",
    }
}

// Tried only where "put it" and the like stand in the sentence: statements are frequent, and these rows cost much to try.
patterns! {
    EVENTS: Combined {
        Event: "i|we have|got|have_got|'ve_got|'ve|are_having [a|an|another] * [,|;|.|and|so] [please] [can_you|could_you] put|add|mark|note|write|enter|pop it|that|this on|in|into|onto|to <list>",
        Event: "i|we have|got|have_got|'ve_got|'ve|are_having [a|an|another] * [,|;|.|and|so] [please] [can_you|could_you] put|add|mark|note|write|enter|pop it|that|this on|in|into|onto|to <list> for|at|on *",
        Event: "i|we have|got|have_got|'ve_got|'ve|are_having [a|an|another] * [,|;|.|and|so] [please] [can_you|could_you] put|add|mark|note|write|enter|pop it|that|this on|down|in for|at *",
        Event: "there's|there_is|i've|we've [got] [a|an] * [,|;|.|and|so] [please] [can_you|could_you] put|add|mark|note|write|enter|pop it|that|this on|in|into|onto|to <list>",
        Event: "there's|there_is|i've|we've [got] [a|an] * [,|;|.|and|so] [please] [can_you|could_you] put|add|mark|note|write|enter|pop it|that|this on|in|into|onto|to <list> for|at|on *",
        Event: "there's|there_is|i've|we've [got] [a|an] * [,|;|.|and|so] [please] [can_you|could_you] put|add|mark|note|write|enter|pop it|that|this on|down|in for|at *",
    }
}

pub(super) fn read(all: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let puts = |pair: &[Token]| {
        pair[0].is_any(&["put", "add", "mark", "note", "write", "enter", "pop"])
            && pair[1].is_any(&["it", "that", "this"])
    };
    let event = || if all.tokens().windows(2).any(puts) { EVENTS.best(all.tokens()) } else { None };
    let (tied, captured) = TABLE.best(all.tokens()).or_else(event)?;
    let thing = captured.part(all, 0)?;
    let target = || resolve(&thing, cx, Scope::Open, Risk::Destructive);
    let permitted = |found: Understood<Vec<Action>>, mood: Mood| {
        Actions::permitted(mood, cx.chosen.is_some(), found).ok().map(Outcome::Permitted)
    };
    let add = || {
        let (title, list) = (finish(thing.source()), captured.list_name());
        Understood::additions(vec![NewTask { title, list, ..NewTask::default() }])
    };
    match tied {
        // A weak match leads to a second task and not to a question: two are seen and easily deleted. The question and
        // the condition are both understood here, so the addition is a command.
        Combined::AddIfMissing => match target() {
            Target::Tasks(_) => {
                let query = Some(thing.source().to_owned());
                super::one_look(Action::List(Filter { query, ..Filter::default() }))
            }
            _ => permitted(add(), Mood::Command),
        },
        Combined::Add => permitted(add(), Mood::Command),
        Combined::Event => {
            let time = captured.part(all, 1).map_or_else(String::new, |time| format!(" at {}", time.source()));
            let text = Text::new(&format!("{}{time}", thing.source()));
            let found = cx.new_task(&Clause::new(&text, 0, text.len()));
            // The event was stated; what asks for the task is the second half.
            let event = !found.title.is_empty() && !names_words_of_a_command(&found.title);
            let task = NewTask { list: captured.list_name(), ..found };
            if event { permitted(Understood::additions(vec![task]), Mood::Command) } else { None }
        }
        Combined::TakeOff => match target() {
            Target::Tasks(ids) => permitted(ids.act(|ids| vec![Action::Delete { ids }]), Mood::Command),
            found => Some(on_target(found, "delete", |ids| vec![Action::Delete { ids }])),
        },
        Combined::Drop => super::in_mood(all, cx, on_target(target(), "delete", |ids| vec![Action::Delete { ids }])),
    }
}

/// "I have to buy milk, put it on my list" is no event.
fn names_words_of_a_command(title: &str) -> bool {
    title.split(' ').any(|word| listed("to no not never it that", &word.to_lowercase()))
}
