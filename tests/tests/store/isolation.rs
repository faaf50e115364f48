//! Rows of another user are treated as missing.

use crate::{
    fixtures::{allowed, at, every_message, message, refusal, uuid},
    full_account::FullAccount,
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use std::slice::from_ref;
use tandem_auth::Authority;
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    ConversationId, TaskRef,
    enums::StatusFilter,
    model::{Summary, Task},
};
use tandem_store::{ConversationRow, ConversationState, Run, StoreError, TaskFilter};
use tandem_tests::{
    database::{DatabaseLocation, TestDatabase},
    postgres::{Cluster, ROLE},
};

crate::on_both!(
    a_foreign_id_reads_as_absent,
    a_foreign_id_cannot_be_written,
    equal_ids_of_two_users_are_two_items,
    a_deleted_account_leaves_no_row_and_no_word,
);

async fn a_foreign_id_reads_as_absent(db: TestDatabase) {
    let (ann, ben) =
        (FullAccount::of(&*db.store, "annsword", 1).await, FullAccount::of(&*db.store, "bensword", 2).await);
    let mut tx = db.store.read(&ben.owner).await.unwrap();
    let conversation = ann.conversation.conversation.id;
    assert_eq!(tx.conversation(conversation).await.unwrap(), ConversationState::Absent);
    assert_eq!(tx.message(ann.question.id).await.unwrap(), None);
    assert_eq!(tx.last_message(conversation).await.unwrap(), None);
    assert_eq!(tx.messages(conversation, &PageRequest::first()).await.unwrap().rows, []);
    assert_eq!(tx.replies_after(conversation, 0).await.unwrap(), 0);
    assert_eq!(tx.run(ann.answer.id).await.unwrap(), None);
    assert_eq!(tx.runs(conversation).await.unwrap(), []);
    assert!(tx.run_steps(ann.answer.id).await.unwrap().is_empty());
    assert_eq!(tx.task(TaskRef::Id(ann.task.id)).await.unwrap(), None);
    assert_eq!(tx.last_completion(ann.task.id).await.unwrap(), None);
    assert_eq!(tx.descendants(ann.task.id, 9).await.unwrap(), []);
    assert_eq!(tx.command(ann.command.id).await.unwrap(), None);
    assert_eq!(tx.undo_entry(&ann.undo.token).await.unwrap(), None);
    for authority in [Authority::Session(ann.session.session.id), Authority::Token(ann.token.id)] {
        assert!(!allowed(&*db.store, &ben.owner, authority, at(1)).await, "{authority:?} of another");
    }

    let first = PageRequest { limit: 50, after: None };
    assert_eq!(tx.completions(None, None, &first).await.unwrap(), from_ref(&ben.completion.completion));
    let own = PageRequest { limit: 50, after: None };
    assert_eq!(tx.conversations(&own).await.unwrap(), from_ref(&ben.conversation.conversation));
    assert_eq!(every_message(tx.as_mut()).await, [ben.question.clone(), ben.answer.clone()]);
    assert_eq!(tx.active_messages().await.unwrap(), from_ref(&ben.answer));
    assert_eq!(
        tx.tasks(&TaskFilter::status(StatusFilter::All), &PageRequest::first()).await.unwrap().rows,
        from_ref(&ben.task)
    );
    assert_eq!(tx.all_tasks(StatusFilter::All).await.unwrap(), from_ref(&ben.task));
    assert_eq!(tx.task(TaskRef::Number(1)).await.unwrap(), Some(ben.task.clone()));
    assert_eq!(tx.events_after(0, 10).await.unwrap().len(), 1);
    assert_eq!(tx.last_undo_entry().await.unwrap(), Some(ben.undo.clone()));
    assert_eq!(tx.sessions(at(1)).await.unwrap(), from_ref(&ben.session.session));
    assert_eq!(tx.personal_tokens().await.unwrap(), from_ref(&ben.token));
    let search = PageRequest { limit: 50, after: None };
    assert_eq!(tx.search(&["annsword".to_owned()], &search).await.unwrap(), []);
    assert_eq!(tx.search(&["bensword".to_owned()], &search).await.unwrap().len(), 3);
}

async fn a_foreign_id_cannot_be_written(db: TestDatabase) {
    let (ann, ben) =
        (FullAccount::of(&*db.store, "annsword", 1).await, FullAccount::of(&*db.store, "bensword", 2).await);
    let conversation = ann.conversation.conversation.id;
    // What must be there to be changed is an error, what is taken away if it is there is not.
    let renamed = ConversationRow { conversation: ann.conversation.conversation.clone(), ..ben.conversation.clone() };
    let (foreign, run) = (message(conversation, "x"), Run { attempt: 9, ..ann.run.clone() });
    let step = json!("bensword");
    let summary = Summary { text: "bensword".to_owned(), created_at: at(1) };
    let refusals = [
        refusal(&*db.store, &ben.owner, async |tx| tx.update_conversation(&renamed, true).await.unwrap()).await,
        refusal(&*db.store, &ben.owner, async |tx| tx.update_message(&ann.question).await.unwrap()).await,
        refusal(&*db.store, &ben.owner, async |tx| tx.save_summary(ann.question.id, &summary).await.unwrap()).await,
        refusal(&*db.store, &ben.owner, async |tx| tx.update_run(&ann.run).await.unwrap()).await,
        refusal(&*db.store, &ben.owner, async |tx| tx.update_task(&ann.task, true).await.unwrap()).await,
        refusal(&*db.store, &ben.owner, async |tx| tx.insert_message(&foreign).await.unwrap()).await,
        refusal(&*db.store, &ben.owner, async |tx| tx.insert_run(&run).await.unwrap()).await,
        refusal(&*db.store, &ben.owner, async |tx| tx.save_run_step(ann.answer.id, 0, &step).await.unwrap()).await,
    ];
    assert!(refusals.iter().all(|refusal| matches!(refusal, StoreError::Broken(_))), "{refusals:?}");
    let mut tx = db.store.write(&ben.owner).await.unwrap();
    assert!(!tx.revoke_session(ann.session.session.id, at(1)).await.unwrap());
    assert!(!tx.rotate_refresh(&[1; 32], &[9; 32], &ann.session.session, at(1)).await.unwrap());
    assert!(!tx.delete_personal_token(ann.token.id).await.unwrap());
    tx.delete_conversation(conversation, at(1)).await.unwrap();
    tx.delete_run(ann.answer.id).await.unwrap();
    tx.delete_task(ann.task.id, at(1)).await.unwrap();
    tx.delete_completion(ann.completion.completion.id).await.unwrap();
    tx.use_undo(&ann.undo.token).await.unwrap();
    tx.set_password_hash("bensword").await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.store.read(&ann.owner).await.unwrap();
    assert_eq!(tx.conversation(conversation).await.unwrap(), ConversationState::Live(ann.conversation.clone()));
    assert_eq!(every_message(tx.as_mut()).await, [ann.question, ann.answer.clone()]);
    assert_eq!(tx.run(ann.answer.id).await.unwrap(), Some(ann.run));
    assert_eq!(tx.run_steps(ann.answer.id).await.unwrap(), [json!({"text": "annsword"})]);
    assert_eq!(tx.last_completion(ann.task.id).await.unwrap(), Some(ann.completion));
    assert_eq!(tx.task(ann.task.id.into()).await.unwrap(), Some(ann.task));
    assert_eq!(tx.last_undo_entry().await.unwrap(), Some(ann.undo));
    assert_eq!(tx.sessions(at(1)).await.unwrap(), [ann.session.session]);
    assert_eq!(tx.personal_tokens().await.unwrap(), [ann.token]);
    assert_eq!(tx.password_hash().await.unwrap().as_deref(), Some("$argon2id$old"));
    assert!(db.store.refresh_token(&[9; 32]).await.unwrap().is_none());
}

async fn equal_ids_of_two_users_are_two_items(db: TestDatabase) {
    let (ann, ben) =
        (FullAccount::of(&*db.store, "annsword", 1).await, FullAccount::of(&*db.store, "bensword", 2).await);
    let mut tx = db.store.write(&ben.owner).await.unwrap();
    let row = ConversationRow { conversation: ann.conversation.conversation.clone(), ..ben.conversation.clone() };
    tx.insert_conversation(&row).await.unwrap();
    tx.insert_message(&ann.question).await.unwrap();
    tx.insert_message(&ann.answer).await.unwrap();
    tx.insert_run(&ann.run).await.unwrap();
    tx.insert_task(&Task { number: 2, title: "Ben's".to_owned(), ..ann.task.clone() }).await.unwrap();
    tx.save_command(&ann.command, at(0)).await.unwrap();
    tx.save_undo(&ann.undo).await.unwrap();
    tx.delete_conversation(ann.conversation.conversation.id, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    while db.store.index_documents(ben.owner.user()).await.unwrap() {}
    let mut tx = db.store.read(&ann.owner).await.unwrap();
    assert_eq!(tx.task(ann.task.id.into()).await.unwrap(), Some(ann.task));
    assert_eq!(every_message(tx.as_mut()).await, [ann.question, ann.answer.clone()]);
    assert_eq!(tx.run(ann.answer.id).await.unwrap(), Some(ann.run));
    assert_eq!(tx.search(&["annsword".to_owned()], &PageRequest { limit: 9, after: None }).await.unwrap().len(), 3);
}

async fn a_deleted_account_leaves_no_row_and_no_word(db: TestDatabase) {
    let ann = FullAccount::of(&*db.store, "annxylozqxvw", 1).await;
    let ben = FullAccount::of(&*db.store, "bensword", 2).await;
    // The end of the word: the index keeps the beginning of words once for all that share it.
    let holding = db.tables_holding("zqxvw").await;
    for table in ["users", "conversations", "messages", "run_steps", "tasks", "events", "commands", "undo_entries"] {
        assert!(holding.contains(&table.to_owned()), "the test looks for nothing in {table}: {holding:?}");
    }
    assert!(holding.iter().any(|table| table.starts_with("search_")), "{holding:?}");
    let id = ann.owner.user().as_str();
    // By the schema: a new table of a user needs a row in `FullAccount`.
    for table in db.location.tables_of_users().await {
        // Texts that wait to be indexed, and those of a reply while a node writes it.
        let passing = matches!(table.as_str(), "search_pending" | "reply_texts");
        assert!(rows_of(&db, &table, id).await > 0 || passing, "the test has no row in {table}");
    }
    let guest = format!(
        "insert into invitations (id, hash, email, uses, created_at, expires_at) select {}, email, 1,
                         created_at, created_at from users where id = '{id}'",
        match db.location {
            DatabaseLocation::Sqlite { .. } => "x'01', x'01'",
            DatabaseLocation::Postgres { .. } => "gen_random_uuid(), '\\x01'::bytea",
        }
    );
    db.execute(&guest).await;
    let mut tx = db.store.write(&ann.owner).await.unwrap();
    tx.delete_account(at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(db.store.write(&ann.owner).await.map(|_| ()), Err(StoreError::NoAccount)));
    assert!(db.store.personal_token(&[1; 32]).await.unwrap().is_none(), "it is over at once");
    assert_eq!(db.store.deleted_accounts().await.unwrap(), from_ref(ann.owner.user()));
    db.store.remove_deleted(ben.owner.user()).await.unwrap();
    db.store.remove_deleted(ann.owner.user()).await.unwrap();
    assert_eq!(db.store.deleted_accounts().await.unwrap(), []);
    // Deleted words are never found, and leave the bytes of the index when it is pruned.
    db.store.prune(at(1), 10_000).await.unwrap();

    assert_eq!(db.tables_holding("zqxvw").await, [""; 0]);
    assert_eq!(db.tables_holding(ann.owner.user().as_str()).await, [""; 0]);
    for table in db.location.tables_of_users().await {
        assert_eq!(rows_of(&db, &table, ann.owner.user().as_str()).await, 0, "{table}");
    }
    assert!(matches!(db.store.write(&ann.owner).await.map(|_| ()), Err(StoreError::NoAccount)));
    assert!(db.store.session(ann.session.session.id).await.unwrap().is_none());
    assert!(db.store.refresh_token(&[1; 32]).await.unwrap().is_none());
    assert!(db.store.personal_token(&[1; 32]).await.unwrap().is_none());
    let mut tx = db.store.read(&ben.owner).await.unwrap();
    assert_eq!(tx.all_tasks(StatusFilter::All).await.unwrap(), [ben.task]);
    assert_eq!(tx.search(&["bensword".to_owned()], &PageRequest { limit: 9, after: None }).await.unwrap().len(), 3);
    assert_eq!(tx.conversation(ConversationId(uuid())).await.unwrap(), ConversationState::Absent);
}

async fn rows_of(db: &TestDatabase, table: &str, user: &str) -> i64 {
    let count = db.lines(&format!("select cast(count(*) as text) from {table} where user_id = '{user}'")).await;
    count[0].parse().unwrap()
}

/// Runs a statement as the role of the server, for a given user.
async fn as_role(db: &TestDatabase, user: Option<&str>, statement: &str) -> sqlx::Result<(Vec<i64>, u64)> {
    let DatabaseLocation::Postgres { name } = &db.location else { panic!("only PostgreSQL has row-level security") };
    let mut conn = PgConnection::connect(&Cluster::shared().url(ROLE, name)).await?;
    if let Some(user) = user {
        sqlx::query("select set_config('tandem.user_id', $1, false)").bind(user).execute(&mut conn).await?;
    }
    let statement = AssertSqlSafe(statement.to_owned());
    if statement.0.starts_with("select") {
        let rows = sqlx::query(statement).fetch_all(&mut conn).await?;
        return Ok((rows.iter().map(|row| row.get(0)).collect(), 0));
    }
    Ok((Vec::new(), sqlx::query(statement).execute(&mut conn).await?.rows_affected()))
}

#[tokio::test]
async fn row_level_security_binds_the_owner_of_the_tables() {
    let db = TestDatabase::postgres().await;
    let (ann, ben) =
        (FullAccount::of(&*db.store, "annsword", 1).await, FullAccount::of(&*db.store, "bensword", 2).await);
    let (ann, ben) = (ann.owner.user().as_str(), ben.owner.user().as_str());
    let tables = [
        "conversations",
        "messages",
        "runs",
        "run_steps",
        "tasks",
        "events",
        "commands",
        "undo_entries",
        "search_documents",
    ];
    for table in tables {
        let count = |of: &str| format!("select count(*) from {table} where user_id like '{of}%'");
        assert_eq!(as_role(&db, None, &count("")).await.unwrap().0, [0], "{table} without a user");
        assert_eq!(as_role(&db, Some(""), &count("")).await.unwrap().0, [0], "{table} with an empty user");
        assert_eq!(as_role(&db, Some(ben), &count(ann)).await.unwrap().0, [0], "{table} of another");
        assert!(as_role(&db, Some(ann), &count(ann)).await.unwrap().0[0] > 0, "{table} of its own");
        let delete = format!("delete from {table} where user_id = '{ann}'");
        assert_eq!(as_role(&db, Some(ben), &delete).await.unwrap().1, 0, "{table} of another was deleted");
        let steal = format!("update {table} set user_id = '{ann}' where user_id = '{ben}'");
        assert!(as_role(&db, Some(ben), &steal).await.is_err(), "a row of {table} was given to another");
    }
}

#[tokio::test]
async fn every_table_of_a_user_has_row_level_security_except_those_for_authentication() {
    let db = TestDatabase::postgres().await;
    let without = "select c.relname::text
                     from pg_class as c
                     join pg_attribute as a on a.attrelid = c.oid and a.attname = 'user_id'
                    where c.relkind = 'r'
                      and c.relnamespace = 'public'::regnamespace
                      and not (c.relrowsecurity and c.relforcerowsecurity)
                    order by 1";
    assert_eq!(db.lines(without).await, ["personal_tokens", "refresh_tokens", "reset_links", "sessions"]);
}
