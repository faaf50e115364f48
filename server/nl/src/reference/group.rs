//! Several tasks in one phrase: "all my reminders for Friday", "everything on my shopping list", "the meeting tasks".
//!
//! The words that remain without dates, lists and filler decide: none means all tasks, others filter by title. A phrase of
//! this kind that fits nothing names a missing task, so that "delete all my unicorn tasks" does not delete others.

use std::sync::LazyLock;

use crate::DueRange;
use crate::dates::{find_all, lexicon, words_outside};
use crate::grammar::{Clause, ListName};
use crate::quick_add::priority_word;
use crate::text::{Text, WordSet, listed, words};
use crate::work;
use jiff::civil::Weekday;
use tandem_protocol::TaskId;
use tandem_protocol::enums::Priority;
use tandem_protocol::model::Task;

use super::{MAX_CHOICES, ReadContext, Risk, Scope, Target, left_over, rank, sets};
use crate::period_filter::{counted_days_end, due_filter};

/// Words of such a phrase that do not select tasks.
static EMPTY: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "all of my our the these those every each everything any set up scheduled active current currently for on \
     from in at to that i have is are open existing future upcoming and alarms alarm now today 's rest s please \
     about with - , related content contents off done completed finished old stuff things entries events \
     appointments day calendar them due overdue that's which what got anything both two three four five we i've \
         planned",
    )
});
/// Words that mean several tasks.
const PLURALS: &str = "reminders reminds tasks todos items chores errands everything stuff \
     dos entries contents events things";

/// Words for Saturday and Sunday.
const WEEKENDS: &str = "weekend weekends";

/// Words of periods, which the filter by date reads.
const PERIODS: &str = "week month weekend year this next last tonight tomorrow";

/// The tasks of a phrase that means several; `None` when it means one.
pub(crate) fn group(
    phrase: &Clause<'_>,
    list: Option<ListName>,
    cx: &ReadContext<'_>,
    scope: Scope,
    risk: Risk,
) -> Option<Target> {
    if let Some(target) = sets::without(phrase, cx, scope, risk) {
        return Some(target);
    }
    // "both the milk and the rent" are named.
    if phrase.word(0) == "both" && phrase.has(&["and", "&"]) {
        return None;
    }
    let tokens = phrase.tokens();
    // "the Friday ones", "all Friday tasks": those on Friday.
    if let [before @ .., day, last] = tokens
        && (last.word == "ones" || listed(PLURALS, &last.word))
        && lexicon::weekday(&day.word).is_some()
    {
        let tasks = Text::new(&format!("{} tasks on {}", phrase.part(0, before.len()).source(), day.word));
        let found = work::deeper(|| group(&Clause::new(&tasks, 0, tasks.len()), list, cx, scope, risk))?;
        return Some(if let Target::Missing(_) = found { Target::Missing(phrase.source().to_owned()) } else { found });
    }
    // "completed tasks" are done, whatever the verb of the sentence expects.
    let finished = phrase.has(&["completed", "done", "finished"]);
    let scope = if finished { Scope::Done } else { scope };
    let counted = Counted::of(phrase);
    let all =
        matches!(phrase.word(0), "all" | "every" | "everything" | "each" | "any" | "anything") || counted.is_some();
    let plural = tokens.iter().any(|token| listed(PLURALS, &token.word)) || (finished && tokens.len() == 1);
    let pointed = super::pointer(phrase).is_some_and(|pointer| !matches!(pointer, super::Pointer::Bare));
    // "tasks 3 and 4" is resolved as a pointer; "all tasks" alone looks like one, but means all.
    if (!all && !plural) || pointed {
        return None;
    }
    let limits = Limits::of(phrase, cx);
    let words = words_left(phrase, &limits, cx);
    let list = list.and_then(|ListName(name)| name);
    let field = Field::of(&words, cx);
    let words = if field.is_some() { Vec::new() } else { words };
    let among: Vec<&Task> = cx
        .context
        .tasks
        .iter()
        .copied()
        .filter(|task| scope.holds(task) && limits.hold(task, cx) && on(task, list.as_deref()))
        .filter(|task| field.as_ref().is_none_or(|field| field.holds(task)))
        .collect();
    let ids: Vec<TaskId> = if words.is_empty() {
        among.iter().map(|task| task.id).collect()
    } else {
        rank(&words.join(" "), &among, cx).all(risk)
    };
    if ids.is_empty() && !all && !words.is_empty() {
        // "my reminders to buy eggs" may be one task after all.
        return None;
    }
    if ids.is_empty() {
        let of_the_day = limits.without_part().filter(|_| words.is_empty()).map(|limits| untimed(&limits, cx, scope));
        return Some(match of_the_day.filter(|found| !found.is_empty()) {
            Some(found) => Target::OneOf(found),
            None => Target::Missing(phrase.source().to_owned()),
        });
    }
    // "the two meetings" are not three.
    if counted.is_some_and(|Counted(n)| n != ids.len()) {
        return Some(Target::OneOf(ids.into_iter().take(MAX_CHOICES).collect()));
    }
    let left_over = left_over::unknown(&words, &ids, cx);
    Some(Target::of(ids, left_over))
}

/// Tasks of a day without a time: they may be those "of this morning".
fn untimed(limits: &Limits, cx: &ReadContext<'_>, scope: Scope) -> Vec<TaskId> {
    let fits = |task: &&Task| {
        let timed = task.due.as_ref().is_some_and(|due| due.time.is_some());
        scope.holds(task) && !timed && limits.hold(task, cx)
    };
    cx.context.tasks.iter().copied().filter(fits).take(MAX_CHOICES).map(|task| task.id).collect()
}

/// How many tasks a phrase says that it means: "both meetings", "the two meetings".
#[derive(Debug, Clone, Copy)]
struct Counted(usize);

impl Counted {
    fn of(phrase: &Clause<'_>) -> Option<Self> {
        if phrase.word(0) == "both" {
            return Some(Self(2));
        }
        let at = usize::from(listed("the my those these", phrase.word(0)));
        let last = phrase.tokens().last().is_some_and(|token| token.word.ends_with('s') && !token.word.ends_with("ss"));
        let n = ["two", "three", "four", "five"].iter().position(|name| *name == phrase.word(at))? + 2;
        (at > 0 && last).then_some(Self(n))
    }
}

/// A field that the words of a phrase name, and nothing else: "the work tasks", "everything labelled urgent".
enum Field {
    List(String),
    Label(String),
    Priority(Priority),
}

impl Field {
    fn of(words: &[&str], cx: &ReadContext<'_>) -> Option<Self> {
        const KINDS: &str = "list label labels labeled labelled tag tagged priority with under";
        let named = words.iter().copied().filter(|word| !listed(KINDS, word)).collect::<Vec<_>>().join(" ");
        if named.is_empty() {
            return None;
        }
        // The word for the kind of field excludes the others.
        let said = |kinds: &str| words.iter().any(|word| listed(kinds, word));
        let (label, priority) = (said("label labels labeled labelled tag tagged"), said("priority"));
        let mut labels = cx.context.tasks.iter().flat_map(|task| &task.labels);
        let known = labels.find(|label| label.to_lowercase() == named).cloned().filter(|_| !priority);
        let list = cx.known_list(&named).cloned().filter(|_| !label && !priority);
        let level = priority_word(&named).filter(|level| !label && *level != Priority::None);
        list.map(Self::List).or_else(|| known.map(Self::Label)).or_else(|| level.map(Self::Priority))
    }

    fn holds(&self, task: &Task) -> bool {
        match self {
            Self::List(name) => on(task, Some(name)),
            Self::Label(name) => task.labels.contains(name),
            Self::Priority(priority) => task.priority == *priority,
        }
    }
}

/// What a phrase for several tasks limits them to, besides words of their titles.
struct Limits {
    due: Option<DueRange>,
    part: Option<(i8, i8)>,
    frequency: Option<&'static str>,
    /// Whether only those of a weekend, as in "my weekend reminders".
    weekend: bool,
}

impl Limits {
    fn of(phrase: &Clause<'_>, cx: &ReadContext<'_>) -> Self {
        let mut words = phrase.tokens().iter().map(|token| token.word.as_str());
        Self {
            due: due_filter(phrase, cx.context.now),
            part: words.clone().find_map(hours),
            frequency: words.clone().find_map(frequency),
            weekend: words.any(|word| listed(WEEKENDS, word))
                && !phrase.has(&["this", "next", "the", "last", "coming", "week"]),
        }
    }

    /// The same for the whole day, when a part of one was named.
    fn without_part(&self) -> Option<Self> {
        (self.part.is_some() && self.due.is_some()).then_some(Self { part: None, ..*self })
    }

    fn hold(&self, task: &Task, cx: &ReadContext<'_>) -> bool {
        let hour = task.due.as_ref().and_then(|due| due.time).map(jiff::civil::Time::hour);
        let then = self.part.is_none_or(|(from, to)| hour.is_some_and(|hour| (from..to).contains(&hour)));
        let so_often = self.frequency.is_none_or(|frequency| {
            task.recurrence.as_ref().is_some_and(|recurrence| recurrence.rule.contains(frequency))
        });
        let weekend = !self.weekend
            || task.due.as_ref().is_some_and(|due| matches!(due.date.weekday(), Weekday::Saturday | Weekday::Sunday));
        then && so_often && weekend && within(task, self.due.as_ref(), cx)
    }

    /// Whether a word was read as one of the limits.
    fn read(&self, word: &str) -> bool {
        (self.due.is_some() && listed(PERIODS, word))
            || (self.weekend && listed(WEEKENDS, word))
            || (self.due == Some(DueRange::None) && listed("no without a due date dates deadline deadlines", word))
            || hours(word).is_some()
            || frequency(word).is_some()
    }
}

/// The hours of a part of the day, from the first to before the last.
fn hours(word: &str) -> Option<(i8, i8)> {
    Some(match word {
        "morning" | "mornings" => (0, 12),
        "afternoon" | "afternoons" => (12, 18),
        "evening" | "evenings" | "tonight" | "night" => (17, 24),
        _ => return None,
    })
}

/// What the rule of a task has in it that repeats so often.
fn frequency(word: &str) -> Option<&'static str> {
    Some(match word {
        "daily" => "FREQ=DAILY",
        "weekly" => "FREQ=WEEKLY",
        "monthly" => "FREQ=MONTHLY",
        "yearly" | "annual" => "FREQ=YEARLY",
        "recurring" | "repeating" => "FREQ=",
        _ => return None,
    })
}

/// The words of a phrase besides "all my reminders" and its dates.
fn words_left<'a>(phrase: &Clause<'a>, limits: &Limits, cx: &ReadContext<'a>) -> Vec<&'a str> {
    let empty = |word: &str| {
        EMPTY.contains(word) || listed(PLURALS, word) || crate::grammar::is_task_noun(word) || limits.read(word)
    };
    let input = cx.dates_in(phrase);
    let mut counted = Vec::new();
    for at in (0..input.tokens.len()).filter(|_| limits.due.is_some()) {
        counted.extend(counted_days_end(&input, at).map(|end| at..end));
    }
    let outside = |at: &usize| !counted.iter().any(|days| days.contains(at));
    let mentions = find_all(&input);
    let words = words_outside(&input, &mentions).filter(|(at, _)| outside(at));
    words.map(|(_, word)| word).filter(|word| !empty(word)).collect()
}

fn on(task: &Task, list: Option<&str>) -> bool {
    list.is_none_or(|list| task.list.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(list)))
}

/// Whether a task is due within the filter.
pub(crate) fn within(task: &Task, filter: Option<&DueRange>, cx: &ReadContext<'_>) -> bool {
    let now = cx.context.now.datetime();
    match (filter, &task.due) {
        (None, _) | (Some(DueRange::None), None) => true,
        (Some(DueRange::Between(first, last)), Some(due)) => (*first..=*last).contains(&due.date),
        (Some(DueRange::Overdue), Some(due)) => match due.time {
            Some(time) => due.date.to_datetime(time) < now,
            None => due.date < now.date(),
        },
        _ => false,
    }
}
