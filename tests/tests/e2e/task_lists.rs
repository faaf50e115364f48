//! Long lists, days, and fingers on rows.

use crate::support::{server, sign_in, two_browsers};
use serde_json::json;
use tandem_tests::{
    Browser, TestServer, TestUser,
    browser::{Screen, named, starting},
    eventually,
};

async fn signed_in(screen: Screen) -> (Browser, TestUser) {
    let (browser, other, user) = two_browsers(server().await, [screen, Screen::LAPTOP]).await;
    other.close().await;
    (browser, user)
}

/// How long a key in the quick add takes until the page is laid out again, in milliseconds: the median of a line.
async fn time_of_a_key(browser: &Browser) -> f64 {
    let keys = "
        const field = document.querySelector('.quick input'), times = [];
        const drawn = () => new Promise((done) => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => { document.body.offsetHeight; done(); };
            channel.port2.postMessage(0);
        });
        const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        const write = (text) => {
            field.value = text;
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        };
        return (async () => {
            for (const letter of 'call Ann tomorrow at 9 about the flat') {
                const begun = performance.now();
                write(field.value + letter);
                await drawn();
                times.push(performance.now() - begun);
                await frame();
            }
            write('');
            await frame();
            return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
        })();";
    browser.run(keys, Vec::new()).await.as_f64().expect("a number")
}

#[tokio::test]
async fn of_a_long_list_only_the_rows_in_view_are_mounted_and_a_key_in_the_quick_add_is_quick() {
    let (laptop, user) = signed_in(Screen::LAPTOP).await;
    laptop.click(&named("tab", "All")).await;
    user.add_task("Task 0").await;
    laptop.find(&named("checkbox", "Complete Task 0")).await;
    let alone = time_of_a_key(&laptop).await;
    for number in 1..300 {
        user.add_task(&format!("Task {number}")).await;
    }
    let rows = async || laptop.run("return document.querySelectorAll('#task-pane li').length", Vec::new()).await;
    eventually("some rows", async || {
        let rows = rows().await.as_u64().unwrap_or(0);
        (20..60).contains(&rows).then_some(())
    })
    .await;
    let scroll = "const pane = document.getElementById('task-pane'); pane.scrollTop = pane.scrollHeight; return pane.scrollHeight";
    eventually("a list as high as all rows", async || {
        let height = laptop.run(scroll, Vec::new()).await.as_f64().unwrap_or(0.0);
        (height > 300.0 * 40.0).then_some(())
    })
    .await;
    eventually("the last row", async || {
        laptop.run(scroll, Vec::new()).await;
        laptop.sees(&named("checkbox", "Complete Task 299")).await.then_some(())
    })
    .await;
    assert!(rows().await.as_u64().expect("a number") < 60);
    // A page that draws its rows again for each key takes ten times as long; a machine that is busy takes as long for both.
    let beside = time_of_a_key(&laptop).await;
    println!("a key in the quick add: {alone:.1} ms beside one row, {beside:.1} ms beside 300");
    assert!(beside < 3.0 * alone + 10.0, "beside 300 rows a key takes {beside} ms, beside one {alone} ms");
    laptop.close().await;
}

#[tokio::test]
async fn a_completed_row_leaves_slowly_and_says_when_it_is_due_again() {
    let (laptop, user) = signed_in(Screen::LAPTOP).await;
    user.add_task("Buy milk").await;
    let daily =
        json!({ "title": "Water plants", "due": { "date": "2030-01-02" }, "recurrence": { "rule": "FREQ=DAILY" } });
    user.add(daily).await;
    laptop.click(&named("tab", "All")).await;
    let done = "document.querySelector(`[aria-label='Complete Buy milk']`).click(); \
                return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => \
                done(!!document.querySelector('.task-leave')))))";
    laptop.find(&named("checkbox", "Complete Buy milk")).await;
    assert_eq!(laptop.run(done, Vec::new()).await, true, "the row is struck before it leaves");
    laptop.lists_tasks(&["Water plants"]).await;
    laptop.click(&named("checkbox", "Complete Water plants")).await;
    laptop.reads(&named("region", "Notices"), "Completed Water plants, next on Thu, Jan 3, 2030").await;
    laptop.close().await;
}

#[tokio::test]
async fn a_task_is_dropped_on_another_day_and_moved_by_keys() {
    let (laptop, user) = signed_in(Screen::LAPTOP).await;
    for (title, day) in [("One", "2030-01-02"), ("Two", "2030-01-05")] {
        user.add(json!({ "title": title, "due": { "date": day } })).await;
    }
    laptop.click(&named("tab", "Upcoming")).await;
    laptop.lists_tasks(&["One", "Two"]).await;
    let drag = "
        const row = (title) => document.querySelector(`[aria-label='Complete ${title}']`).closest('li');
        const fire = (target, type) => {
            const box = target.querySelector('.task').getBoundingClientRect();
            target.querySelector('.task').dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true,
                clientX: box.x + 30, clientY: box.y + box.height / 2 }));
        };
        fire(row('One'), 'dragstart'); fire(row('Two'), 'dragover');
        const marked = row('Two').dataset.drop;
        fire(row('Two'), 'drop'); fire(row('Two'), 'dragend');
        return marked";
    assert_eq!(laptop.run(drag, Vec::new()).await, "after", "a line shows where it goes");
    let day = async |title: &str| {
        let task = user.tasks("").await.into_iter().find(|task| task.title == title).expect("the task");
        task.due.expect("a date").date.to_string()
    };
    eventually("the other day", async || (day("One").await == "2030-01-05").then_some(())).await;
    laptop.run("document.querySelector(`[aria-label='Complete One']`).focus()", Vec::new()).await;
    laptop.press("\u{e00a}\u{e014}\u{e00a}").await;
    eventually("the day after", async || (day("One").await == "2030-01-06").then_some(())).await;
    laptop.close().await;
}

#[tokio::test]
async fn a_finger_completes_a_task_and_moves_one_to_tomorrow() {
    let (phone, user) = signed_in(Screen::TOUCH_PHONE).await;
    for title in ["One", "Two"] {
        user.add_task(title).await;
    }
    phone.click(&named("button", "Tasks").within(named("navigation", "Views"))).await;
    phone.click(&named("tab", "All")).await;
    phone.lists_tasks(&["One", "Two"]).await;
    let middle = async |title: &str| {
        let script = "const box = document.querySelector(`[aria-label='Complete ${arguments[0]}']`).closest('.task').getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]";
        let place = phone.run(script, vec![title.into()]).await;
        (place[0].as_f64().expect("a number"), place[1].as_f64().expect("a number"))
    };
    let (x, y) = middle("One").await;
    phone.swipe((x, y), (x + 40.0, y)).await;
    phone.lists_tasks(&["One", "Two"]).await;
    phone.swipe((x, y), (x + 140.0, y)).await;
    phone.lists_tasks(&["Two"]).await;
    phone.click(&named("button", "Undo").within(named("region", "Notices"))).await;
    phone.lists_tasks(&["One", "Two"]).await;
    let (x, y) = middle("Two").await;
    phone.swipe((x, y), (x - 140.0, y)).await;
    phone.reads(&named("region", "Notices"), "Moved Two to Tomorrow").await;
    eventually("a date", async || user.tasks("").await.iter().any(|task| task.due.is_some()).then_some(())).await;
    phone.close().await;
}

#[tokio::test]
async fn lists_and_labels_are_places_with_counts() {
    let (laptop, user) = signed_in(Screen::LAPTOP).await;
    user.add(json!({ "title": "Box", "list": "Move" })).await;
    user.add(json!({ "title": "Bread", "labels": ["shop"] })).await;
    laptop.click(&named("tab", "All")).await;
    laptop.lists_tasks(&["Bread", "Box"]).await;
    let options = "return [...document.querySelectorAll('.place option')].map((it) => it.textContent)";
    assert_eq!(laptop.run(options, Vec::new()).await, json!(["Everything (2)", "Move (1)", "shop (1)"]));
    let choose = "const place = document.querySelector('.place'); place.value = arguments[0]; \
                  place.dispatchEvent(new Event('change', { bubbles: true }))";
    laptop.run(choose, vec!["+Move".into()]).await;
    laptop.lists_tasks(&["Box"]).await;
    laptop.run(choose, vec!["#shop".into()]).await;
    laptop.lists_tasks(&["Bread"]).await;
    laptop.close().await;
}

#[tokio::test]
async fn what_waits_for_the_connection_says_so_and_can_be_taken_back() {
    let server = TestServer::new().await;
    let (laptop, tablet, user) = two_browsers(&server, [Screen::LAPTOP; 2]).await;
    tablet.close().await;
    user.add_task("Buy stamps").await;
    laptop.click(&named("tab", "All")).await;
    laptop.lists_tasks(&["Buy stamps"]).await;
    server.kill();
    laptop.reads(&named("status", "Connection"), "Offline").await;
    laptop.write(&named("textbox", "Add a task"), "Written offline\u{e007}").await;
    let row = starting("listitem", "").within(named("list", "Task list"));
    eventually("the note", async || {
        let rows = laptop.all(&row).await;
        let text = rows.last()?.text().await.ok()?;
        text.contains("Waiting to sync").then_some(())
    })
    .await;
    laptop.click(&named("checkbox", "Complete Buy stamps")).await;
    laptop.lists_tasks(&["Written offline"]).await;
    laptop.click(&named("button", "Undo").within(named("region", "Notices"))).await;
    laptop.lists_tasks(&["Buy stamps", "Written offline"]).await;
    server.start().await;
    laptop.reads(&named("status", "Connection"), "Connected").await;
    eventually("both", async || (user.tasks("").await.len() == 2).then_some(())).await;
    laptop.close().await;
}

#[tokio::test]
async fn samples_are_added_and_deleted_with_one_undo() {
    let (laptop, user) = signed_in(Screen::LAPTOP).await;
    laptop.click(&named("button", "Add three samples")).await;
    eventually("three tasks", async || (user.tasks("").await.len() == 3).then_some(())).await;
    let title = laptop.task_titles().await[0].clone();
    laptop.click(&named("checkbox", format!("Complete {title}"))).await;
    let done = async || user.tasks("status=done").await.len();
    eventually("one to be done", async || (done().await == 1).then_some(())).await;
    // A browser that has not seen it: it is not in the snapshot, and nobody looks at the completed ones there.
    laptop.close().await;
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    laptop.click(&named("button", "Delete samples")).await;
    eventually("no tasks", async || (user.tasks("").await.is_empty() && done().await == 0).then_some(())).await;
    laptop.click(&named("button", "Undo").within(named("region", "Notices"))).await;
    eventually("three tasks again", async || (user.tasks("").await.len() + done().await == 3).then_some(())).await;
    laptop.close().await;
}

#[tokio::test]
async fn the_month_beside_upcoming_takes_tasks_by_mouse_and_by_keys() {
    let (desktop, user) = signed_in(Screen { width: 1600, height: 900, ..Screen::LAPTOP }).await;
    user.add(json!({ "title": "Paint the fence", "due": { "date": "2030-01-02" } })).await;
    desktop.click(&named("tab", "Upcoming")).await;
    desktop.lists_tasks(&["Paint the fence"]).await;
    let month = named("group", "Calendar");
    desktop.find(&month).await;
    assert!(!desktop.sees(&named("group", "Week")).await, "the month has its days");
    let due = async || user.tasks("").await[0].due.clone().expect("a date").date.to_string();
    desktop.click(&named("button", "Next month").within(month.clone())).await;
    let drag = "
        const row = document.querySelector(`[aria-label='Complete Paint the fence']`).closest('li').querySelector('.task');
        const days = [...document.querySelectorAll('.month .week button')];
        const to = days.find((day) => day.querySelector('b').innerText === '28' && day.className !== 'out');
        const fire = (target, type) => target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true }));
        fire(row, 'dragstart'); fire(to, 'drop'); fire(row, 'dragend');
        return true";
    assert_eq!(desktop.run(drag, Vec::new()).await, true);
    eventually("the 28th", async || due().await.ends_with("-28").then_some(())).await;
    // By keys: the first day of the month is in the order of Tab, a week and a day further is the ninth.
    desktop.run("document.querySelector('#task-pane li > .task').focus()", Vec::new()).await;
    desktop.press("x").await;
    desktop.find(&named("toolbar", "Selected tasks")).await;
    desktop.run("document.querySelector('.month [tabindex=\"0\"]').focus()", Vec::new()).await;
    desktop.press("\u{e015}\u{e014}\u{e007}").await;
    eventually("the ninth", async || due().await.ends_with("-09").then_some(())).await;
    desktop.close().await;
}
