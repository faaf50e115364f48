//! Databases for tests: each test gets an empty one of its own, with the schema in place.

use std::{path::PathBuf, sync::Arc};
use tandem_server::store::{Migrations, Store, sqlite::SqliteStore};
use tempfile::TempDir;

/// A database that lives as long as its test.
#[derive(Debug)]
pub struct TestDatabase {
    /// The store under test.
    pub store: Arc<dyn Store>,
    /// Where it lies.
    pub place: Place,
}

/// Where a database lies, for tests that look at it from outside.
#[derive(Debug)]
pub enum Place {
    /// A file, in a folder that goes with the test.
    Sqlite {
        /// The file.
        file: PathBuf,
        /// Removes the folder.
        folder: TempDir,
    },
}

/// What a test stops with when its surroundings do not work.
const SETUP: &str = "the test's database works";

impl TestDatabase {
    /// An empty file with the schema of today.
    ///
    /// # Panics
    /// When the machine has no room for one.
    pub async fn sqlite() -> Self {
        let folder = TempDir::new().expect(SETUP);
        let file = folder.path().join("tandem.db");
        let store = SqliteStore::open(&file).await.expect(SETUP);
        store.migrate_up().await.expect(SETUP);
        Self { store: Arc::new(store), place: Place::Sqlite { file, folder } }
    }
}
