//! The steps of the schema, put into the binary. A test finds files that are not named here.

use super::migrate::Step;

/// Every step, in order.
pub(super) const STEPS: &[Step] = &[
    (
        1,
        "accounts",
        include_str!("../../../../migrations/sqlite/0001_accounts.up.sql"),
        include_str!("../../../../migrations/sqlite/0001_accounts.down.sql"),
    ),
    (
        2,
        "chat",
        include_str!("../../../../migrations/sqlite/0002_chat.up.sql"),
        include_str!("../../../../migrations/sqlite/0002_chat.down.sql"),
    ),
    (
        3,
        "tasks",
        include_str!("../../../../migrations/sqlite/0003_tasks.up.sql"),
        include_str!("../../../../migrations/sqlite/0003_tasks.down.sql"),
    ),
    (
        4,
        "log",
        include_str!("../../../../migrations/sqlite/0004_log.up.sql"),
        include_str!("../../../../migrations/sqlite/0004_log.down.sql"),
    ),
    (
        5,
        "search",
        include_str!("../../../../migrations/sqlite/0005_search.up.sql"),
        include_str!("../../../../migrations/sqlite/0005_search.down.sql"),
    ),
    (
        8,
        "bounds",
        include_str!("../../../../migrations/sqlite/0008_bounds.up.sql"),
        include_str!("../../../../migrations/sqlite/0008_bounds.down.sql"),
    ),
];
