//! All statements of those who manage accounts.

use super::person::{Person, id};
use crate::fixtures::{at, uuid};
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    AuditId, InvitationId, SessionId,
    enums::{AuditAction, AuditResult},
    rest::{AuditEntry, Invitation},
};
use tandem_store::{BeginOptions, DailyLimits, ImportedKind, Store, UserRef};

/// `secret` is of no other call.
pub(super) async fn manage_everything(store: &dyn Store, person: &Person, secret: u8) {
    let user = person.owner.user();
    let first = PageRequest::first();
    let users = store.users("", &first, at(0)).await.unwrap().rows;
    let last = users.last().unwrap();
    let next = PageRequest { limit: 50, after: Some((last.created_at.as_millis(), last.id.clone())) };
    assert!(!store.users("u1", &next, at(0)).await.unwrap().rows.is_empty());
    for which in [UserRef::Id(user.as_str()), UserRef::Email(&format!("{user}@example.org"))] {
        assert!(store.managed_user(which, at(0)).await.unwrap().is_some());
    }
    store.spenders(7, 20).await.unwrap();
    assert!(!store.sessions_of(user, at(0)).await.unwrap().is_empty());
    assert!(!store.invitations(&PageRequest::first()).await.unwrap().rows.is_empty());
    assert!(!store.admits(&[0; 32], "guest@example.org", at(0)).await.unwrap());
    assert!(store.reset_link(&[0; 32], at(0)).await.unwrap().is_none());
    for named in [None, Some("u7")] {
        assert!(!store.audit(named, &PageRequest::first()).await.unwrap().rows.is_empty());
    }
    store.record(&entry(user.as_str())).await.unwrap();
    store.prune_audit(at(-365 * 86_400)).await.unwrap();

    let mut tx = store.administer().await.unwrap();
    assert!(!tx.is_owner(person.session, at(0)).await.unwrap());
    let new = Invitation {
        id: InvitationId(uuid()),
        email: None,
        uses: 1,
        used: 0,
        created_at: at(0),
        expires_at: at(60),
        revoked_at: None,
        created_by: None,
    };
    tx.insert_invitation(&new, &[secret; 32]).await.unwrap();
    assert!(tx.revoke_invitation(new.id, at(1)).await.unwrap());
    tx.record(&entry("operator")).await.unwrap();
    tx.commit().await.unwrap();
    let run = uuid();
    store.has_imports().await.unwrap();
    store.begin_import(run, at(0), "db/tasks").await.unwrap();
    store.add_setup_code(&[secret; 32], at(0)).await.unwrap();
    assert!(store.is_setup_code(&[secret; 32]).await.unwrap());

    let options = BeginOptions { disabled: true, ..BeginOptions::default() };
    let mut tx = store.begin(&person.owner, options).await.unwrap().tx;
    assert!(!tx.is_owner(SessionId(id(u64::MAX)), at(0)).await.unwrap());
    assert!(tx.other_accounts().await.unwrap().owner);
    assert!(tx.set_disabled(Some(at(0))).await.unwrap() && tx.set_disabled(None).await.unwrap());
    tx.set_daily_limits(DailyLimits { replies: Some(50), tokens: None }).await.unwrap();
    tx.spend(7, 1, 12).await.unwrap();
    tx.note_imported(run, ImportedKind::Task, uuid()).await.unwrap();
    tx.delete_reset_links().await.unwrap();
    tx.insert_reset_link(&[secret; 32], at(0), at(60)).await.unwrap();
    assert!(tx.use_reset_link(&[secret; 32], at(1)).await.unwrap());
    tx.record(&entry(user.as_str())).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.imported(run).await.unwrap().unwrap().len(), 1);
    assert!(store.has_owner_beside(run).await.unwrap());
    store.forget_import(run).await.unwrap();
}

fn entry(user: &str) -> AuditEntry {
    AuditEntry {
        id: AuditId(uuid()),
        at: at(0),
        actor: Some(user.to_owned()),
        action: AuditAction::SignIn,
        target: Some(user.to_owned()),
        detail: None,
        ip: None,
        node: "node-0".to_owned(),
        result: AuditResult::Ok,
        actor_email: None,
        target_email: None,
    }
}
