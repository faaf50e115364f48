//! The steps of the schema, put into the binary. A test finds files that are not named here.

use super::migrate::Step;

/// Every step, in order.
pub(super) const STEPS: &[Step] = &[
    (
        1,
        "accounts",
        include_str!("../../../../migrations/postgres/0001_accounts.up.sql"),
        include_str!("../../../../migrations/postgres/0001_accounts.down.sql"),
    ),
    (
        2,
        "chat",
        include_str!("../../../../migrations/postgres/0002_chat.up.sql"),
        include_str!("../../../../migrations/postgres/0002_chat.down.sql"),
    ),
    (
        3,
        "tasks",
        include_str!("../../../../migrations/postgres/0003_tasks.up.sql"),
        include_str!("../../../../migrations/postgres/0003_tasks.down.sql"),
    ),
    (
        4,
        "log",
        include_str!("../../../../migrations/postgres/0004_log.up.sql"),
        include_str!("../../../../migrations/postgres/0004_log.down.sql"),
    ),
    (
        5,
        "search",
        include_str!("../../../../migrations/postgres/0005_search.up.sql"),
        include_str!("../../../../migrations/postgres/0005_search.down.sql"),
    ),
    (
        6,
        "deletion",
        include_str!("../../../../migrations/postgres/0006_deletion.up.sql"),
        include_str!("../../../../migrations/postgres/0006_deletion.down.sql"),
    ),
    (
        7,
        "bounds",
        include_str!("../../../../migrations/postgres/0007_bounds.up.sql"),
        include_str!("../../../../migrations/postgres/0007_bounds.down.sql"),
    ),
    (
        8,
        "usage",
        include_str!("../../../../migrations/postgres/0008_usage.up.sql"),
        include_str!("../../../../migrations/postgres/0008_usage.down.sql"),
    ),
    (
        9,
        "attempts",
        include_str!("../../../../migrations/postgres/0009_attempts.up.sql"),
        include_str!("../../../../migrations/postgres/0009_attempts.down.sql"),
    ),
    (
        10,
        "words",
        include_str!("../../../../migrations/postgres/0010_words.up.sql"),
        include_str!("../../../../migrations/postgres/0010_words.down.sql"),
    ),
];
