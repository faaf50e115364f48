//! How long a provider and a reply may take. All of them are settings.

use std::time::Duration;

/// The time limits of a node for requests to providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect to a provider, TLS included.
    pub connect: Duration,
    /// From the request to the first token, be it of text, of a call or of thoughts.
    pub first_token: Duration,
    /// From one token to the next.
    pub next_token: Duration,
    /// From one token to the next while the model thinks.
    pub next_thought: Duration,
    /// For a whole reply, without its waits for the user.
    pub reply: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_token: Duration::from_secs(20),
            next_token: Duration::from_secs(30),
            next_thought: Duration::from_mins(1),
            reply: Duration::from_mins(10),
        }
    }
}
