//! Moving in from the original system, from databases that the real better-auth has filled.

use reqwest::Method;
use serde_json::{Value, json};
use tandem_protocol::{
    enums::{Priority, Role, TaskStatus, UserRole},
    model::{Conversation, Message},
};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    user::{PASSWORD, Visitor},
};

on_each!(
    everybody_moves_in_with_password_tasks_and_conversations,
    a_dry_run_writes_nothing,
    another_run_adds_what_is_new_and_nothing_twice,
    a_run_is_taken_back,
    a_run_that_was_killed_is_completed_by_the_next,
    one_import_runs_at_a_time,
    what_cannot_be_kept_as_it_is_is_kept_as_far_as_it_goes_and_named,
);

const OLD: &str = include_str!("../../fixtures/original/better_auth_1_4.sql");
const NEW: &str = include_str!("../../fixtures/original/better_auth_1_7.sql");
const TABLES: &str = include_str!("../../fixtures/original/tables.sql");
/// As registered in the fixtures; the letters have another normal form.
const PASSWORD_OF_BEN: &str = "pas\u{15b}word \u{c5} 12";

struct Move {
    server: TestServer,
    owner: TestUser,
    location: DatabaseLocation,
    source: DatabaseLocation,
}

impl Move {
    async fn from(kind: Kind, users: &str) -> Self {
        let (location, source) = (DatabaseLocation::new(kind).await, DatabaseLocation::bare().await);
        source.script(users).await;
        source.script(TABLES).await;
        let server = TestServer::setup().database(location.url()).without_rate_limits().start().await;
        let owner = TestUser::register(&server).await;
        Self { server, owner, location, source }
    }

    /// Imports, and returns the report.
    fn import(&self, arguments: &[&str]) -> Value {
        let report = self.server.folder().join("report.json");
        let (url, file) = (self.source.superuser_url(), report.display().to_string());
        let fixed = ["import", "--from", &url, "--report", &file];
        self.server.command(&[&fixed, arguments].concat()).expect_success();
        serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap()
    }

    async fn log_in(&self, name: &str, password: &str) -> TestUser {
        Visitor::of(&self.server).sign_in_with(&format!("{name}@example.org"), password, "laptop").await
    }

    async fn count(&self, table: &str) -> usize {
        self.location.lines(&format!("select 'row' from {table}")).await.len()
    }
}

/// What a report counts of a table: rows, imported, present, left out.
fn counts(report: &Value, table: &str) -> [u64; 4] {
    let tables = report["tables"].as_array().unwrap();
    let found = tables.iter().find(|counted| counted["table"] == table).unwrap();
    ["rows", "imported", "present", "left_out"].map(|column| found[column].as_u64().unwrap())
}

fn reason(report: &Value, table: &str, id: &str) -> String {
    let left_out = report["left_out"].as_array().unwrap();
    let found = left_out.iter().find(|row| row["table"] == table && row["id"] == id);
    found.unwrap_or_else(|| panic!("{table} {id} is not in the report"))["reason"].as_str().unwrap().to_owned()
}

fn texts(messages: &[Message]) -> Vec<(Role, Value)> {
    messages.iter().map(|message| (message.role, json!(message.parts)[0]["text"].clone())).collect()
}

async fn everybody_moves_in_with_password_tasks_and_conversations(kind: Kind) {
    for users in [OLD, NEW] {
        let site = Move::from(kind, users).await;
        let report = site.import(&["--source-tz", "Europe/Berlin"]);
        assert_eq!(counts(&report, "user"), [6, 4, 0, 2]);
        assert_eq!(counts(&report, "tasks_phaseiii"), [8, 3, 0, 5]);
        assert_eq!(counts(&report, "conversations"), [4, 3, 0, 1]);
        assert_eq!(counts(&report, "messages"), [10, 4, 0, 6]);
        assert_eq!(report["without_password"], json!(["dan@example.org"]));
        assert!(reason(&report, "user", "capital").contains("same address"));
        assert!(reason(&report, "user", "nowhere").contains("address is not valid"));
        assert!(reason(&report, "tasks_phaseiii", "5").contains("no user ghost"));
        assert!(reason(&report, "tasks_phaseiii", "6").contains("nobody"));
        assert!(reason(&report, "tasks_phaseiii", "9").contains("user capital was left out"));
        assert!(reason(&report, "tasks_phaseiii", "8").contains("title"));
        assert!(reason(&report, "messages", "104").contains("neither of the user nor"));
        assert!(reason(&report, "messages", "105").contains("empty"));
        assert!(reason(&report, "messages", "106").contains("another user"));
        assert!(reason(&report, "messages", "108").contains("conversation is missing"));

        let ann = site.log_in("ann", PASSWORD).await;
        assert_eq!(ann.user().role, UserRole::Member);
        let tasks = ann.tasks("status=all").await;
        assert_eq!(tasks.iter().map(|task| task.number).collect::<Vec<_>>(), [3, 7]);
        let (milk, bread) = (&tasks[0], &tasks[1]);
        assert_eq!(
            (milk.title.as_str(), milk.description.as_str(), milk.priority),
            ("Milk", "two litres", Priority::High)
        );
        assert_eq!(
            (milk.list.as_deref(), milk.labels.as_slice()),
            (Some("Shopping"), &["home".into(), "food".into()][..])
        );
        assert_eq!(milk.due.as_ref().unwrap().date.to_string(), "2030-05-06");
        assert_eq!(milk.created_at.to_string(), "2025-01-01T09:00:00.000Z", "the time was meant in Berlin");
        assert_eq!((bread.title.as_str(), bread.status), ("Bread", TaskStatus::Done));
        assert_eq!(ann.add_task("Next").await.number, 8, "numbers go on");
        let conversations: Vec<Conversation> = ann.all_pages("/conversations", "").await;
        assert_eq!(conversations.iter().map(|it| it.title.as_deref()).collect::<Vec<_>>(), [Some("Plans")]);
        let expected = [
            (Role::User, json!("What is planned?")),
            (Role::Assistant, json!("Nothing **yet**.")),
            (Role::User, json!("Good.")),
        ];
        assert_eq!(texts(&ann.history(conversations[0].id).await), expected);
        assert!(ann.get("/search?q=planned").await.expect(200).body.contains("What is"));

        // A script reaches a conversation by the number that it had.
        let path = format!("/api/{}/conversations/11", ann.user().id);
        let history = ann.anonymous_request(Method::GET, &path).bearer(&ann.access_token()).await;
        assert_eq!(history.expect(200).value()["messages"].as_array().unwrap().len(), 3);

        // The hash of the other system is replaced at the first log-in, and the password goes on working.
        let hashes =
            async || site.location.lines("select password_hash from users where email = 'ben@example.org'").await;
        assert!(!hashes().await[0].starts_with('$'));
        let ben = site.log_in("ben", PASSWORD_OF_BEN).await;
        assert!(hashes().await[0].starts_with("$argon2id$"));
        site.log_in("ben", PASSWORD_OF_BEN).await;
        let conversations: Vec<Conversation> = ben.all_pages("/conversations", "").await;
        assert_eq!(conversations[0].title.as_deref(), Some("Hello"));
        let wrong = Visitor::of(&site.server).log_in("cat@example.org", "not the password").await;
        let nobody = Visitor::of(&site.server).log_in("dan@example.org", "not the password").await;
        assert_eq!((wrong.status, wrong.body_without_request_id()), (401, nobody.body_without_request_id()));
        assert!(site.server.command(&["audit"]).expect_success().contains("import"));
    }
}

async fn what_cannot_be_kept_as_it_is_is_kept_as_far_as_it_goes_and_named(kind: Kind) {
    let site = Move::from(kind, NEW).await;
    site.source
        .script(
            "update \"user\" set name = 'Dan' || chr(27) || repeat('x', 500), image = 'http://' || repeat('x', 3000) where id = 'dan';
             insert into tasks_phaseiii (id, user_id, title, completed, priority)
             values (2000000000, 'dan', 'Tea' || chr(10) || 'and' || chr(7) || ' cake', false, 'whenever');
             insert into messages (id, conversation_id, role, content) values (130, 13, 'user', 'of nobody')",
        )
        .await;
    let report = site.import(&[]);
    let changes = |table: &str, id: &str| {
        let rows = report["changed"].as_array().unwrap().iter();
        rows.filter(|row| row["table"] == table && row["id"] == id).map(|row| row["reason"].as_str().unwrap()).collect()
    };
    let (user, task): (Vec<_>, Vec<_>) = (changes("user", "dan"), changes("tasks_phaseiii", "2000000000"));
    assert!(user.len() == 2 && user[0].contains("picture") && user[1].contains("name"), "{user:?}");
    assert!(task.len() == 2 && task[0].contains("title") && task[1].contains("priority"), "{task:?}");
    assert!(reason(&report, "messages", "130").contains("nobody"));
    let name = site.location.lines("select name from users where id = 'dan'").await.remove(0);
    assert!(name.starts_with("Dan xxx") && name.len() == 200, "{name}");
    let task = site.location.lines("select title from tasks where number = 2000000000").await;
    assert_eq!(task, ["Tea and  cake"]);
    let record = site.owner.get("/admin/audit?limit=5").await.expect(200).body.clone();
    assert!(record.contains(report["id"].as_str().unwrap()), "{record}");
}

async fn a_dry_run_writes_nothing(kind: Kind) {
    let site = Move::from(kind, NEW).await;
    let dry = site.import(&["--dry-run"]);
    for table in ["imports", "imported", "tasks", "messages", "conversations"] {
        assert_eq!(site.count(table).await, 0, "{table}");
    }
    assert_eq!(site.count("users").await, 1);
    let wet = site.import(&[]);
    assert_eq!((&dry["tables"], &dry["left_out"]), (&wet["tables"], &wet["left_out"]), "the dry run was right");
    let known = site.import(&["--dry-run"]);
    assert_eq!(counts(&known, "messages"), [10, 0, 4, 6]);
    site.server.command(&["import", "--from", "postgres://127.0.0.1:1/x", "--dry-run"]).expect_failure("nothing was");
}

async fn another_run_adds_what_is_new_and_nothing_twice(kind: Kind) {
    let site = Move::from(kind, NEW).await;
    site.import(&[]);
    let ann = site.log_in("ann", PASSWORD).await;
    // What the user changed or deleted here stays so.
    ann.patch("/tasks/3").json(json!({ "title": "Oat milk" })).await.expect(200);
    ann.delete("/tasks/7").await.expect(200);
    let again = site.import(&[]);
    for (table, present) in [("user", 4), ("tasks_phaseiii", 3), ("conversations", 3), ("messages", 4)] {
        let [_, imported, known, _] = counts(&again, table);
        assert_eq!((imported, known), (0, present), "{table}");
    }
    let titles =
        |tasks: Vec<tandem_protocol::model::Task>| tasks.into_iter().map(|task| task.title).collect::<Vec<_>>();
    assert_eq!(titles(ann.tasks("status=all").await), ["Oat milk"]);

    let seq = ann.snapshot().await.seq;
    site.source
        .script(
            "insert into tasks_phaseiii (id, user_id, title) select 20, id, 'Later' from \"user\" where email = 'ann@example.org';
             insert into conversations (id, user_id, title) select 21, id, 'Later' from \"user\" where email = 'ann@example.org';
             insert into messages (id, conversation_id, user_id, role, content)
             select 121, 21, id, 'user', 'Later' from \"user\" where email = 'ann@example.org'",
        )
        .await;
    let third = site.import(&[]);
    assert_eq!(
        counts(&third, "tasks_phaseiii")[1] + counts(&third, "conversations")[1] + counts(&third, "messages")[1],
        3
    );
    assert_eq!(titles(ann.tasks("status=all").await), ["Oat milk", "Later"]);
    let events = ann.get(&format!("/events?since={seq}")).await.expect(200).body.clone();
    assert_eq!(
        ["task.created", "conversation.created", "message.created"].map(|name| events.matches(name).count()),
        [1; 3]
    );

    // Only what the third run has added is taken back.
    site.server.command(&["import", "--undo", third["id"].as_str().unwrap()]).expect_success();
    assert_eq!(titles(ann.tasks("status=all").await), ["Oat milk"]);
    assert_eq!(ann.all_pages::<Conversation>("/conversations", "").await.len(), 1);
}

async fn a_run_is_taken_back(kind: Kind) {
    let site = Move::from(kind, OLD).await;
    let own = site.owner.add_task("Mine").await;
    let report = site.import(&[]);
    let run = report["id"].as_str().unwrap();
    let ann = site.log_in("ann", PASSWORD).await;
    site.server.command(&["user", "role", "ann@example.org", "owner"]).expect_success();
    site.server.command(&["user", "role", site.owner.email(), "member"]).expect_success();
    site.server.command(&["import", "--undo", run]).expect_failure("no owner");
    // Two owners of the run go together: neither is another owner for the other.
    site.server.command(&["user", "role", "ben@example.org", "owner"]).expect_success();
    site.server.command(&["import", "--undo", run]).expect_failure("no owner");
    assert_eq!(ann.get("/me").await.status, 200);
    site.server.command(&["user", "role", site.owner.email(), "owner"]).expect_success();
    let undone = site.server.command(&["import", "--undo", run]).expect_success();
    assert!(undone.contains("4 accounts are deleted"), "{undone}");
    assert_eq!(ann.get("/me").await.status, 401);
    assert_eq!((site.count("users").await, site.count("messages").await, site.count("imported").await), (1, 0, 0));
    assert_eq!(site.owner.tasks("status=all").await.iter().map(|task| task.id).collect::<Vec<_>>(), [own.id]);
    site.server.command(&["import", "--undo", run]).expect_failure("no import with this id");
    // And everybody may move in once more.
    assert_eq!(counts(&site.import(&[]), "user")[1], 4);
    site.log_in("ann", PASSWORD).await;
}

/// The accounts and tasks are there and the conversations are not: as a process leaves it that was killed.
async fn a_run_that_was_killed_is_completed_by_the_next(kind: Kind) {
    let site = Move::from(kind, NEW).await;
    let whole = site.import(&["--dry-run"]);
    // A column that is not there breaks the run off after the accounts and tasks.
    site.source.script("alter table messages rename column id to hidden").await;
    let url = site.source.superuser_url();
    site.server.command(&["import", "--from", &url]).expect_failure("the import broke off. What it has added stays");
    site.source.script("alter table messages rename column hidden to id").await;
    let report = site.import(&[]);
    for table in ["user", "tasks_phaseiii", "conversations", "messages"] {
        let ([rows, imported, present, left_out], [all, would, ..]) = (counts(&report, table), counts(&whole, table));
        assert_eq!((rows, imported + present, left_out), (all, would, all - would), "{table}");
    }
    let ann = site.log_in("ann", PASSWORD).await;
    assert_eq!(ann.tasks("status=all").await.len(), 2);
    assert_eq!(ann.all_pages::<Conversation>("/conversations", "").await.len(), 1);
}

async fn one_import_runs_at_a_time(kind: Kind) {
    let site = Move::from(kind, NEW).await;
    let url = site.source.superuser_url();
    let epoch = site.owner.snapshot().await.epoch;
    // What another import of the same database does, as far as this one notices.
    let held = format!("begin; select pg_advisory_xact_lock(hashtext('{epoch}')); select pg_sleep(60)");
    let DatabaseLocation::Postgres { name } = &site.source else { unreachable!("the other system is on PostgreSQL") };
    let source = DatabaseLocation::Postgres { name: name.clone() };
    let other = tokio::spawn(async move { source.script(&held).await });
    tandem_tests::eventually("the other import", async || {
        let locks = site.source.lines("select 'x' from pg_locks where locktype = 'advisory' and granted").await;
        (!locks.is_empty()).then_some(())
    })
    .await;
    site.server.command(&["import", "--from", &url]).expect_failure("another import of this database is running");
    assert_eq!((site.count("users").await, site.count("imports").await), (1, 0));
    other.abort();
    site.source.cut_connections().await;
    assert_eq!(counts(&site.import(&[]), "user")[1], 4);
}
