//! Small talk: greetings, thanks, questions about the assistant itself. Only where it is the whole clause.

use std::sync::LazyLock;

use crate::grammar::{Clause, Table};
use crate::{Action, Response};

use super::Outcome;

#[derive(Debug, Clone, Copy)]
enum Small {
    Greeting,
    Farewell,
    Thanks,
    Help,
    WhoAmI,
    Yes,
    No,
    Undo,
    Overview,
}

static TABLE: LazyLock<Table<Small>> = LazyLock::new(|| Table::new(ROWS));

const ROWS: &[(&str, Small)] = &[
    (
        "hi|hello|hey|howdy|hola|greetings|yo|hiya|sup [,] [there|again|everyone|friend|all|ai|bot|assistant|you|to_you|my_friend]",
        Small::Greeting,
    ),
    ("hi|hello|hey|howdy|yo [there] [,] how|how's|hows|what's *", Small::Greeting),
    ("good morning|afternoon|evening|day [,] [ai|everyone|there]", Small::Greeting),
    ("how are|were|is you|things|everything|it|life [*]", Small::Greeting),
    ("how are|is you|things|everything|life *", Small::Greeting),
    ("how's|hows it|life|everything|things [going|hanging] [with_you]", Small::Greeting),
    ("how goes it", Small::Greeting),
    ("what's up|new|happening", Small::Greeting),
    ("nice|good|great to see|meet you [*]", Small::Greeting),
    ("how have you been [doing|lately]", Small::Greeting),
    ("bye|goodbye|farewell|ciao|later|peace|adios [now|bye|then|for_now]", Small::Farewell),
    ("good night [*]", Small::Farewell),
    ("see you|ya [later|soon|tomorrow|around]", Small::Farewell),
    ("talk|speak|catch [to] [you] later|soon", Small::Farewell),
    ("until next time", Small::Farewell),
    ("take it easy", Small::Farewell),
    ("have a good|nice|great day|evening|night|weekend|one|week", Small::Farewell),
    ("thanks|thank|thx|ty|cheers|gracias|merci", Small::Thanks),
    ("thanks|thank|thx [you] *", Small::Thanks),
    (
        "oh|great|perfect|awesome|super|cool|lovely|ok [sweet] [,] thanks|thank|thx [you] [so|very] [much]",
        Small::Thanks,
    ),
    ("[i] [really] appreciate *", Small::Thanks),
    ("appreciated", Small::Thanks),
    ("i owe you one", Small::Thanks),
    ("great|perfect|awesome|super|cool|nice|lovely|wonderful|excellent|brilliant|good [job|work|one]", Small::Thanks),
    ("help", Small::Help),
    ("help me", Small::Help),
    ("what can|could you do|help|handle [for|with|me|us] [me|with]", Small::Help),
    ("what can i ask|say|do|tell [you] [*]", Small::Help),
    ("what can i ask|say|do|tell [you]", Small::Help),
    ("what are you able|programmed to do|help [*]", Small::Help),
    ("what are you able|programmed to do", Small::Help),
    ("how do|can you work|help [me|us]", Small::Help),
    ("how do|does i|this|it use|work [you|this|it]", Small::Help),
    ("what [*] you can do|help_me_with|help_with [for_me]", Small::Help),
    ("tell|show me what you can do [for_me]", Small::Help),
    (
        "what [kind|kinds|sort|sorts|type|types|categories] [of] questions|things|stuff|subjects|topics can|could|do|are|should *",
        Small::Help,
    ),
    ("what are your skills|capabilities|abilities|features|commands", Small::Help),
    ("commands|usage|instructions", Small::Help),
    ("who are you", Small::WhoAmI),
    ("what are you", Small::WhoAmI),
    (
        "are you [a|an|really|actually|just] [real|live|human|actual] bot|robot|human|ai|computer|person|machine|real|model [*]",
        Small::WhoAmI,
    ),
    (
        "are you [a|an|really|actually|just] [real|live|human|actual] bot|robot|human|ai|computer|person|machine|real|model",
        Small::WhoAmI,
    ),
    ("am i talking|speaking|chatting to|with *", Small::WhoAmI),
    ("what's your name", Small::WhoAmI),
    ("what is your name", Small::WhoAmI),
    (
        "yes|yep|yeah|yup|ya|yea|sure|ok|okay|absolutely|definitely|correct|right|confirm|confirmed|affirmative|positive|indeed|alright|fine [please|sure|sir|do_it|that's_right|go_ahead|thanks]",
        Small::Yes,
    ),
    ("yes [,] *", Small::Yes),
    ("all right", Small::Yes),
    ("go ahead", Small::Yes),
    ("do it|that", Small::Yes),
    ("sounds good", Small::Yes),
    ("that's|that_is|you_are|you're right|correct|true|fine|it", Small::Yes),
    ("no|nope|nah|nay|negative|negatory|never|false|wrong [thanks|thank_you|way|sir|please]", Small::No),
    ("no [,] *", Small::No),
    ("not now|yet|really|true|that|at_all|right_now", Small::No),
    ("never|nevermind [mind]", Small::No),
    ("forget|drop|leave|scrap|scratch|abort|stop|cancel|ignore it|that|this", Small::No),
    ("stop|cancel|abort|quit|scrap|halt|hush|wait|nevermind", Small::No),
    ("none [of_them|of_those|of_these]", Small::No),
    ("neither", Small::No),
    ("don't|do_not [do_it|do_that]", Small::No),
    ("maybe|perhaps|possibly", Small::No),
    ("i don't|do_not know", Small::No),
    ("i'm|i_am not sure|certain [*]", Small::No),
    (
        "undo [it|that|this|the_last_action|the_last_change|last|last_change|last_action|the_last_one|my_last_action|everything]",
        Small::Undo,
    ),
    ("undo the|my|that last|previous *", Small::Undo),
    ("revert [it|that|this|the_last_change|the_last_action]", Small::Undo),
    ("take|put that|it back", Small::Undo),
    ("that was a mistake|wrong [,] [undo] [that|it]", Small::Undo),
    ("that was a mistake|wrong , undo that|it", Small::Undo),
    (
        "what should|shall|can|could i do [next|now|first|today|right_now|this_morning|this_afternoon|tonight]",
        Small::Overview,
    ),
    ("what should|shall i work|focus|concentrate on [next|now|first|today]", Small::Overview),
    ("what should|shall i start with [today]", Small::Overview),
    ("where should|shall|do i start|begin", Small::Overview),
    ("what's|what_is next [up] [for_me]", Small::Overview),
    ("what's|what_is [the|my] most|top important|urgent|priority [task|thing] [today|now|right_now]", Small::Overview),
    (
        "plan|organize|organise|prioritize|prioritise|schedule|sort my day|today|week|morning|afternoon|evening|tasks|work|time",
        Small::Overview,
    ),
    ("plan my day|week|morning|afternoon *", Small::Overview),
    ("plan out my day|week|today", Small::Overview),
    ("what|how does my day|today|week|schedule look like", Small::Overview),
    ("how|what's|what_is is|my my|day|plan day|today|like|looking|for [looking|today|like] [today]", Small::Overview),
    (
        "give|show me [a|an|my|the] overview|summary|rundown|briefing|recap [of] [my] [day|tasks|week|everything]",
        Small::Overview,
    ),
    ("overview|summary|briefing|recap [please]", Small::Overview),
    ("brief|summarize|summarise me|my|everything [day|tasks|week]", Small::Overview),
    ("where|how do|am i|things stand|doing [with_my_tasks|today]", Small::Overview),
    ("what am i supposed to be doing|do [today|now|next]", Small::Overview),
];

/// What a clause is when it is small talk.
fn small(clause: &Clause<'_>) -> Option<Small> {
    TABLE.best(clause.tokens()).map(|(small, _)| small)
}

pub(super) fn read(clause: &Clause<'_>) -> Option<Outcome> {
    Some(match small(clause)? {
        Small::Greeting => Outcome::Respond(Response::Greeting),
        Small::Farewell => Outcome::Respond(Response::Farewell),
        Small::Thanks => Outcome::Respond(Response::Thanks),
        Small::Help => Outcome::Respond(Response::Help),
        Small::WhoAmI => Outcome::Respond(Response::WhoAmI),
        Small::Yes => Outcome::Respond(Response::NothingToConfirm),
        Small::No => Outcome::Respond(Response::Dropped),
        Small::Undo => Outcome::Act(vec![Action::Undo]),
        Small::Overview => Outcome::Act(vec![Action::Overview]),
    })
}

/// Whether a clause agrees or refuses, with nothing else.
pub(super) fn answer(clause: &Clause<'_>) -> Option<bool> {
    match small(clause)? {
        Small::Yes => Some(true),
        Small::No => Some(false),
        _ => None,
    }
}

/// Small talk by single words, in any form. Only for clauses that no other reader has understood.
pub(super) fn loosely(clause: &Clause<'_>) -> Option<Outcome> {
    let you = clause.has(&["you", "you're", "your", "yourself", "this"]);
    if clause.tokens().len() > 16 {
        return None;
    }
    let talk =
        if you && clause.has(&["bot", "robot", "human", "ai", "computer", "person", "machine", "artificial", "real"]) {
            Response::WhoAmI
        } else if clause.has(&["goodbye", "bye", "farewell"])
            || (clause.has(&["talking", "chat", "chatting", "conversation"]) && you)
        {
            Response::Farewell
        } else if clause.has(&["thank", "thanks", "thankful", "grateful", "gratitude", "appreciate", "appreciated"]) {
            Response::Thanks
        } else if you
            && clause.has(&["help", "ask", "capable", "capabilities", "skills", "subjects", "able"])
            && clause.has(&["what", "how", "which", "anything", "things"])
        {
            Response::Help
        } else {
            return None;
        };
    Some(Outcome::Respond(talk))
}
