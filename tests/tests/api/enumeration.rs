//! Who has an account is not shown: not by the bytes of an answer, not by its headers, and not by its time.
//!
//! A test of time fails on a busy machine, so that these compare what the time is made of: the statements that are sent to
//! the database, and the hashes. The times are measured on request:
//! `cargo test -p tandem-tests --test api enumeration -- --ignored --nocapture --test-threads 1`.

mod times;

use serde_json::{Value, json};
use tandem_protocol::{
    ErrorCode,
    rest::{InvitationCreated, ResetLink},
};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    eventually, fresh,
    server::Setup,
    user::{Answer, PASSWORD, Visitor},
};

on_each!(
    refused_log_ins_are_the_same_for_every_address,
    refused_log_ins_cost_the_same_work_for_every_address,
    log_ins_of_imported_accounts_cost_the_same_work,
    registrations_cost_the_same_work_for_every_address,
    invitations_cost_the_same_work_for_every_address,
    refused_links_are_the_same_for_every_reason,
    refused_links_cost_the_same_work_for_every_reason,
);

/// A hash as the other system made it, of no password that anybody has here.
const SCRYPT: &str = "936a170e94229920c07dedeb6c437c75:3b7d491f2472b6cf29ccf848289deb423186e591d75fbd7bba8f3a316d391f77dfd155905d9463f9071d519e0168d589300ab7d52c084efb1685c789076dc2e7";

/// A server that logs its statements and hashes.
fn verbose() -> Setup {
    TestServer::setup().env("TANDEM_LOG", "info,sqlx=debug,tandem_auth=debug")
}

/// Accounts in different states, and addresses without one.
struct Site {
    server: TestServer,
    owner: TestUser,
    known: TestUser,
    disabled: TestUser,
    /// Came without a password.
    passwordless: TestUser,
    /// Came with a password of the other system.
    imported: TestUser,
    /// Keeps the database.
    location: DatabaseLocation,
}

impl Site {
    /// Accounts of a server that logs what it does.
    async fn on(kind: Kind) -> Self {
        Self::with(kind, verbose()).await
    }

    async fn with(kind: Kind, setup: Setup) -> Self {
        let location = DatabaseLocation::new(kind).await;
        let server = setup.database(location.url()).without_rate_limits().start().await;
        let owner = TestUser::register(&server).await;
        let register = async || TestUser::register(&server).await;
        let (known, disabled) = (register().await, register().await);
        let (passwordless, imported) = (register().await, register().await);
        let path = format!("/admin/users/{}", disabled.user().id);
        owner.patch(&path).json(json!({ "disabled": true })).await.expect(200);
        for (user, hash) in [(&passwordless, "null"), (&imported, &format!("'{SCRYPT}'"))] {
            let id = user.user().id;
            location.execute(&format!("update users set password_hash = {hash} where id = '{id}'")).await;
        }
        Self { server, owner, known, disabled, passwordless, imported, location }
    }

    /// Makes the server one that has imported accounts.
    async fn import(&self) {
        let [id, at] = match self.location {
            DatabaseLocation::Sqlite { .. } => ["x'019a0000000070008000000000000000'", "0"],
            DatabaseLocation::Postgres { .. } => ["'019a0000-0000-7000-8000-000000000000'", "now()"],
        };
        self.location.execute(&format!("insert into imports (id, at, source) values ({id}, {at}, 'db')")).await;
    }

    /// Every kind of log-in that is refused: address and password.
    fn refused_log_ins(&self) -> Vec<(String, &'static str)> {
        let wrong = "not the password";
        vec![
            (fresh::email(), wrong),
            (self.known.email().to_owned(), wrong),
            (self.disabled.email().to_owned(), wrong),
            (self.disabled.email().to_owned(), PASSWORD),
            (self.passwordless.email().to_owned(), wrong),
            ("no address".to_owned(), wrong),
        ]
    }

    /// Links that are refused, each for another reason.
    async fn refused_links(&self, kind: Kind) -> Vec<String> {
        let replaced = self.link(&self.known).await;
        let of_disabled = self.link(&self.disabled).await;
        let expired = self.link(&self.owner).await;
        self.link(&self.known).await;
        let past = if kind == Kind::Postgres { "'2020-01-01T00:00:00Z'" } else { "1577836800000" };
        let owner = self.owner.user().id;
        self.location.execute(&format!("update reset_links set expires_at = {past} where user_id = '{owner}'")).await;
        vec![fresh::word("link"), replaced.token, of_disabled.token, expired.token]
    }

    /// Logs in, on a machine that may be too busy to hash a password now.
    async fn log_in(&self, email: &str, password: &str) -> Answer {
        patient(async || Visitor::of(&self.server).log_in(email, password).await).await
    }

    async fn register(&self, email: &str) -> Answer {
        patient(async || Visitor::of(&self.server).register(email, PASSWORD).await).await
    }

    async fn register_with(&self, email: &str, invitation: &str) -> Answer {
        let body = json!({ "email": email, "password": PASSWORD, "invitation": invitation });
        patient(async || Visitor::of(&self.server).post("/api/v1/auth/register").json(body.clone()).await).await
    }

    async fn reset(&self, token: &str) -> Answer {
        let body = json!({ "token": token, "password": "a brand new password" });
        Visitor::of(&self.server).post("/api/v1/auth/reset").json(body).await
    }

    async fn link(&self, user: &TestUser) -> ResetLink {
        self.owner.post(&format!("/admin/users/{}/reset-link", user.user().id)).await.expect(201).read()
    }

    async fn invitation(&self, body: Value) -> InvitationCreated {
        self.owner.post("/admin/invitations").json(body).await.expect(201).read()
    }

    /// What the server did for an answer: its statements and its hashes, in order.
    async fn work(&self, answer: &Answer) -> Vec<String> {
        let id = answer.header("x-request-id");
        let written = format!("\"{id}\"");
        eventually("the last line of the request", async || {
            let log = self.server.log();
            let lines: Vec<Value> = log
                .lines()
                .filter(|line| line.contains(&written))
                .map(|line| serde_json::from_str(line).expect("lines are JSON"))
                .collect();
            let is_last = |line: &Value| line["message"] == "answered";
            lines.iter().any(is_last).then(|| lines.iter().filter_map(step).collect())
        })
        .await
    }
}

/// A statement or a hash of a line; the parts of an operation that differ by what was written are left out.
fn step(line: &Value) -> Option<String> {
    match line["target"].as_str()? {
        // A new connection, whenever the pool has none.
        "sqlx::query" => line["summary"].as_str().filter(|sql| !sql.starts_with("PRAGMA")).map(str::to_owned),
        "tandem_auth::password" => Some(format!("{} {}", line["message"], line["form"])),
        _ => None,
    }
}

async fn patient(ask: impl AsyncFn() -> Answer) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
    }
}

/// What of an answer could show something: status, headers and body, without what is different each time.
fn shape(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let changing = ["date", "x-request-id"];
    let headers = answer.headers.iter().filter(|(name, _)| !changing.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}"))).collect();
    let body = if answer.status < 400 { answer.body.clone() } else { answer.body_without_request_id() };
    (answer.status, headers, body)
}

async fn refused_log_ins_are_the_same_for_every_address(kind: Kind) {
    let site = Site::on(kind).await;
    let wrong = site.log_in(site.known.email(), "not the password").await;
    wrong.refused(ErrorCode::InvalidCredentials);
    let odd = [
        ("", ""),
        (&format!("{}@example.test", "x".repeat(300)), PASSWORD),
        ("ann@example.test\r\nX-Header: 1", PASSWORD),
    ];
    let odd = odd.map(|(email, password)| (email.to_owned(), password));
    for (email, password) in site.refused_log_ins().into_iter().chain(odd) {
        assert_eq!(shape(&site.log_in(&email, password).await), shape(&wrong), "{email:?} {password:?}");
    }
}

async fn refused_log_ins_cost_the_same_work_for_every_address(kind: Kind) {
    let site = Site::on(kind).await;
    let mut first = None;
    for (email, password) in site.refused_log_ins() {
        let work = site.work(&site.log_in(&email, password).await).await;
        assert_eq!(work.iter().filter(|step| step.contains("compared")).count(), 1, "{work:?}");
        assert_eq!(&work, first.get_or_insert_with(|| work.clone()), "{email} {password}");
    }
}

/// Hashes of the other system take longer. Where there are some, everybody costs a hash of each form.
async fn log_ins_of_imported_accounts_cost_the_same_work(kind: Kind) {
    let site = Site::on(kind).await;
    site.import().await;
    let imported = site.work(&site.log_in(site.imported.email(), "not the password").await).await;
    assert_eq!(imported.iter().filter(|step| step.contains("compared")).count(), 2, "{imported:?}");
    for (email, password) in site.refused_log_ins() {
        assert_eq!(site.work(&site.log_in(&email, password).await).await, imported, "{email} {password}");
    }
}

async fn registrations_cost_the_same_work_for_every_address(kind: Kind) {
    let site = Site::on(kind).await;
    let free = site.register(&fresh::email()).await;
    let work = site.work(&free).await;
    assert_eq!(work.iter().filter(|step| step.contains("hashed")).count(), 1, "{work:?}");
    for user in [&site.known, &site.disabled, &site.passwordless, &site.imported] {
        let taken = site.register(user.email()).await;
        assert_eq!(shape(&taken), shape(&free));
        assert_eq!(site.work(&taken).await, work);
    }
}

async fn invitations_cost_the_same_work_for_every_address(kind: Kind) {
    let mut site = Site::on(kind).await;
    // These users have come in before the server asks for invitations.
    site.server.kill();
    let setup = verbose().env("TANDEM_REGISTRATION", "invite").database(site.location.url());
    site.server = setup.without_rate_limits().start().await;
    site.owner = Visitor::of(&site.server).sign_in(site.owner.email(), "laptop").await;
    let many = site.invitation(json!({ "uses": 50 })).await;
    let free = site.register_with(&fresh::email(), &many.token).await;
    free.expect(202);
    let work = site.work(&free).await;
    let taken = site.register_with(site.known.email(), &many.token).await;
    assert_eq!((shape(&taken), site.work(&taken).await), (shape(&free), work));

    // Without a right to come in nothing depends on the address, either.
    let tied = site.invitation(json!({ "email": fresh::email() })).await;
    for invitation in [&tied.token, &fresh::word("invitation")] {
        let free = site.register_with(&fresh::email(), invitation).await;
        free.refused(ErrorCode::RegistrationClosed);
        let work = site.work(&free).await;
        for email in [site.known.email(), site.disabled.email(), "no address"] {
            let other = site.register_with(email, invitation).await;
            assert_eq!((shape(&other), site.work(&other).await), (shape(&free), work.clone()), "{email}");
        }
    }
}

async fn refused_links_are_the_same_for_every_reason(kind: Kind) {
    let site = Site::on(kind).await;
    let unknown = site.reset(&fresh::word("link")).await;
    unknown.refused(ErrorCode::InvalidToken);
    for token in site.refused_links(kind).await {
        assert_eq!(shape(&site.reset(&token).await), shape(&unknown));
    }
}

async fn refused_links_cost_the_same_work_for_every_reason(kind: Kind) {
    let site = Site::on(kind).await;
    let mut first = None;
    for token in site.refused_links(kind).await {
        let work = site.work(&site.reset(&token).await).await;
        assert!(!work.is_empty());
        assert_eq!(&work, first.get_or_insert_with(|| work.clone()));
    }
}
