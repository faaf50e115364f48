//! Users, with the hashes of their passwords.

use crate::{
    ImportError, Options,
    report::{Changes, Fate, Report},
    row::Row,
    source::Source,
    target::Target,
};
use futures_util::StreamExt as _;
use std::collections::HashMap;
use tandem_auth::password;
use tandem_domain::text;
use tandem_protocol::{UserId, enums::UserRole, limits::MAX_NAME_CHARS, model::User, settings::UserSettings};
use tandem_store::{Admission, Entry, NewAccount, UserRef};

const TABLE: &str = "user";
/// Bytes of the address of a picture.
const MAX_IMAGE_BYTES: usize = 2_000;
/// Where the passwords are; accounts at other providers have none.
const PASSWORDS: &str = "where t.\"providerId\" = 'credential' order by t.id";
/// Of two addresses that differ in case only, the older account keeps it.
const OLDEST_FIRST: &str = "order by t.\"createdAt\" nulls last, t.id";

/// What became of each user.
pub(crate) struct Accounts(HashMap<String, Standing>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The account was added by this run: it has nothing yet, and no devices.
    Fresh,
    Present,
    LeftOut,
}

impl Accounts {
    pub(crate) async fn import(
        source: &mut Source,
        target: &Target<'_>,
        options: &Options,
        report: &mut Report,
        progress: &mut (dyn FnMut(&str, u64, u64) + Send),
    ) -> Result<Self, ImportError> {
        let passwords = passwords(source).await?;
        let all = source.count(TABLE).await?;
        report.table(TABLE);
        let (mut accounts, mut addresses) = (HashMap::new(), HashMap::new());
        let mut rows = source.rows(TABLE, OLDEST_FIRST);
        while let Some(row) = rows.next().await {
            let row = row?;
            let id = row.text(&["id"]).unwrap_or_default();
            let password = passwords.get(&id).cloned();
            let mut changes = Changes::default();
            let fate = match user(&row, options, &mut changes) {
                Err(reason) => Fate::LeftOut(reason),
                Ok(user) => match addresses.insert(user.email.clone(), id.clone()) {
                    Some(other) => {
                        addresses.insert(user.email, other.clone());
                        Fate::LeftOut(format!("user {other} has the same address"))
                    }
                    None => add(target, user, password.clone()).await?,
                },
            };
            if fate == Fate::Imported && password.is_none() {
                report.without_password.push(row.text(&["email"]).unwrap_or_default());
            }
            let standing = match &fate {
                Fate::Imported => Standing::Fresh,
                Fate::Present => Standing::Present,
                Fate::LeftOut(_) => Standing::LeftOut,
            };
            accounts.insert(id.clone(), standing);
            report.count(TABLE, &id, fate);
            if standing != Standing::LeftOut {
                report.change(TABLE, &id, changes);
            }
            progress(TABLE, accounts.len() as u64, all);
        }
        Ok(Self(accounts))
    }

    /// The account that a row belongs to, or why the row is left out.
    pub(crate) fn owner_of(&self, row: &Row) -> Result<(UserId, Standing), String> {
        let Some(id) = row.text(&["user_id", "userId"]) else { return Err("it belongs to nobody".into()) };
        match self.0.get(&id) {
            None => Err(format!("there is no user {id}")),
            Some(Standing::LeftOut) => Err(format!("its user {id} was left out")),
            Some(standing) => Ok((UserId::from(id), *standing)),
        }
    }
}

/// The hash of each user's password, as it is there.
async fn passwords(source: &mut Source) -> Result<HashMap<String, String>, ImportError> {
    let mut passwords = HashMap::new();
    let mut rows = source.rows("account", PASSWORDS);
    while let Some(row) = rows.next().await {
        let row = row?;
        let (user, hash) = (row.text(&["userId", "user_id"]), row.text(&["password"]));
        if let (Some(user), Some(hash)) = (user, hash.filter(|hash| password::is_known(hash))) {
            passwords.entry(user).or_insert(hash);
        }
    }
    Ok(passwords)
}

fn user(row: &Row, options: &Options, changes: &mut Changes) -> Result<User, String> {
    let id = row.text(&["id"]).filter(|id| (1..=200).contains(&id.len())).ok_or("it has no usable id")?;
    let email = text::email(&row.text(&["email"]).unwrap_or_default()).map_err(|_| "its address is not valid")?;
    let time = |names: &[&str]| row.time(names, &options.time_zone);
    let image = row.text(&["image"]);
    if image.as_ref().is_some_and(|image| image.len() > MAX_IMAGE_BYTES) {
        changes.lost("the address of its picture is too long: it has none here");
    }
    Ok(User {
        id: UserId::from(id),
        email,
        name: changes
            .line(row.text(&["name"]), MAX_NAME_CHARS, "its name was shortened or rid of control characters")
            .unwrap_or_default(),
        email_verified: row.flag(&["emailVerified", "email_verified"]),
        image: image.filter(|image| image.len() <= MAX_IMAGE_BYTES),
        time_zone: "UTC".into(),
        created_at: time(&["createdAt", "created_at"]).unwrap_or(options.now).min(options.now),
        role: UserRole::Member,
        settings: UserSettings::default(),
    })
}

async fn add(target: &Target<'_>, user: User, password_hash: Option<String>) -> Result<Fate, ImportError> {
    let store = target.store;
    if store.managed_user(UserRef::Id(user.id.as_str()), target.now).await?.is_some() {
        return Ok(Fate::Present);
    }
    let taken = Fate::left_out("another account here has its address");
    if target.dry_run {
        let known = store.managed_user(UserRef::Email(&user.email), target.now).await?;
        return Ok(if known.is_some() { taken } else { Fate::Imported });
    }
    let account = NewAccount { user, password_hash, entry: Entry::Import(target.run), record: None };
    Ok(match store.register(&account).await? {
        Admission::Added => Fate::Imported,
        Admission::Taken | Admission::Refused => taken,
    })
}
