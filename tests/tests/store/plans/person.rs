//! Users of the database that `rows.sql` fills, and their items.

use sqlx::{AssertSqlSafe, raw_sql};
use tandem_auth::Owner;
use tandem_protocol::{CommandId, ConversationId, MessageId, SessionId, TaskId, TokenId};
use tandem_tests::database::{DatabaseLocation, TestDatabase, administrator};
use uuid::Uuid;

/// The number of rows.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Tasks, and as many messages.
    pub(crate) rows: u64,
    pub(crate) users: u64,
}

impl Size {
    /// Small enough for each run; `TANDEM_PLAN_ROWS` overrides it.
    pub(crate) fn wanted() -> Self {
        let rows = std::env::var("TANDEM_PLAN_ROWS").map_or(50_000, |rows| rows.parse().unwrap());
        Self { rows, users: rows / 50 }
    }

    /// Fills an empty database.
    pub(crate) async fn fill(self, db: &TestDatabase) {
        let DatabaseLocation::Postgres { name } = &db.location else { panic!("only PostgreSQL shows its plans") };
        let numbers =
            |text: &str| text.replace(":rows", &self.rows.to_string()).replace(":users", &self.users.to_string());
        let mut superuser = administrator(name).await;
        for statements in [numbers(include_str!("rows.sql")).as_str(), "vacuum analyze"] {
            raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut superuser).await.unwrap();
        }
    }
}

/// A user, and one of everything that they have.
pub(crate) struct Person {
    pub(crate) owner: Owner,
    pub(crate) conversation: ConversationId,
    pub(crate) message: MessageId,
    /// The id of a task in the middle.
    pub(crate) number: i64,
    pub(crate) task: TaskId,
    pub(crate) session: SessionId,
    pub(crate) token: TokenId,
    pub(crate) command: CommandId,
    pub(crate) undo: String,
}

impl Person {
    /// A user by number. Users whose number modulo 12 is 6 have every kind of item.
    pub(crate) fn of_many(size: Size, number: u64) -> Self {
        let middle = number + 25 * size.users;
        Self {
            owner: Owner::for_test(format!("u{number}").into()),
            conversation: ConversationId(id(number)),
            message: MessageId(id(number)),
            number: 26,
            task: TaskId(id(middle)),
            session: SessionId(id(number)),
            token: TokenId(id(number / 2)),
            command: CommandId(id(number)),
            undo: format!("token-{number}"),
        }
    }

    /// The user with many more items than the others.
    pub(crate) fn heavy(size: Size) -> Self {
        Self {
            owner: Owner::for_test("heavy".into()),
            conversation: ConversationId(id(size.rows / 10)),
            message: MessageId(id(size.rows + 10_000)),
            number: 5001,
            task: TaskId(id(size.rows + 5000)),
            session: SessionId(id(3 * size.users)),
            token: TokenId(id(size.users)),
            command: CommandId(id(0)),
            undo: "token-0".to_owned(),
        }
    }
}

/// An id that `rows.sql` has given.
pub(crate) fn id(number: u64) -> Uuid {
    Uuid::from_u128(number.into())
}
