//! What replies look like: direction, formulas, code; and what is copied of them.

use crate::support::{scripted, sign_in};
use tandem_tests::{
    Browser, Reply, TestUser,
    browser::{Screen, named, starting},
    eventually,
};

const REPLY: &str = "## שלום\n\n- אחת.\n- שתיים.\n\nThe area is \\(\\pi r^2\\), and $$\n\\int_0^1 x\\,dx = \\frac{1}{2}\n$$\n\n\
    > [!WARNING]\n> Save first.[^1]\n\n> One quote.\n\n```sh\necho one\necho \"a very long line of code that is certainly wider than the column is, and goes on\"\n```\n\n\
    | a | b |\n|---|---|\n| one<br>two | $5 |\n\n[^1]: See the manual.\n";

#[tokio::test]
async fn text_is_laid_out_by_its_own_direction_and_code_is_copied_without_its_line_end() {
    let (server, provider) = scripted().await;
    provider.answer("Write", [Reply::text(REPLY)]);
    let user = TestUser::register(&server).await;
    let laptop = Browser::new(&server, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    laptop.send_message("Write").await;
    laptop.replies_ended(1).await;
    let look = async |script: &str| laptop.run(&format!("return {script}"), Vec::new()).await;
    assert_eq!(look("getComputedStyle(document.querySelector('.prose ul')).direction").await, "rtl");
    assert_eq!(look("getComputedStyle(document.querySelector('.prose > p')).direction").await, "ltr");
    let bullet = "(() => { const it = document.querySelector('.prose li'), list = it.closest('ul'); \
                  return it.getBoundingClientRect().right < list.getBoundingClientRect().right - 10; })()";
    assert_eq!(look(bullet).await, true, "bullets are on the side where the text begins");
    assert_eq!(look("document.querySelectorAll('.prose td br').length").await, 1);
    assert_eq!(look("document.querySelector('.alert').innerText.startsWith('Warning')").await, true);
    let gap = "(() => { const [one, two] = [...document.querySelectorAll('.prose blockquote')].map((it) => \
               it.getBoundingClientRect()); return Math.round(two.top - one.bottom); })()";
    assert_eq!(look(gap).await, 16, "two quotes are two");

    // The clipboard of a headless browser needs a permission, so what is written is caught.
    laptop
        .run(
            "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }",
            Vec::new(),
        )
        .await;
    laptop.click(&named("button", "Copy code")).await;
    let copied =
        eventually("the code to be copied", async || look("window.copied || null").await.as_str().map(str::to_owned))
            .await;
    assert!(copied.starts_with("echo one\n") && copied.ends_with("goes on\""), "{copied:?}");
    laptop.reads(&named("region", "Notifications"), "Copied").await;
    laptop.click(&named("button", "Wrap")).await;
    let wide = "document.querySelector('.code pre').scrollWidth <= document.querySelector('.code pre').clientWidth";
    assert_eq!(look(wide).await, true);
    laptop.find(&starting("article", "Assistant")).await;
    laptop.close().await;
}
