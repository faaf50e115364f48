//! The language of the built-in assistant: intents, dates, recurrence, without I/O.
