//! Small talk: greetings, thanks, questions about the assistant itself. Only where it is the whole clause.

use crate::grammar::{Clause, patterns};
use crate::understood::Understood;
use crate::{Action, Response};

use super::Outcome;

#[derive(Debug, Clone, Copy)]
enum Small {
    Greeting,
    Goodbye,
    Thanks,
    Help,
    WhoAmI,
    HowLists,
    Yes,
    No,
    Undo,
    Overview,
}

patterns! {
    TABLE: Small {
        Greeting: "hi|hello|hey|howdy|hola|greetings|yo|hiya|sup [,] [there|again|everyone|friend|all|ai|bot|assistant|you|to_you|my_friend]",
        Greeting: "hi|hello|hey|howdy|yo [there] [,] how|how's|hows|what's *",
        Greeting: "good morning|afternoon|evening|day [,] [ai|everyone|there]",
        Greeting: "how are|were|is you|things|everything|it|life [*]",
        Greeting: "how are|is you|things|everything|life *",
        Greeting: "how's|hows it|life|everything|things [going|hanging] [with_you]",
        Greeting: "how goes it",
        Greeting: "what's up|new|happening",
        Greeting: "nice|good|great to see|meet you [*]",
        Greeting: "how have you been [doing|lately]",
        Goodbye: "bye|goodbye|farewell|ciao|later|peace|adios [now|bye|then|for_now]",
        Goodbye: "good night [*]",
        Goodbye: "see you|ya [later|soon|tomorrow|around]",
        Goodbye: "talk|speak|catch [to] [you] later|soon",
        Goodbye: "until next time",
        Goodbye: "take it easy",
        Goodbye: "have a good|nice|great day|evening|night|weekend|one|week",
        Thanks: "thanks|thank|thx|ty|cheers|gracias|merci",
        Thanks: "thanks|thank|thx [you] *",
        Thanks: "oh|great|perfect|awesome|super|cool|lovely|ok [sweet] [,] thanks|thank|thx [you] [so|very] [much]",
        Thanks: "[i] [really] appreciate *",
        Thanks: "appreciated",
        Thanks: "i owe you one",
        Thanks: "great|perfect|awesome|super|cool|nice|lovely|wonderful|excellent|brilliant|good [job|work|one]",
        Help: "help",
        Help: "help me",
        Help: "what can|could you do|help|handle [for|with|me|us] [me|with]",
        Help: "what can i ask|say|do|tell [you] [*]",
        Help: "what are you able|programmed to do|help [*]",
        Help: "how do|can you work|help [me|us]",
        Help: "how do|does i|this|it use|work [you|this|it]",
        Help: "what [*] you can do|help_me_with|help_with [for_me]",
        Help: "tell|show me what you can do [for_me]",
        Help: "what [kind|kinds|sort|sorts|type|types|categories] [of] questions|things|stuff|subjects|topics can|could|do|are|should *",
        Help: "what are your skills|capabilities|abilities|features|commands",
        Help: "commands|usage|instructions",
        HowLists: "create|make|start|begin|set_up|add|open|build [me] a|an [new] list",
        HowLists: "create|make|start|begin|set_up|add|build [me] [a|an|another] [new] list called|named|for|titled *",
        HowLists: "create|make|start|begin|set_up|add|build [me] a|an|another [new] <list>",
        WhoAmI: "who are you",
        WhoAmI: "what are you",
        WhoAmI: "are you [a|an|really|actually|just] [real|live|human|actual] bot|robot|human|ai|computer|person|machine|real|model [*]",
        WhoAmI: "am i talking|speaking|chatting to|with *",
        WhoAmI: "what's your name",
        WhoAmI: "what is your name",
        Yes: "yes|yep|yeah|yup|ya|yea|sure|ok|okay|absolutely|definitely|correct|right|confirm|confirmed|affirmative|positive|indeed|alright|fine [please|sure|sir|do_it|that's_right|go_ahead|thanks]",
        Yes: "yes [,] *",
        Yes: "all right",
        Yes: "go ahead",
        Yes: "do it|that",
        Yes: "sounds good",
        Yes: "that's|that_is|you_are|you're right|correct|true|fine|it",
        No: "no|nope|nah|nay|negative|negatory|never|false|wrong [thanks|thank_you|way|sir|please]",
        No: "no [,] *",
        No: "not now|yet|really|true|that|at_all|right_now",
        No: "never|nevermind [mind]",
        No: "forget|drop|leave|scrap|scratch|abort|stop|cancel|ignore it|that|this",
        No: "stop|cancel|abort|quit|scrap|halt|hush|wait|nevermind",
        No: "none [of_them|of_those|of_these]",
        No: "neither",
        No: "don't|do_not [do_it|do_that]",
        No: "maybe|perhaps|possibly",
        No: "i don't|do_not know",
        No: "i'm|i_am not sure|certain [*]",
        Undo: "undo [it|that|this|the_last_action|the_last_change|last|last_change|last_action|the_last_one|my_last_action|everything]",
        Undo: "undo the|my|that last|previous *",
        Undo: "revert [it|that|this|the_last_change|the_last_action]",
        Undo: "take|put that|it back",
        Undo: "that was a mistake|wrong [,] [undo] [that|it]",
        Undo: "that was a mistake|wrong , undo that|it",
        Overview: "what should|shall|can|could i do [next|now|first|today|right_now|this_morning|this_afternoon|tonight]",
        Overview: "what should|shall i work|focus|concentrate on [next|now|first|today]",
        Overview: "what should|shall i start with [today]",
        Overview: "where should|shall|do i start|begin",
        Overview: "what's|what_is next [up] [for_me]",
        Overview: "what's|what_is [the|my] most|top important|urgent|priority [task|thing] [today|now|right_now]",
        Overview: "plan|organize|organise|prioritize|prioritise|schedule|sort my day|today|week|morning|afternoon|evening|tasks|work|time",
        Overview: "plan my day|week|morning|afternoon *",
        Overview: "plan out my day|week|today",
        Overview: "what|how does my day|today|week|schedule look like",
        Overview: "how|what's|what_is is|my my|day|plan day|today|like|looking|for [looking|today|like] [today]",
        Overview: "give|show me [a|an|my|the] overview|summary|rundown|briefing|recap [of] [my] [day|tasks|week|everything]",
        Overview: "overview|summary|briefing|recap [please]",
        Overview: "brief|summarize|summarise me|my|everything [day|tasks|week]",
        Overview: "where|how do|am i|things stand|doing [with_my_tasks|today]",
        Overview: "what am i supposed to be doing|do [today|now|next]",
    }
}

/// What a clause is when it is small talk.
fn small(clause: &Clause<'_>) -> Option<Small> {
    TABLE.best(clause.tokens()).map(|(small, _)| small)
}

pub(super) fn read(clause: &Clause<'_>) -> Option<Outcome> {
    Some(match small(clause)? {
        Small::Greeting => Outcome::Respond(Response::Greeting),
        Small::Goodbye => Outcome::Respond(Response::Goodbye),
        Small::Thanks => Outcome::Respond(Response::Thanks),
        Small::Help => Outcome::Respond(Response::Help),
        Small::HowLists => Outcome::Respond(Response::HowLists),
        Small::WhoAmI => Outcome::Respond(Response::WhoAmI),
        Small::Yes => Outcome::Respond(Response::NothingToConfirm),
        Small::No => Outcome::Respond(Response::Dropped),
        Small::Undo => Outcome::Act(Understood::undo()),
        Small::Overview => return Outcome::look(Action::Overview),
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
            Response::Goodbye
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
