//! The sentence patterns of new tasks.

use crate::grammar::patterns;

/// The form of a request for a task, which defines its captures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddForm {
    /// `*` is the task.
    Body,
    /// The first `*` stands before the noun ("a daily reminder …"), the second is the task.
    Around,
    /// The sentence has no words for the task.
    Nothing,
    /// The first `*` is a date or a reason, the second the task.
    After,
    /// `*` is one item or several for a list; a second `*` is a date or a reason.
    List,
    /// The reason stands first, the list at the end.
    ListAfter,
}

// Reminders, and sentences that cannot mean anything but a new task.
patterns! {
    pub(super) REMINDERS: AddForm {
        Nothing: "remind [me|us|my|myself] [again]",
        Body: "remind [me|us|my|myself] [again] [to|about|of|that|for|on|please] *",
        Around: "remind at * me [to|about|of|that] *",
        Body: "set|create|add|use|make [up] [an|a|the] alarm|notification|alert to remind me [to|about|of|that] *",
        Body: "don't|never forget [bot] to remind me [to|about|of|on|that] *",
        Body: "remember to remind me [to|about|of|on|that] *",
        Body: "i|we don't|do_not|wouldn't want|wanna|like [to] forget [to|about|that] *",
        Body: "don't|do_not|never let me forget [to|about|that|of] *",
        Body: "not forget [to|about|that] *",
        Body: "[i] can't|cannot|can_not|mustn't|must_not|shouldn't|should_not|better_not|had_better_not|don't|do_not|won't|never forget [to|about|that] *",
        Body: "[i] [need|want|like|have|would_like] [to] be|get|have reminded [to|of|about|that] *",
        Body: "i need|want|would_like you to remind me [to|of|about|that] *",
        Body: "[to] remember to *",
        Body: "remember that|about *",
        Body: "make|be sure [that] i remember|don't_forget [to|about] *",
        Body: "make|be sure to remind me [to|about|of|that] *",
        Body: "[i] [will] set|set_up|add|create|make|put|put_in|schedule|send|give|need|want|turn_on|enable|place|save|post|get|start|have|leave|beep|book|program|activate|new|i_need|i_want|i'd_like|would_like|like|i'll_need|ping [me|us] [up] [<a>] [new|another] reminder|reminders|remind|reminds [for_me|for_myself|list|note|alert|please|come_on|go_off] [to|about|of|that|:|,|called|saying|asking|so_i_don't_forget|so_i_won't_forget|so_i_don't_forget_to] *",
        Around: "set|set_up|add|create|make|put|put_in|schedule|send|give|need|want|turn_on|enable|place|save|post|get|start|have|i_need|i_want|i'd_like|new [me|us] [up] [<a>] * reminder|reminders [for_me|for_myself|please] [to|about|of|that|:|,] *",
        Body: "set|set_up|add|create|make|put|put_in|schedule|send|give|need|want|turn_on|enable|place|save|post|get|start|have|i_need|i_want|i'd_like|new|repeat [me|us] [up] [<a>] * reminder|reminders [for_me|please]",
        Nothing: "set|set_up|add|create|make|put|put_in|schedule|send|give|need|want|turn_on|enable|place|get|start|have|i_need|i_want|i'd_like|new|i'd_love [me|us] [up] [<a>] [new|another] reminder|reminders|remind|task|todo|tasks [for_me|for_myself|please]",
        After: "ping|alert|nudge|notify|buzz me * to|about|re|that|of *",
        Body: "ping|alert|nudge|notify|buzz me to|about|re|that|of *",
        Body: "make sure [that] i *",
        Body: "[a|new|another] reminder|reminders to|about|that|:|, *",
        Body: "set_up|set|add|create|make|new|put|enter|log|insert|open|record|write_down|jot_down|note_down|note|jot|schedule|i_need [me|us] [down] [<a>] [new|another] task|todo|to_do|to_-_do|item|chore|errand|entry|action_item|ticket [for_me] [called|named|titled|entitled|labeled|saying|that_says|to|about|:|,|-] *",
        Around: "set_up|set|add|create|make|new|put|enter|log|insert [me|us] [down] [<a>] [new|another] * task|todo|chore|errand [for_me] [called|named|titled|saying|to|about|:|,|-] *",
        Body: "set_up|set|add|create|make|new|put|enter|log|insert [me|us] [down] [<a>] [new|another] * task|todo|to_do|to_-_do|chore|errand",
        Body: "add|create|make|enter|put [in] [these|the_following|following|some|several|a_couple_of|a_few|two|three|four|five|2|3|4|5] [new] tasks|todos|to_dos|items|reminders [to|for|:|,|-] *",
        After: "add|create|make|enter|put [in] [these|the_following|following|some|several|a_couple_of|a_few] [two|three|four|five|2|3|4|5] [new] things|tasks|todos|to_dos|items|reminders for|on|to|due * : *",
        Body: "add|create|make|enter|put [in] [these|the_following|following|some|several|a_couple_of|a_few] [two|three|four|five|2|3|4|5] [new] things : *",
        Body: "task|todo|to_do|to_-_do : *",
        Body: "note [to_self|to_myself|to_me] :|that|- *",
        Body: "note_to_self [:|that|,] *",
        Body: "add|make|write|take|leave [a] note to_self|to_myself [:|that|to|,] *",
        Body: "jot|note down [that|:] *",
        Body: "new task|todo|to_do|reminder|item [:|,|-|called|to] *",
    }
}

// A task whose list is said before what it is.
patterns! {
    pub(super) ON_LIST: AddForm {
        List: "add|create|make|put|set_up|write|insert|enter|new [me|us] [<a>] [new|another] task|todo|to_do|item|entry|chore in|on|to|under|onto|into|for <list> [to|:|,|-|called|named|titled|saying|that] *",
        Around: "add|create|make|put|set_up|write|insert|enter|new [me|us] [<a>] [new|another] task|todo|to_do|item|entry|chore in|on|to|under|onto|into|for * to|:|- *",
    }
}

// Things put on a list.
patterns! {
    pub(super) LISTS: AddForm {
        List: "create|make|start|begin [a|an|my|the] [new] <list> with|containing|: *",
        List: "<list> [:|,|-] add|put|include|i_need|we_need|write|insert *",
        List: "<list> : *",
        List: "<list> needs|lacks|is_missing|misses *",
        List: "add|put|write|insert * [at|to] the|my top|bottom|end|beginning|start of <list>",
        List: "put|add * back on|onto|to|in <list>",
        List: "i|we have_to|need_to|must|should|want_to|need|want * [,|;|.|and] [so|please|and] [can_you|could_you|will_you|would_you|please] add|put|write that|it|this|them to|on|onto|in <list>",
        List: "add|put|include|place|throw|insert|stick|write|enter|append|jot|record|log|save|note|toss|pop|slip|have|want [down] * to|on|onto|in|into|under <list>",
        List: "add|put|include|place|throw|insert|stick|write|enter|append|jot|record|log|save|note|toss|pop|slip [down] * to|on|onto|in|into|under <list> *",
        List: "i|we need|want|would_like|have|'d_like * [to_be] added|put|placed|included|to_go to|on|onto|in <list>",
        List: "i|we need|want|would_like|have|'d_like * [to_be] added|put|placed|included|to_go to|on|onto|in <list> *",
        List: "i|we need|want * on|to|in <list>",
        List: "i|we want you to add|put * to|on|onto|in <list> *",
        List: "on|for|to|in <list> [,|:] [please|i_need|i_want|also|could_you|can_you] add|put|include|insert|write|place [down] *",
        List: "add|put|write|insert to|on|onto|in|into <list> [:|,|that] *",
        List: "<list> should|must|needs_to|has_to [also] have|include|contain *",
        List: "* should|must|needs_to|need_to|has_to|have_to [also] be [added|put|placed|included] [to|on|in] <list>",
        List: "* should|must|needs_to|need_to|has_to|have_to [also] be [added|put|placed|included] [to|on|in] <list> *",
        List: "make|be|making sure [that] [to_have|to_add|to_put] * is|are|'s|gets|get|to|on [put|added] [on|to|in] <list>",
        List: "ensure [that] * is|are|gets [put|added] on|to|in <list>",
        List: "i'm|we're|i_am|we_are [all] out of * [,] [so|please|and] [will_you|can_you|could_you|would_you|please] add|put|remind|write|get that|it|me|them|those|this|some to|on|onto|in <list>",
        List: "i'm|we're|i_am|we_are [running] low on * [,] [so|please|and] [will_you|can_you|could_you|would_you|please] add|put|remind|write that|it|me|them|those|this|some to|on|onto|in <list>",
        List: "i|we ran out of * [,] [so|please|and] [will_you|can_you|could_you|would_you|please] add|put|remind|write that|it|me|them|those|this|some to|on|onto|in <list>",
        List: "mark my calendar [that|for|:] *",
        ListAfter: "for|on * , add|put|schedule * to|on|in|onto <list>",
    }
}

// Sentences that mean a new task when nothing else fits.
patterns! {
    pub(super) PLAIN: AddForm {
        Body: "add [in] [:] *",
        Body: "create|schedule|note|jot [down] [:] [a|an] *",
        Body: "* remind me [again]",
        After: "* remind me to|about|of|that *",
        After: "* set|create|add|make|put|need [me] [a|an|the] reminder [for_me] to|about|of|that *",
        Body: "reminder|reminders [for|on] *",
        Body: "* reminder|reminders",
        Around: "* reminder|reminders to|about|for|of|that *",
        List: "* on|onto <list>",
    }
}
