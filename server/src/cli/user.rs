//! The commands `tandem user …`, with the server running or not.

use super::output::{self, Table};
use crate::{app::offline, config::Config};
use anyhow::Context as _;
use clap::{ArgGroup, Subcommand, ValueEnum};
use tandem_protocol::{
    enums::{UserRole, WireEnum as _},
    limits::MAX_PAGE,
    rest::{ManagedUser, ManagedUserPatch, PageQuery, UsersQuery},
};
use tandem_service::{Admin, Services, budget::DAILY_LIMITS};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// List the accounts, newest first.
    List {
        /// Only those whose address or name contains this.
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Print an array of objects instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Show everything about one account but its content.
    Show {
        /// The address or the id of the account.
        user: String,
        /// Print an object instead of lines.
        #[arg(long)]
        json: bool,
    },
    /// Mark the address of an account as known to be the user's.
    Verify {
        /// The address or the id of the account.
        user: String,
    },
    /// Refuse all sign-ins of an account. Ends its sessions, personal tokens and replies.
    Disable {
        /// The address or the id of the account.
        user: String,
    },
    /// Let a disabled account sign in again.
    Enable {
        /// The address or the id of the account.
        user: String,
    },
    /// Make somebody an owner, who manages the accounts, or a member.
    Role {
        /// The address or the id of the account.
        user: String,
        role: RoleName,
    },
    /// Limit what a user may spend in a day of UTC, instead of the settings for everybody.
    #[command(group(ArgGroup::new("limits").required(true).multiple(true)))]
    Limit {
        /// The address or the id of the account.
        user: String,
        /// Replies that the user may begin in a day: a number, or `server` for the setting.
        #[arg(long, value_name = "NUMBER", value_parser = daily, group = "limits")]
        replies: Option<Daily>,
        /// Tokens of providers in a day: a number, or `server` for the setting.
        #[arg(long, value_name = "NUMBER", value_parser = daily, group = "limits")]
        tokens: Option<Daily>,
    },
    /// Print a link with which the user sets a new password within 30 minutes.
    ResetLink {
        /// The address or the id of the account.
        user: String,
    },
    /// List the signed-in devices of an account.
    Sessions {
        /// The address or the id of the account.
        user: String,
        /// Print an array of objects instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// End all sessions of an account.
    RevokeSessions {
        /// The address or the id of the account.
        user: String,
    },
    /// Delete an account with everything in it.
    Delete {
        /// The address or the id of the account.
        user: String,
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
    },
}

/// A limit of a day: a number, or that of the server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Daily(Option<i64>);

fn daily(text: &str) -> Result<Daily, String> {
    if text == "server" {
        return Ok(Daily(None));
    }
    let number = text.parse().ok().filter(|number| DAILY_LIMITS.contains(number));
    number.map(|number| Daily(Some(number))).ok_or_else(|| "expected a number up to 1000000000, or `server`".into())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleName {
    Owner,
    Member,
}

impl UserCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let (services, admin) = (offline::open(config).await?, Admin::operator());
        let change = |patch| (patch, &services, &admin);
        match self {
            Self::List { search, json } => list(&services, &admin, search, json).await,
            Self::Show { user, json } => show(&find(&services, &admin, &user).await?, json),
            Self::Sessions { user, json } => sessions(&services, &admin, &user, json).await,
            Self::Verify { user } => {
                let patch = ManagedUserPatch { email_verified: Some(true), ..ManagedUserPatch::default() };
                update(change(patch), &user, "is verified").await
            }
            Self::Disable { user } => {
                let patch = ManagedUserPatch { disabled: Some(true), ..ManagedUserPatch::default() };
                update(change(patch), &user, "is disabled and signed out everywhere").await
            }
            Self::Enable { user } => {
                let patch = ManagedUserPatch { disabled: Some(false), ..ManagedUserPatch::default() };
                update(change(patch), &user, "can sign in again").await
            }
            Self::Role { user, role } => {
                let (role, what) = match role {
                    RoleName::Owner => (UserRole::Owner, "is an owner"),
                    RoleName::Member => (UserRole::Member, "is a member"),
                };
                update(change(ManagedUserPatch { role: Some(role), ..ManagedUserPatch::default() }), &user, what).await
            }
            Self::Limit { user, replies, tokens } => {
                let (replies, tokens) = (replies.map(|limit| limit.0), tokens.map(|limit| limit.0));
                let patch =
                    ManagedUserPatch { daily_replies: replies, daily_tokens: tokens, ..ManagedUserPatch::default() };
                update(change(patch), &user, "has the new limits").await
            }
            Self::ResetLink { user } => {
                let found = find(&services, &admin, &user).await?;
                let link = services.create_reset_link(&admin, None, &found.id).await.map_err(output::refusal)?;
                println!("{}", link.url);
                eprintln!("Give this link to {}. It works once, until {}.", found.email, link.expires_at);
                Ok(())
            }
            Self::RevokeSessions { user } => {
                let found = find(&services, &admin, &user).await?;
                services.end_user_sessions(&admin, &found.id).await.map_err(output::refusal)?;
                println!("{} is signed out everywhere.", found.email);
                Ok(())
            }
            Self::Delete { user, yes } => {
                let found = find(&services, &admin, &user).await?;
                anyhow::ensure!(
                    yes,
                    "this would delete {} with {} tasks and all conversations for good: add --yes to do it",
                    found.email,
                    found.tasks
                );
                services.delete_user(&admin, &found.id).await.map_err(output::refusal)?;
                println!("{} is deleted.", found.email);
                Ok(())
            }
        }
    }
}

async fn find(services: &Services, admin: &Admin, user: &str) -> anyhow::Result<ManagedUser> {
    let found = services.find_user(admin, user).await.map_err(output::refusal);
    found.with_context(|| format!("{user} was not found"))
}

async fn update(
    (patch, services, admin): (ManagedUserPatch, &Services, &Admin),
    user: &str,
    what: &str,
) -> anyhow::Result<()> {
    let found = find(services, admin, user).await?;
    let changed = services.update_user(admin, &found.id, patch).await.map_err(output::refusal)?;
    println!("{} {what}.", changed.email);
    Ok(())
}

async fn list(services: &Services, admin: &Admin, search: Option<String>, json: bool) -> anyhow::Result<()> {
    let mut users = Vec::new();
    let mut query = UsersQuery { q: search, limit: Some(200), cursor: None };
    loop {
        let page = services.users(admin, query.clone()).await.map_err(output::refusal)?;
        users.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    if json {
        return output::json(&users);
    }
    let mut table =
        Table::new(&["EMAIL", "NAME", "ROLE", "STATE", "CREATED", "LAST SEEN", "SESSIONS", "TASKS", "TODAY"]);
    for user in &users {
        table.row([
            user.email.clone(),
            user.name.clone(),
            user.role.as_str().into(),
            if user.disabled { "disabled".into() } else { "active".into() },
            output::minute(Some(user.created_at)),
            output::minute(user.last_seen_at),
            user.sessions.to_string(),
            user.tasks.to_string(),
            format!("{} replies, {} tokens", user.spending.replies_today, user.spending.tokens_today),
        ]);
    }
    print!("{table}");
    Ok(())
}

fn show(user: &ManagedUser, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(user);
    }
    let spent = &user.spending;
    let most = |limit: Option<i64>, of: &str| limit.map_or_else(|| format!("any {of}"), |most| format!("{most} {of}"));
    let lines = [
        ("email", user.email.clone()),
        ("name", output::plain(&user.name)),
        ("id", user.id.to_string()),
        ("role", user.role.as_str().into()),
        ("disabled", user.disabled.to_string()),
        ("verified", user.email_verified.to_string()),
        ("created", user.created_at.to_string()),
        ("last seen", user.last_seen_at.map_or_else(|| "-".into(), |at| at.to_string())),
        ("sessions", user.sessions.to_string()),
        ("tasks", user.tasks.to_string()),
        ("stored", format!("{} rows, {} bytes", user.stored_rows, user.stored_bytes)),
        ("today", format!("{} replies, {} tokens", spent.replies_today, spent.tokens_today)),
        ("a day", format!("{}, {}", most(spent.daily_replies, "replies"), most(spent.daily_tokens, "tokens"))),
        ("in all", format!("{} replies, {} tokens", spent.replies, spent.tokens)),
    ];
    for (name, value) in lines {
        println!("{name:<10} {value}");
    }
    Ok(())
}

async fn sessions(services: &Services, admin: &Admin, user: &str, json: bool) -> anyhow::Result<()> {
    let found = find(services, admin, user).await?;
    // All of them: an account has fewer than fit on the longest page.
    let query = PageQuery { limit: Some(MAX_PAGE), cursor: None };
    let sessions = services.user_sessions(admin, &found.id, query).await.map_err(output::refusal)?.items;
    if json {
        return output::json(&sessions);
    }
    let mut table = Table::new(&["ID", "DEVICE", "ADDRESS", "SIGNED IN", "LAST SEEN", "EXPIRES"]);
    for session in sessions {
        table.row([
            session.id.to_string(),
            session.device_name.unwrap_or_default(),
            session.ip.unwrap_or_default(),
            output::minute(Some(session.created_at)),
            output::minute(Some(session.last_seen_at)),
            output::minute(Some(session.expires_at)),
        ]);
    }
    print!("{table}");
    Ok(())
}
