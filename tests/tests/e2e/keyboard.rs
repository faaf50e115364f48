//! Everything can be done by keyboard, and the focus never falls to the page, from where a person would have to begin anew.

use crate::support::{register, scripted, sign_in};
use serde_json::json;
use tandem_tests::{
    Browser, Reply, TestServer, TestUser,
    browser::{Screen, named, starting},
    eventually,
    user::Visitor,
};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DELETE: &str = "\u{e017}";
const UNDO: &str = "\u{e009}z\u{e000}";

/// Something that is done with keys: what has the focus before, as a selector; the keys; and when it is done, as an
/// expression. With an empty selector the focus is where the step before has left it.
type Step = (&'static str, &'static str, &'static str);

/// Some frames later, whether the focus is on the page itself.
const LOST: &str = "
    let frames = 12;
    return new Promise((done) => {
        const wait = () => { frames -= 1; if (frames) requestAnimationFrame(wait); else done(document.activeElement === document.body); };
        wait();
    });";

/// Takes the steps, and returns those after which the focus was lost.
async fn lost(browser: &Browser, steps: &[Step]) -> Vec<String> {
    let mut lost = Vec::new();
    for (selector, keys, until) in steps {
        let what = format!("{selector} {}", keys.escape_unicode());
        if !selector.is_empty() {
            let focus = "const it = document.querySelector(arguments[0]); if (it) it.focus(); \
                         return !!it && document.activeElement === it";
            eventually(format_args!("the focus on {selector}"), async || {
                (browser.run(focus, vec![(*selector).into()]).await == true).then_some(())
            })
            .await;
        }
        browser.press(keys).await;
        let done = format!("return !!({until})");
        eventually(format_args!("{what} until {until}"), async || {
            (browser.run(&done, Vec::new()).await == true).then_some(())
        })
        .await;
        if browser.run(LOST, Vec::new()).await == true {
            lost.push(format!("{what} until {until}"));
        }
    }
    lost
}

async fn keeps(browser: &Browser, steps: &[Step]) {
    let lost = lost(browser, steps).await;
    assert!(lost.is_empty(), "the focus was lost by:\n{}", lost.join("\n"));
}

/// A laptop with open tasks One to Eight.
async fn with_tasks(server: &TestServer) -> (Browser, TestUser) {
    let laptop = Browser::new(server, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    let user = Visitor::of(server).sign_in(&email, "script").await;
    let titles = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight"];
    for title in titles {
        user.add(json!({ "title": title, "list": "Home" })).await;
    }
    laptop.click(&named("tab", "All")).await;
    laptop.lists_tasks(&titles).await;
    (laptop, user)
}

macro_rules! row {
    ($title:literal) => {
        concat!("li:has(> .task [aria-label='Complete ", $title, "']) > .task")
    };
}

macro_rules! has {
    ($title:literal) => {
        concat!("document.querySelector(`#task-pane [aria-label='Complete ", $title, "']`)")
    };
}

macro_rules! gone {
    ($title:literal) => {
        concat!("!document.querySelector(`#task-pane [aria-label='Complete ", $title, "']`)")
    };
}

#[tokio::test]
async fn the_focus_is_kept_in_the_list_of_tasks() {
    let server = TestServer::new().await;
    let (laptop, _) = with_tasks(&server).await;
    keeps(
        &laptop,
        &[
            ("[aria-label='Complete One']", " ", gone!("One")),
            ("", UNDO, has!("One")),
            ("[aria-label='Delete Two']", ENTER, gone!("Two")),
            (".toast .text-btn", ENTER, has!("Two")),
            (row!("Two"), DELETE, gone!("Two")),
            ("[aria-label='Dismiss']", ENTER, "true"),
            (row!("Three"), "j", "document.activeElement.textContent.includes('Four')"),
            ("", "k", "document.activeElement.textContent.includes('Three')"),
            ("", "e", "document.querySelector('.task-edit')"),
            ("", ESCAPE, "!document.querySelector('.task-edit')"),
            ("[aria-label='Edit Three']", ENTER, "document.querySelector('.task-edit')"),
            (".task-edit [type='submit']", ENTER, "!document.querySelector('.task-edit')"),
            (row!("Three"), "1", "document.querySelector('.urgent')"),
            ("", "4", "!document.querySelector('.urgent')"),
            ("", "t", "document.querySelector('dialog[open] .due-day')"),
            ("", ESCAPE, "!document.querySelector('dialog[open]')"),
            ("", "t", "document.querySelector('dialog[open] .due-day')"),
            (".due-day", ENTER, "!document.querySelector('dialog[open]')"),
            (
                row!("Five"),
                "\u{e00a}\u{e013}\u{e000}",
                "document.querySelector('#task-pane').textContent.match(/Five.*Four/)",
            ),
            ("", "\u{e00a}\u{e015}\u{e000}", "document.querySelector('#task-pane').textContent.match(/Four.*Five/)"),
            ("", "\u{e004}", "document.querySelector('.subtasks')"),
            ("", "\u{e008}\u{e004}\u{e000}", "!document.querySelector('.subtasks')"),
            ("[aria-label='Add subtask to Six']", ENTER, "document.activeElement.ariaLabel === 'Subtask of Six'"),
            ("", "Part\u{e007}", has!("Part")),
            ("", ESCAPE, "!document.querySelector(`[aria-label='Subtask of Six']`)"),
            ("[aria-label='Complete Part']", " ", "document.querySelector(`[aria-label='Complete Part']`).checked"),
            ("[aria-label='Delete Part']", ENTER, gone!("Part")),
        ],
    )
    .await;
    laptop.close().await;
}

#[tokio::test]
async fn the_focus_is_kept_by_the_bar_of_selected_tasks() {
    let server = TestServer::new().await;
    let (laptop, _) = with_tasks(&server).await;
    let none = "!document.querySelector('.picked')";
    keeps(
        &laptop,
        &[
            (row!("One"), "xjx", "document.querySelector('.picked').textContent.includes('2')"),
            ("[aria-label='Set date']", ENTER, "document.querySelector('dialog[open]')"),
            ("", ESCAPE, "!document.querySelector('dialog[open]')"),
            ("[aria-label='Set priority']", "H", none),
            (row!("One"), "x", "document.querySelector('.picked')"),
            ("[aria-label='Clear selection']", ENTER, none),
            (row!("Two"), "x", "document.querySelector('.picked')"),
            ("", ESCAPE, none),
            (row!("Two"), "xjx", "document.querySelector('.picked')"),
            ("[aria-label='Set date']", ENTER, "document.querySelector('dialog[open]')"),
            (".due-day", ENTER, none),
            (row!("Three"), "x", "document.querySelector('.picked')"),
            ("[aria-label='Complete selected']", ENTER, gone!("Three")),
            (row!("Four"), "xjx", "document.querySelector('.picked')"),
            ("[aria-label='Delete selected']", ENTER, gone!("Five")),
            ("", UNDO, has!("Five")),
            (row!("Six"), "x", "document.querySelector('.picked')"),
            ("", DELETE, gone!("Six")),
            ("", "q", "document.activeElement.ariaLabel === 'Add a task'"),
            ("", "Nine +Home\u{e007}", has!("Nine")),
        ],
    )
    .await;
    laptop.close().await;
}

#[tokio::test]
async fn the_focus_is_kept_by_the_details_and_the_head_of_the_tasks() {
    let server = TestServer::new().await;
    let (laptop, _) = with_tasks(&server).await;
    let closed = "!document.querySelector('.detail')";
    keeps(
        &laptop,
        &[
            (row!("One"), ENTER, "document.querySelector('.detail')"),
            ("", ESCAPE, closed),
            (".task-n a", ENTER, "document.querySelector('.detail')"),
            ("[aria-label='Edit task']", ENTER, "document.querySelector('.detail .task-edit')"),
            ("", ESCAPE, "!document.querySelector('.detail .task-edit')"),
            ("[aria-label='Edit task']", ENTER, "document.querySelector('.detail .task-edit')"),
            (".detail .task-edit [type='submit']", ENTER, "!document.querySelector('.detail .task-edit')"),
            ("[aria-label='Add a subtask']", "Part\u{e007}", "document.querySelector('.detail .task')"),
            (".detail [aria-label='Complete Part']", " ", "document.querySelector('.detail .task-done')"),
            (".detail [aria-label='Delete Part']", ENTER, "!document.querySelector('.detail .task')"),
            (".detail-h .text-btn", ENTER, "document.querySelector('.detail h2.task-done')"),
            (".detail-h .text-btn", ENTER, "!document.querySelector('.detail h2.task-done')"),
            ("[aria-label='Close details']", ENTER, closed),
            (row!("Two"), ENTER, "document.querySelector('.detail')"),
            ("[aria-label='Delete task']", ENTER, gone!("Two")),
            ("[role='tab'][aria-selected='true']", "\u{e014}", "document.activeElement.textContent === 'Done'"),
            ("", "\u{e012}", has!("Three")),
            ("[aria-label='Filter tasks']", ENTER, "document.activeElement.closest('.narrow')"),
            ("[aria-label='Filter tasks']", ENTER, "!document.querySelector('.narrow')"),
            (".place", "H", "document.querySelector('.place').value === '+Home'"),
        ],
    )
    .await;
    laptop.close().await;
}

#[tokio::test]
async fn the_focus_is_kept_by_the_list_of_conversations() {
    let server = TestServer::new().await;
    let laptop = Browser::new(&server, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    let user = Visitor::of(&server).sign_in(&email, "script").await;
    for title in ["First", "Second", "Third"] {
        user.start_conversation(title).await;
    }
    laptop.find(&starting("link", "Third")).await;
    let menu = "document.querySelector('.menu')";
    keeps(
        &laptop,
        &[
            ("[aria-label='Menu of Second']", ENTER, menu),
            ("", ESCAPE, "!document.querySelector('.menu')"),
            ("[aria-label='Menu of Second']", ENTER, menu),
            (
                ".menu li:nth-child(2) button",
                ENTER,
                "document.querySelector('.nav-list').textContent.includes('Pinned')",
            ),
            ("[aria-label='Menu of Second']", ENTER, menu),
            (".menu li:nth-child(1) button", ENTER, "document.activeElement.ariaLabel === 'Title of Second'"),
            ("", ESCAPE, "!document.querySelector('.thread-row .line-edit')"),
            ("[aria-label='Menu of Second']", ENTER, menu),
            (".menu li:nth-child(1) button", ENTER, "document.activeElement.ariaLabel === 'Title of Second'"),
            ("", "ly\u{e007}", "document.querySelector(`[aria-label='Menu of Secondly'], [aria-label='Menu of ly']`)"),
            ("[aria-label='Menu of Third']", ENTER, menu),
            (".menu li:nth-child(3) button", ENTER, "document.querySelector('.nav-list details')"),
            ("[aria-label='Menu of First']", ENTER, menu),
            (".menu li:last-child button", ENTER, "!document.querySelector(`[aria-label='Menu of First']`)"),
            (".toast .text-btn", ENTER, "document.querySelector(`[aria-label='Menu of First']`)"),
            ("#message", "\u{e009}k\u{e000}", "document.querySelector('dialog[open]')"),
            ("", ESCAPE, "!document.querySelector('dialog[open]')"),
            ("#message", "\u{e009}k\u{e000}", "document.querySelector('dialog[open]')"),
            ("", "First", "document.querySelector('.hit')"),
            ("", ENTER, "location.pathname.startsWith('/c/')"),
            ("[aria-label='Rename conversation']", ENTER, "document.querySelector('.title .line-edit')"),
            ("", ENTER, "!document.querySelector('.title .line-edit')"),
            ("#message", "\u{e00a}\u{e015}\u{e000}", "true"),
            ("[aria-label='Account']", ENTER, menu),
            ("", ESCAPE, "!document.querySelector('.menu')"),
            (".nav-act", ENTER, "location.pathname === '/'"),
        ],
    )
    .await;
    laptop.close().await;
}

#[tokio::test]
async fn the_focus_is_kept_in_a_conversation() {
    let (server, provider) = scripted().await;
    provider.answer("Hello", [Reply::text("Hello to you.")]);
    provider.answer("stove", [Reply::text("One moment").hold()]);
    let calls = (1..=2).map(|number| ("delete_task", json!({ "task_id": number })));
    provider.answer_by_progress("Clear", [Reply::calls(calls), Reply::text("Done.")]);
    let user = TestUser::register(&server).await;
    for title in ["One", "Two"] {
        user.add_task(title).await;
    }
    let laptop = Browser::new(&server, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    let ended = "document.querySelector('.msg-last') && !document.querySelector('[aria-busy=true]')";
    keeps(
        &laptop,
        &[
            ("#message", "Hello\u{e007}", "document.querySelectorAll('.msg').length === 2"),
            ("", "", ended),
            (".msg-you [aria-label='Edit']", ENTER, "document.activeElement.ariaLabel === 'Edit message'"),
            ("", ESCAPE, "!document.querySelector('.edit')"),
            (".msg-you [aria-label='Edit']", ENTER, "document.activeElement.ariaLabel === 'Edit message'"),
            ("", "!", "true"),
            (".edit .btn-primary", ENTER, "document.querySelector('.siblings')"),
            ("", "", ended),
            (
                "[aria-label='Previous version']",
                ENTER,
                "document.querySelector('.siblings').textContent.includes('1/2')",
            ),
            (".msg-last [aria-label='Details']", ENTER, "document.activeElement"),
            (".msg-last [aria-label='Retry']", ENTER, "document.querySelectorAll('.siblings').length === 2"),
            ("#message", "Clear\u{e007}", "document.querySelector('.rows-set')"),
            (".rows-set input", " ", "!document.querySelector('.rows-set input').checked"),
            (".ask-acts .btn-primary, .ask-acts .btn:last-child", ENTER, "!document.querySelector('.rows-set')"),
            ("", "", ended),
            ("#message", "Which stove\u{e007}", "document.body.textContent.includes('One moment')"),
            ("", "Hello again\u{e007}", "document.body.textContent.includes('Queued')"),
            ("[aria-label='Remove from queue']", ENTER, "!document.body.textContent.includes('Queued')"),
            (".send", ENTER, ended),
        ],
    )
    .await;
    laptop.close().await;
}

#[tokio::test]
async fn the_focus_is_kept_in_the_settings() {
    let server = TestServer::new().await;
    let laptop = Browser::new(&server, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    Visitor::of(&server).sign_in(&email, "My phone").await;
    laptop.go("/settings").await;
    laptop.reads(&named("region", "Devices"), "My phone").await;
    let closed = "!document.querySelector('dialog[open]')";
    keeps(
        &laptop,
        &[
            (
                "section[aria-label='Devices'] .rowlist li:not(:has(.tag)) button",
                ENTER,
                "!document.body.textContent.includes('My phone')",
            ),
            ("section[aria-label='Tokens'] .btn", ENTER, "document.querySelector('dialog[open]')"),
            ("#secret-name", "Script\u{e007}", "document.querySelector('dialog[open]').textContent.includes('tnd_')"),
            ("dialog .btn-primary", ENTER, closed),
            (
                "section[aria-label='Tokens'] .rowlist button",
                ENTER,
                "!document.querySelector('section[aria-label=Tokens] .rowlist button')",
            ),
            ("section[aria-label='Your data'] .btn-quiet-danger", ENTER, "document.querySelector('dialog[open]')"),
            ("", ESCAPE, closed),
        ],
    )
    .await;
    laptop.close().await;
}

#[tokio::test]
async fn the_focus_is_kept_when_the_tasks_lie_over_the_page() {
    let server = TestServer::new().await;
    let tablet = Browser::new(&server, Screen { width: 820, height: 1_180, dark: false, touch: false }).await;
    let email = register(&tablet, "Ann").await;
    let user = Visitor::of(&server).sign_in(&email, "script").await;
    user.add_task("One").await;
    tablet.go("/").await;
    tablet.find(&named("textbox", "Message")).await;
    keeps(
        &tablet,
        &[
            ("button[aria-label='Tasks']", ENTER, "document.activeElement.ariaLabel === 'Add a task'"),
            ("", ESCAPE, "document.activeElement.ariaLabel === 'Tasks'"),
            ("", ENTER, "document.activeElement.ariaLabel === 'Add a task'"),
            ("[role='tab']#tab-all, [role='tab']:nth-child(3)", ENTER, has!("One")),
            ("[aria-label='Delete One']", ENTER, gone!("One")),
            ("", ESCAPE, "document.querySelector('.app').dataset.tasks === 'closed'"),
        ],
    )
    .await;
    tablet.close().await;
}
