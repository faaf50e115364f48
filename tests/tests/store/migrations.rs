//! Migrations: up, down and up again, by one node or several.

use crate::fixtures::tasks;
use std::{collections::BTreeSet, fs, path::Path, sync::Arc};
use tandem_tests::database::{DatabaseLocation, TestDatabase};

crate::on_both!(
    up_down_and_up_again_is_the_same_schema,
    each_step_can_be_taken_back_alone,
    many_nodes_may_migrate_at_once,
    a_database_of_a_newer_version_is_refused,
    a_new_database_has_a_new_epoch,
    the_oldest_account_of_an_existing_database_becomes_the_owner,
);

async fn applied(db: &TestDatabase) -> Vec<i64> {
    let status = db.migrations.migration_status().await.unwrap();
    status.into_iter().filter(|step| step.applied).map(|step| step.number).collect()
}

async fn up_down_and_up_again_is_the_same_schema(db: TestDatabase) {
    let ann = crate::fixtures::user(&*db.store, "ann").await;
    tasks(&*db.store, &ann, &["Milk"]).await;
    let schema = db.schema().await;
    assert!(schema.iter().any(|line| line.contains("search_documents")), "the test sees no schema");
    db.migrations.migrate_down(0).await.unwrap();
    assert_eq!(applied(&db).await, [0; 0]);
    let rest = db.schema().await;
    assert!(rest.iter().all(|line| line.contains("_sqlx_migrations")), "something stayed: {rest:?}");
    db.migrations.migrate_up().await.unwrap();
    assert_eq!(db.schema().await, schema);
    let ann = crate::fixtures::user(&*db.store, "ann").await;
    tasks(&*db.store, &ann, &["Milk"]).await;
}

async fn each_step_can_be_taken_back_alone(db: TestDatabase) {
    let all = applied(&db).await;
    let mut schemas = Vec::new();
    for step in all.iter().rev() {
        schemas.push(db.schema().await);
        db.migrations.migrate_down(step - 1).await.unwrap();
        let before: Vec<i64> = all.iter().copied().filter(|number| number < step).collect();
        assert_eq!(applied(&db).await, before);
    }
    db.migrations.migrate_up().await.unwrap();
    for step in all.iter().rev() {
        assert_eq!(db.schema().await, schemas.remove(0), "at step {step}");
        db.migrations.migrate_down(step - 1).await.unwrap();
    }
}

async fn many_nodes_may_migrate_at_once(db: TestDatabase) {
    let schema = db.schema().await;
    db.migrations.migrate_down(0).await.unwrap();
    let nodes = (0..5).map(|_| {
        let migrations = Arc::clone(&db.migrations);
        tokio::spawn(async move { migrations.migrate_up().await })
    });
    for node in futures_util::future::join_all(nodes.collect::<Vec<_>>()).await {
        node.unwrap().unwrap();
    }
    assert_eq!(db.schema().await, schema);
}

async fn a_database_of_a_newer_version_is_refused(db: TestDatabase) {
    db.execute("update _sqlx_migrations set version = 9999 where version = 1").await;
    let error = db.migrations.migrate_up().await.unwrap_err();
    let error = format!("{:#}", anyhow::Error::from(error));
    assert!(error.contains("newer than this program: it has step 9999"), "{error}");
}

async fn a_new_database_has_a_new_epoch(db: TestDatabase) {
    let old = db.store.epoch().await.unwrap();
    db.migrations.migrate_down(0).await.unwrap();
    db.migrations.migrate_up().await.unwrap();
    assert_ne!(db.store.epoch().await.unwrap(), old);
}

async fn the_oldest_account_of_an_existing_database_becomes_the_owner(db: TestDatabase) {
    let mut users = Vec::new();
    for name in ["ann", "ben", "cem"] {
        users.push(crate::fixtures::user(&*db.store, name).await.user().to_string());
    }
    db.migrations.migrate_down(17).await.unwrap();
    let earlier = match db.location {
        DatabaseLocation::Sqlite { .. } => "created_at - 1000",
        DatabaseLocation::Postgres { .. } => "created_at - interval '1 second'",
    };
    // Ann is the oldest, and may not sign in.
    db.execute(&format!("update users set created_at = {earlier}, disabled_at = created_at where id = '{}'", users[0]))
        .await;
    db.execute(&format!("update users set created_at = {earlier} where id = '{}'", users[1])).await;
    db.migrations.migrate_up().await.unwrap();
    assert_eq!(db.lines("select id from users where role = 'owner'").await, [users[1].as_str()]);
}

/// A file that is missing in the binary would never be applied.
#[tokio::test]
async fn every_file_is_a_step_and_both_databases_have_the_same() {
    for db in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        let steps = db.migrations.migration_status().await.unwrap();
        let numbers: Vec<i64> = steps.iter().map(|step| step.number).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
        let ways = |name: String| ["up", "down"].map(|way| format!("{name}.{way}.sql"));
        let named = steps.iter().flat_map(|step| ways(format!("{:04}_{}", step.number, step.name)));
        let folder = match db.location {
            DatabaseLocation::Sqlite { .. } => "sqlite",
            DatabaseLocation::Postgres { .. } => "postgres",
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        assert_eq!(files.collect::<BTreeSet<_>>(), named.collect());
    }
}
