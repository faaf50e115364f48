//! The commands `tandem invite …`, with the server running or not.

use super::output::{self, Table};
use crate::{
    app::offline,
    config::{Config, duration},
};
use clap::Subcommand;
use std::time::Duration;
use tandem_protocol::{
    InvitationId,
    enums::RegistrationMode,
    rest::{Invitation, NewInvitation, PageQuery},
};
use tandem_service::{Admin, Services};

#[derive(Debug, Subcommand)]
pub(super) enum InviteCommand {
    /// Print a link with which somebody can create an account.
    Create {
        /// The only address that may use it.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// How many accounts it may create.
        #[arg(long, default_value_t = 1)]
        uses: u32,
        /// How long it can be used, such as 12h or 30d.
        #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = lifetime)]
        expires: Duration,
        /// Print an object instead of the link.
        #[arg(long)]
        json: bool,
    },
    /// List the invitations, newest first.
    List {
        /// Print an array of objects instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// End an invitation. Accounts that were created with it stay.
    Revoke {
        /// The id in the list of invitations.
        id: String,
    },
}

fn lifetime(text: &str) -> Result<Duration, String> {
    duration("--expires", text).map_err(|error| error.to_string())
}

impl InviteCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let (services, admin) = (offline::open(config).await?, Admin::operator());
        match self {
            Self::Create { email, uses, expires, json } => {
                let expires_at = Some(services.env().now().plus(expires));
                let new = NewInvitation { email, uses: Some(uses), expires_at };
                let created = services.create_invitation(&admin, None, new).await.map_err(output::refusal)?;
                if json {
                    return output::json(&created);
                }
                println!("{}", created.url);
                eprintln!("This link is shown once. It works until {}.", created.info.expires_at);
                if config.registration.mode == RegistrationMode::Closed {
                    eprintln!("Registration is closed, so nobody can use it before TANDEM_REGISTRATION is invite.");
                }
                Ok(())
            }
            Self::List { json } => list(&services, &admin, json).await,
            Self::Revoke { id } => {
                let id: InvitationId = id.parse().map_err(|_| anyhow::anyhow!("{id} is no id of an invitation"))?;
                services.revoke_invitation(&admin, id).await.map_err(output::refusal)?;
                println!("The invitation cannot be used any more.");
                Ok(())
            }
        }
    }
}

async fn list(services: &Services, admin: &Admin, json: bool) -> anyhow::Result<()> {
    let mut invitations = Vec::new();
    let mut query = PageQuery { limit: Some(200), cursor: None };
    loop {
        let page = services.invitations(admin, query.clone()).await.map_err(output::refusal)?;
        invitations.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    if json {
        return output::json(&invitations);
    }
    let now = services.env().now();
    let state = |invitation: &Invitation| match invitation {
        Invitation { revoked_at: Some(_), .. } => "revoked",
        Invitation { expires_at, .. } if *expires_at <= now => "expired",
        Invitation { uses, used, .. } if used >= uses => "used",
        _ => "open",
    };
    let mut table = Table::new(&["ID", "FOR", "STATE", "USED", "CREATED", "EXPIRES"]);
    for invitation in &invitations {
        table.row([
            invitation.id.to_string(),
            invitation.email.clone().unwrap_or_else(|| "anybody".into()),
            state(invitation).into(),
            format!("{} of {}", invitation.used, invitation.uses),
            output::minute(Some(invitation.created_at)),
            output::minute(Some(invitation.expires_at)),
        ]);
    }
    print!("{table}");
    Ok(())
}
