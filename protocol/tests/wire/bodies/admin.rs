//! Bodies of those who manage accounts.

use super::{Body, body};
use crate::samples;
use tandem_protocol::{
    AuditId, InvitationId,
    enums::{AuditAction, AuditResult, PasswordReset, RegistrationMode, UserRole},
    rest::*,
};

fn invitation() -> Invitation {
    Invitation {
        id: InvitationId(samples::uuid(30)),
        email: Some("ben@example.org".into()),
        uses: 2,
        used: 1,
        created_at: samples::at(0),
        expires_at: samples::at(3600),
        revoked_at: None,
        created_by: Some(samples::user().id),
    }
}

fn managed_user() -> ManagedUser {
    let user = samples::user();
    ManagedUser {
        id: user.id,
        email: user.email,
        name: user.name,
        role: user.role,
        email_verified: user.email_verified,
        disabled: false,
        created_at: user.created_at,
        last_seen_at: Some(samples::at(9)),
        sessions: 2,
        tasks: 14,
        stored_rows: 250,
        stored_bytes: 90_000,
        spending: AccountSpending {
            replies_today: 3,
            tokens_today: 4_000,
            replies: 70,
            tokens: 90_000,
            daily_replies: Some(50),
            daily_tokens: None,
            own_daily_replies: Some(50),
            own_daily_tokens: None,
        },
    }
}

pub(super) fn entry() -> AuditEntry {
    AuditEntry {
        id: AuditId(samples::uuid(31)),
        at: samples::at(9),
        actor: Some("operator".into()),
        action: AuditAction::RoleChange,
        target: Some(samples::user().id.to_string()),
        detail: Some("owner".into()),
        ip: None,
        node: "node-1".into(),
        result: AuditResult::Ok,
        actor_email: Some("olga@example.org".into()),
        target_email: Some("ann@example.org".into()),
    }
}

pub(super) fn requests() -> Vec<Body> {
    vec![
        body("GET /admin/users", &UsersQuery { q: Some("ann".into()), limit: Some(10), cursor: Some("c".into()) }),
        body(
            "PATCH /admin/users/{id}",
            &ManagedUserPatch {
                role: Some(UserRole::Owner),
                disabled: Some(true),
                email_verified: Some(true),
                name: Some("Ann".into()),
                daily_replies: Some(Some(50)),
                daily_tokens: Some(None),
            },
        ),
        body(
            "POST /admin/invitations",
            &NewInvitation {
                email: Some("ben@example.org".into()),
                uses: Some(2),
                expires_at: Some(samples::at(3600)),
            },
        ),
        body("GET /admin/audit", &AuditQuery { user: Some("u".into()), limit: Some(10), cursor: Some("c".into()) }),
        body("POST /auth/reset", &ResetPassword { token: "r1".into(), password: "correct horse".into() }),
    ]
}

pub(super) fn answers() -> Vec<Body> {
    let (token, url) = ("i1".to_owned(), "https://tandem.example/register#invite=i1".to_owned());
    vec![
        body(
            "GET /server",
            &ServerInfo {
                version: "0.1.0".into(),
                registration: RegistrationMode::Invite,
                setup_needed: true,
                setup_code_needed: true,
                password_reset: PasswordReset::Link,
                providers: Vec::new(),
            },
        ),
        body("GET /admin/users", &Page::whole(vec![managed_user()])),
        body("GET /admin/invitations", &Page::whole(vec![invitation()])),
        body("POST /admin/invitations", &InvitationCreated { token, url, info: invitation() }),
        body(
            "POST /admin/users/{id}/reset-link",
            &ResetLink {
                token: "r1".into(),
                url: "https://tandem.example/reset#r1".into(),
                expires_at: samples::at(1800),
            },
        ),
        body("GET /admin/audit", &Page::whole(vec![entry()])),
    ]
}
