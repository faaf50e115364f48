//! Who may come in: invitations, links for a new password, and the page of owners.

use crate::support::{register, sign_in};
use tandem_tests::{
    Browser, TestServer, TestUser,
    browser::{Named, Screen, named, starting},
    eventually, fresh,
    user::PASSWORD,
};

/// A server that takes people by invitation, and a browser in which its owner looks at the people.
async fn owner_of_invited() -> (TestServer, Browser) {
    let server = TestServer::setup().env("TANDEM_REGISTRATION", "invite").start().await;
    let browser = Browser::new(&server, Screen::LAPTOP).await;
    // Nobody is there yet, so no invitation is needed.
    browser.go("/register").await;
    browser.reads(&named("main", ""), "It is the first one here").await;
    register(&browser, "Olga").await;
    browser.go("/settings").await;
    browser.click(&named("link", "Manage people")).await;
    browser.find(&named("heading", "People")).await;
    (server, browser)
}

/// The path of the link that a dialog shows.
async fn shown_link(browser: &Browser, dialog: &str) -> String {
    let code = starting("dialog", dialog);
    eventually("the link", async || {
        let texts = browser.texts(&code).await;
        let link = texts
            .iter()
            .flat_map(|text| text.split_whitespace())
            .find(|word| word.contains("/#") || word.contains('#'))?;
        Some(link[link.find("/re")?..].to_owned())
    })
    .await
}

async fn menu(browser: &Browser, name: &str, item: &str) {
    browser.click(&named("button", format!("Menu of {name}"))).await;
    browser.click(&named("button", item)).await;
}

fn accounts() -> Named {
    named("list", "Accounts")
}

#[tokio::test]
async fn somebody_comes_in_by_an_invitation_and_nobody_without() {
    let (server, owner) = owner_of_invited().await;
    let guest = Browser::new(&server, Screen::PHONE).await;
    guest.go("/register").await;
    guest.find(&named("textbox", "Invitation")).await;
    guest.reads(&named("main", ""), "Ask whoever runs it for a link").await;
    let email = fresh::email();
    guest.write(&named("textbox", "Invitation"), "made up").await;
    guest.write(&named("textbox", "Email"), &email).await;
    guest.write(&named("password", "Password"), PASSWORD).await;
    guest.click(&named("button", "Create account")).await;
    guest.reads(&named("alert", ""), "This invitation does not work").await;

    owner.click(&named("button", "Invite someone")).await;
    owner.click(&named("button", "Create link")).await;
    let link = shown_link(&owner, "The invitation").await;
    owner.click(&named("button", "Done")).await;
    owner.reads(&named("list", "Invitations"), "used 0 of 1").await;

    guest.go(&link).await;
    guest.reads(&named("main", ""), "You are invited").await;
    eventually("the secret to leave the address", async || (guest.path().await == "/register").then_some(())).await;
    let console = guest.console().await;
    assert!(!console.iter().any(|line| line.contains("closure")), "{console:?}");
    let email = register_here(&guest, &email).await;
    owner.reload().await;
    owner.reads(&accounts(), &email).await;
    eventually("the used invitation to go", async || {
        owner.texts(&named("list", "Invitations")).await.iter().all(|text| !text.contains("used")).then_some(())
    })
    .await;
    // A member has no such page.
    guest.go("/settings/people").await;
    guest.find(&named("heading", "Page not found")).await;
    guest.close().await;
    owner.close().await;
}

/// Registers in the form that is there.
async fn register_here(browser: &Browser, email: &str) -> String {
    browser.overwrite(&named("textbox", "Email"), email).await;
    browser.overwrite(&named("password", "Password"), PASSWORD).await;
    browser.click(&named("button", "Create account")).await;
    browser.find(&named("textbox", "Message")).await;
    email.to_owned()
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_link_of_the_owner() {
    let server = TestServer::new().await;
    let owner = Browser::new(&server, Screen::LAPTOP).await;
    register(&owner, "Olga").await;
    let user = TestUser::register(&server).await;
    owner.go("/settings/people").await;
    owner.write(&named("searchbox", "Search people"), user.email()).await;
    // The rows are made anew when the answer is there.
    eventually("one account", async || {
        let rows = owner.all(&starting("listitem", "").within(accounts())).await;
        (rows.len() == 1).then_some(())
    })
    .await;
    owner.reads(&accounts(), user.email()).await;
    menu(&owner, user.email(), "Link for a new password").await;
    let link = shown_link(&owner, "A new password").await;

    let guest = Browser::new(&server, Screen::PHONE).await;
    guest.go("/sign-in").await;
    guest.find(&named("textbox", "Email")).await;
    guest.go(&link).await;
    guest.write(&named("password", "New password"), "short").await;
    guest.click(&named("button", "Set password")).await;
    guest.reads(&named("main", ""), "At least 8 characters").await;
    guest.overwrite(&named("password", "New password"), "another horse battery\u{e007}").await;
    guest.reads(&named("main", ""), "Your password is changed").await;
    // The field and the button are gone, and the next key is for what comes next.
    eventually("the focus on the way on", async || {
        (guest.run("return document.activeElement.innerText", Vec::new()).await == "Sign in").then_some(())
    })
    .await;
    eventually("the old session to end", async || (user.get("/me").await.status == 401).then_some(())).await;
    guest.click(&named("link", "Sign in")).await;
    guest.write(&named("textbox", "Email"), user.email()).await;
    guest.write(&named("password", "Password"), "another horse battery").await;
    guest.click(&named("button", "Sign in")).await;
    guest.find(&named("textbox", "Message")).await;
    // It works once.
    owner.close().await;
    guest.close().await;
}

/// What was typed wrongly is marked in its form, and stays there to be mended; nothing is sent in its place.
#[tokio::test]
async fn what_an_owner_types_wrongly_stays_in_its_form() {
    let server = TestServer::new().await;
    let owner = Browser::new(&server, Screen::LAPTOP).await;
    register(&owner, "Olga").await;
    let user = TestUser::register(&server).await;
    owner.go("/settings/people").await;
    owner.reads(&named("main", ""), "No invitation is open.").await;
    owner.reads(&accounts(), user.email()).await;
    menu(&owner, user.email(), "Daily limits").await;
    owner.write(&named("textbox", "Replies a day"), "many").await;
    owner.click(&named("button", "Set limits")).await;
    owner.reads(&named("alert", ""), "This number does not work").await;
    let wrong = owner.attribute(&named("textbox", "Replies a day"), "aria-invalid").await;
    assert_eq!(wrong.as_deref(), Some("true"));
    owner.overwrite(&named("textbox", "Replies a day"), "20").await;
    owner.click(&named("button", "Set limits")).await;
    owner.gone(&named("textbox", "Replies a day")).await;
    owner.reads(&accounts(), "0 replies (limit 20)").await;

    owner.click(&named("button", "Invite someone")).await;
    owner.write(&named("textbox", "Email"), "not an address").await;
    owner.click(&named("button", "Create link")).await;
    owner.reads(&named("alert", ""), "not right yet").await;
    owner.overwrite(&named("textbox", "Email"), "ann@example.org").await;
    owner.overwrite(&named("textbox", "Days"), "1.5").await;
    owner.click(&named("button", "Create link")).await;
    owner.reads(&named("alert", ""), "This number does not work").await;
    owner.overwrite(&named("textbox", "Days"), "30").await;
    owner.click(&named("button", "Create link")).await;
    shown_link(&owner, "The invitation").await;
    owner.close().await;
}

#[tokio::test]
async fn an_owner_disables_and_deletes_an_account_and_the_record_shows_it() {
    let server = TestServer::new().await;
    let owner = Browser::new(&server, Screen::LAPTOP).await;
    register(&owner, "Olga").await;
    let user = TestUser::register(&server).await;
    let theirs = Browser::new(&server, Screen::PHONE).await;
    sign_in(&theirs, user.email()).await;
    owner.go("/settings/people").await;
    owner.reads(&accounts(), user.email()).await;
    menu(&owner, user.email(), "Disable").await;
    owner.reads(&accounts(), "Disabled").await;
    theirs.find(&named("button", "Sign in")).await;
    menu(&owner, user.email(), "Delete").await;
    owner.click(&named("button", "Delete account for good")).await;
    owner.gone(&named("button", format!("Menu of {}", user.email()))).await;
    owner.reload().await;
    owner.reads(&named("list", "Record"), "Account deleted").await;
    owner.reads(&named("list", "Record"), "Account disabled").await;
    theirs.close().await;
    owner.close().await;
}

#[tokio::test]
async fn a_closed_server_says_so() {
    let server = TestServer::setup().env("TANDEM_REGISTRATION", "closed").start().await;
    TestUser::register(&server).await;
    let guest = Browser::new(&server, Screen::PHONE).await;
    guest.go("/register").await;
    guest.reads(&named("main", ""), "New accounts are closed").await;
    guest.click(&named("link", "Sign in")).await;
    guest.find(&named("button", "Sign in")).await;
    // The link is offered until the server has answered.
    guest.gone(&named("link", "Create an account")).await;
    guest.close().await;
}

#[tokio::test]
async fn a_member_finds_no_page_of_owners() {
    let server = TestServer::new().await;
    TestUser::register(&server).await;
    let member = Browser::new(&server, Screen::PHONE).await;
    register(&member, "Mia").await;
    member.go("/settings/people").await;
    member.find(&named("heading", "Page not found")).await;
    eventually("its title", async || (member.title().await == "Page not found · Tandem").then_some(())).await;
    member.close().await;
}
