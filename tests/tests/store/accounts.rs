//! Accounts: profile, password, sessions and personal tokens.

use crate::fixtures::{allowed, at, refusal, session, user, uuid};
use tandem_auth::{Authority, Owner};
use tandem_protocol::{
    SessionId, TokenId,
    enums::Scope,
    model::{PersonalToken, User},
    settings::{ReminderDefaults, UserSettings},
};
use tandem_store::{Admission, EndedSession, Entry, NewAccount, NewSession, Store, StoreError, WriteTx};
use tandem_tests::database::TestDatabase;

crate::on_both!(
    an_address_registers_once,
    a_log_in_finds_its_account_by_address,
    the_changeable_fields_of_a_profile_are_changed,
    a_password_is_rehashed_only_while_it_is_the_same,
    a_session_is_found_until_it_ends,
    a_revoked_session_is_over_and_reported,
    the_list_of_sessions_shows_the_active_ones_newest_first,
    a_refresh_token_is_replaced_once,
    only_the_one_before_the_newest_counts_as_previous,
    a_personal_token_is_found_by_its_hash,
    a_personal_token_is_removed_once,
    an_unknown_account_can_do_nothing,
);

/// As on a server that only its own machine reaches.
const OPEN: Entry = Entry::Open { first_is_owner: true };

async fn begin(store: &dyn Store, owner: &Owner, session: &NewSession) {
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_session(session).await.unwrap();
    tx.commit().await.unwrap();
}

async fn rotate(store: &dyn Store, owner: &Owner, session: &NewSession, old: u8, new: u8, seconds: i64) -> bool {
    let mut tx = store.write(owner).await.unwrap();
    let mut seen = session.session.clone();
    seen.last_seen_at = at(seconds);
    seen.expires_at = at(seconds + 3600);
    seen.ip = Some("198.51.100.1".to_owned());
    let rotated = tx.rotate_refresh(&[old; 32], &[new; 32], &seen, at(seconds)).await.unwrap();
    tx.commit().await.unwrap();
    rotated
}

async fn an_address_registers_once(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let taken = db.store.read(&ann).await.unwrap().account().await.unwrap().user;
    let second = User { id: "somebody-else".into(), ..taken.clone() };
    let again = NewAccount { user: second, password_hash: Some("other".to_owned()), entry: OPEN, record: None };
    assert_eq!(db.store.register(&again).await.unwrap(), Admission::Taken);
    let found = db.store.credentials(&taken.email).await.unwrap().unwrap();
    assert_eq!((found.user_id, found.password_hash.as_deref()), (taken.id, Some("$argon2id$old")));
}

async fn a_log_in_finds_its_account_by_address(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let account = db.store.read(&ann).await.unwrap().account().await.unwrap();
    assert_eq!((account.seq, account.next_task_number), (0, 1));
    let found = db.store.credentials(&account.user.email).await.unwrap().unwrap();
    assert_eq!((&found.user_id, found.disabled), (ann.user(), false));
    assert!(db.store.credentials("nobody@example.org").await.unwrap().is_none());
    assert!(db.store.credentials("' or '1'='1").await.unwrap().is_none());
}

async fn the_changeable_fields_of_a_profile_are_changed(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let before = tx.account().await.unwrap().user;
    let update = User {
        name: "Änne".to_owned(),
        time_zone: "Asia/Tokyo".to_owned(),
        image: Some("https://example.org/a.png".to_owned()),
        settings: UserSettings {
            reminders: ReminderDefaults { timed: None, ..ReminderDefaults::default() },
            ..UserSettings::default()
        },
        email: "other@example.org".to_owned(),
        email_verified: true,
        ..before.clone()
    };
    tx.update_user(&update).await.unwrap();
    let expected = User { email: before.email, ..update };
    assert_eq!(tx.account().await.unwrap().user, expected);
    tx.commit().await.unwrap();
    assert_eq!(db.store.read(&ann).await.unwrap().account().await.unwrap().user, expected);
}

async fn a_password_is_rehashed_only_while_it_is_the_same(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.rehash_password("$argon2id$old", "raised").await.unwrap();
    assert_eq!(tx.password_hash().await.unwrap().as_deref(), Some("raised"));
    tx.rehash_password("$argon2id$old", "late").await.unwrap();
    assert_eq!(tx.password_hash().await.unwrap().as_deref(), Some("raised"));
    tx.set_password_hash("new").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.read(&ann).await.unwrap().password_hash().await.unwrap().as_deref(), Some("new"));
}

async fn a_session_is_found_until_it_ends(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let laptop = session(1);
    begin(&*db.store, &ann, &laptop).await;
    let found = db.store.session(laptop.session.id).await.unwrap().unwrap();
    assert_eq!((&found.user_id, &found.session, found.ends_at), (ann.user(), &laptop.session, at(7200)));
    assert!(found.alive(at(3599)) && !found.alive(at(3600)));
    let authority = Authority::Session(laptop.session.id);
    assert!(allowed(&*db.store, &ann, authority, at(3599)).await);
    assert!(!allowed(&*db.store, &ann, authority, at(3600)).await);
    assert!(db.store.session(SessionId(uuid())).await.unwrap().is_none());
    let again = refusal(&*db.store, &ann, async |tx| tx.insert_session(&laptop).await.unwrap()).await;
    assert!(matches!(again, StoreError::Exists("session")), "{again:?}");
}

async fn a_revoked_session_is_over_and_reported(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let (laptop, phone) = (session(1), session(2));
    begin(&*db.store, &ann, &laptop).await;
    begin(&*db.store, &ann, &phone).await;
    let mut tx = db.store.write(&ann).await.unwrap();
    assert!(tx.revoke_session(laptop.session.id, at(10)).await.unwrap());
    assert!(!tx.revoke_session(laptop.session.id, at(11)).await.unwrap());
    assert!(!tx.revoke_session(SessionId(uuid()), at(11)).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!allowed(&*db.store, &ann, Authority::Session(laptop.session.id), at(11)).await);
    assert!(allowed(&*db.store, &ann, Authority::Session(phone.session.id), at(11)).await);
    assert!(db.store.session(laptop.session.id).await.unwrap().unwrap().revoked);
    let ended = EndedSession { id: laptop.session.id, account_deleted: false };
    assert_eq!(db.store.ended_since(at(10)).await.unwrap(), [ended]);
    assert_eq!(db.store.ended_since(at(11)).await.unwrap(), []);
}

async fn the_list_of_sessions_shows_the_active_ones_newest_first(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut sessions = [session(1), session(2), session(3), session(4)];
    for (seconds, session) in (0..).zip(&mut sessions) {
        session.session.created_at = at(seconds);
    }
    sessions[0].session.expires_at = at(50);
    sessions[1].ends_at = at(50);
    for session in &sessions {
        begin(&*db.store, &ann, session).await;
    }
    let living = db.store.read(&ann).await.unwrap().sessions(at(100)).await.unwrap();
    assert_eq!(living, [sessions[3].session.clone(), sessions[2].session.clone()]);
}

async fn a_refresh_token_is_replaced_once(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let laptop = session(1);
    begin(&*db.store, &ann, &laptop).await;
    let first = db.store.refresh_token(&[1; 32]).await.unwrap().unwrap();
    assert_eq!((first.session_id, first.replaced_at, first.is_previous), (laptop.session.id, None, false));
    assert!(rotate(&*db.store, &ann, &laptop, 1, 2, 60).await);
    assert!(!rotate(&*db.store, &ann, &laptop, 1, 3, 61).await, "an old token was replaced again");
    assert!(db.store.refresh_token(&[3; 32]).await.unwrap().is_none());
    let found = db.store.session(laptop.session.id).await.unwrap().unwrap().session;
    assert_eq!((found.last_seen_at, found.expires_at), (at(60), at(3660)));
    assert_eq!(found.ip.as_deref(), Some("198.51.100.1"));
}

async fn only_the_one_before_the_newest_counts_as_previous(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let laptop = session(1);
    begin(&*db.store, &ann, &laptop).await;
    assert!(rotate(&*db.store, &ann, &laptop, 1, 2, 60).await);
    let first = db.store.refresh_token(&[1; 32]).await.unwrap().unwrap();
    assert_eq!((first.replaced_at, first.is_previous), (Some(at(60)), true));
    assert!(rotate(&*db.store, &ann, &laptop, 2, 3, 120).await);
    let first = db.store.refresh_token(&[1; 32]).await.unwrap().unwrap();
    assert_eq!((first.replaced_at, first.is_previous), (Some(at(60)), false));
    assert!(db.store.refresh_token(&[2; 32]).await.unwrap().unwrap().is_previous);
    assert!(!db.store.refresh_token(&[3; 32]).await.unwrap().unwrap().is_previous);
}

fn personal_token(expires: Option<i64>) -> PersonalToken {
    PersonalToken {
        id: TokenId(uuid()),
        name: "Script".to_owned(),
        scopes: vec![Scope::Read, Scope::Write],
        created_at: at(0),
        last_used_at: None,
        expires_at: expires.map(at),
    }
}

async fn a_personal_token_is_found_by_its_hash(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let (hourly, eternal) = (personal_token(Some(3600)), personal_token(None));
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.insert_personal_token(&hourly, &[7; 32]).await.unwrap();
    tx.insert_personal_token(&eternal, &[8; 32]).await.unwrap();
    tx.commit().await.unwrap();
    let twice = async |tx: &mut dyn WriteTx| tx.insert_personal_token(&personal_token(None), &[8; 32]).await.unwrap();
    let again = refusal(&*db.store, &ann, twice).await;
    assert!(matches!(again, StoreError::Exists(_)), "{again:?}");
    let found = db.store.personal_token(&[7; 32]).await.unwrap().unwrap();
    assert_eq!((found.id, &found.user_id, found.disabled), (hourly.id, ann.user(), false));
    assert_eq!((found.scopes, found.expires_at), (hourly.scopes.clone(), hourly.expires_at));
    assert!(db.store.personal_token(&[9; 32]).await.unwrap().is_none());

    db.store.touch_personal_token(hourly.id, at(95)).await.unwrap();
    db.store.touch_personal_token(hourly.id, at(20)).await.unwrap();
    let used = db.store.personal_token(&[7; 32]).await.unwrap().unwrap();
    assert_eq!(used.last_used_at, Some(at(60)), "to the minute, and never back");
    let mut tx = db.store.read(&ann).await.unwrap();
    let listed = tx.personal_tokens().await.unwrap();
    assert_eq!(listed, [eternal.clone(), PersonalToken { last_used_at: Some(at(60)), ..hourly.clone() }]);
    drop(tx);
    assert!(allowed(&*db.store, &ann, Authority::Token(hourly.id), at(3599)).await);
    assert!(!allowed(&*db.store, &ann, Authority::Token(hourly.id), at(3600)).await);
    assert!(allowed(&*db.store, &ann, Authority::Token(eternal.id), at(1_000_000_000)).await);
}

async fn a_personal_token_is_removed_once(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let token = personal_token(None);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.insert_personal_token(&token, &[7; 32]).await.unwrap();
    assert!(tx.delete_personal_token(token.id).await.unwrap());
    assert!(!tx.delete_personal_token(token.id).await.unwrap());
    tx.commit().await.unwrap();
    assert!(db.store.personal_token(&[7; 32]).await.unwrap().is_none());
}

async fn an_unknown_account_can_do_nothing(db: TestDatabase) {
    let nobody = Owner::for_test("nobody".into());
    assert!(matches!(db.store.write(&nobody).await.map(|_| ()), Err(StoreError::NoAccount)));
    let mut tx = db.store.read(&nobody).await.unwrap();
    assert!(matches!(tx.account().await, Err(StoreError::NoAccount)));
    assert_eq!(tx.password_hash().await.unwrap(), None);
}
