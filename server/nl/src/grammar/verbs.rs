//! Word classes: what a task is called, which verbs command the assistant, which verbs begin a task.

use std::sync::LazyLock;

use crate::text::{WordSet, words};

/// Words for a task.
const TASK: &str = "task tasks todo todos to_do to_dos to_-_do to_-_dos reminder reminders remind reminds to_do_item to_do_items \
     todo_item todo_items item items chore chores errand errands to_-_do_item to_-_do_items action_item \
     action_items";
const ARTICLE: &str = "a an the my our another one some this that";
const DELETE: &str = "delete nevermind never_mind cancel remove erase clear drop get_rid_of get_rid_off scrap dismiss discard trash turn_off shut_off \
     shut_down switch_off deactivate disable wipe wipe_out nix empty scratch purge clean clean_out clear_out \
     forget forget_about take_off stop_showing kill eliminate strike throw_out throw_away close toss end \
     undo_setting";
const DONE: &str = "done complete completed finished finish as_done as_complete as_completed as_finished";

/// The words of a class named in a pattern.
pub(super) fn class(name: &str) -> Option<&'static str> {
    Some(match name {
        "<task>" => TASK,
        "<a>" => ARTICLE,
        "<delete>" => DELETE,
        "<done>" => DONE,
        _ => return None,
    })
}

static TASK_NOUNS: LazyLock<WordSet> = LazyLock::new(|| words(TASK));

/// Whether a single word names a task.
pub(crate) fn is_task_noun(word: &str) -> bool {
    TASK_NOUNS.contains(word)
}

/// Verbs of commands to the assistant.
static COMMANDS: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "add create remind delete remove cancel erase clear mark complete finish check tick cross reopen show list \
     display rename change update move reschedule postpone snooze push delay set make tag label prioritize \
     prioritise undo take put uncheck unmark drop edit",
    )
});

/// Whether a verb commands the assistant.
pub(crate) fn is_command(word: &str) -> bool {
    COMMANDS.contains(word)
}

/// Verbs that titles of tasks begin with.
static TASK_VERBS: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "answer apply arrange ask assemble attend back bake bathe book borrow bring brush build buy call cancel \
     celebrate change charge check clean clear close collect complete confirm congratulate contact cook copy \
     create cut decorate defrost deliver deposit design discuss do donate download draft draw drink drive drop \
     dust eat edit email empty exchange exercise fax feed fetch file fill find finish fix fold follow get give go \
     grab hang help hire hoover insert install invite invoice iron join learn leave load look mail make measure \
     meet message mop mow move need open order organise organize pack paint pay phone pick plan plant play polish \
     post practice practise prepare print purchase put read record refill register renew rent repair replace \
     reply request research reserve respond return review rewrite ring run rsvp schedule scan see sell send set \
     ship shop sign sort start stop study submit swap sweep take talk teach tell test text thank throw tidy train \
     transfer translate try turn unload unpack update upload vacuum visit walk wash watch water withdraw work \
     wrap write",
    )
});

/// Whether a verb can begin a task's title.
pub(crate) fn is_task_verb(word: &str) -> bool {
    TASK_VERBS.contains(word)
}
