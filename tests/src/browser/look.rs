//! Reads the elements of the page.

use super::{Browser, Named, WORKS, named, starting};
use crate::eventually::eventually;
use fantoccini::elements::Element;
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use std::{
    fmt::Display,
    panic::{AssertUnwindSafe, resume_unwind},
};

/// Finds elements by role and name; see the file.
const FIND: &str = include_str!("find.js");

impl Browser {
    /// All elements with this name that exist now.
    pub async fn all(&self, what: &Named) -> Vec<Element> {
        // A page that is being replaced by another one has nothing on it.
        let found = self.try_run(FIND, vec![Value::Array(what.path())]).await.unwrap_or_default();
        let references =
            found.as_array().into_iter().flatten().filter_map(|element| element.as_object()?.values().next());
        references.filter_map(|reference| Some(self.element(reference.as_str()?))).collect()
    }

    /// The element with this name, if it exists now. Two with one name are an error of the page.
    pub async fn the(&self, what: &Named) -> Option<Element> {
        let mut all = self.all(what).await;
        assert!(all.len() < 2 || !what.exact, "{what} is on the page {} times", all.len());
        if all.is_empty() { None } else { Some(all.swap_remove(0)) }
    }

    /// Waits until this is on the page.
    pub async fn find(&self, what: &Named) -> Element {
        self.patiently(what, async || self.the(what).await).await
    }

    /// Waits until this is not on the page any more.
    pub async fn gone(&self, what: &Named) {
        self.patiently(format_args!("{what} to go"), async || self.all(what).await.is_empty().then_some(())).await;
    }

    /// Whether this is on the page now.
    pub async fn sees(&self, what: &Named) -> bool {
        !self.all(what).await.is_empty()
    }

    /// The text of everything of this name, in the order of the page.
    pub async fn texts(&self, what: &Named) -> Vec<String> {
        let script = format!("return (function () {{ {FIND} }}).apply(null, arguments).map((it) => it.innerText);");
        let texts = self.try_run(&script, vec![Value::Array(what.path())]).await.unwrap_or_default();
        serde_json::from_value(texts).unwrap_or_default()
    }

    /// An attribute of an existing element.
    pub async fn attribute(&self, what: &Named, attribute: &str) -> Option<String> {
        self.the(what).await?.attr(attribute).await.ok()?
    }

    /// The value of a field.
    pub async fn value(&self, what: &Named) -> String {
        self.find(what).await.prop("value").await.expect(WORKS).unwrap_or_default()
    }

    /// Waits until an element with this name has this text.
    pub async fn reads(&self, what: &Named, text: &str) {
        self.patiently(format_args!("{what} to say {text:?}"), async || {
            self.texts(what).await.iter().any(|said| said.contains(text)).then_some(())
        })
        .await;
    }

    /// The text of the newest reply; empty when there is none.
    pub async fn last_reply(&self) -> String {
        self.texts(&starting("article", "Assistant")).await.pop().unwrap_or_default()
    }

    /// Waits until no reply is running and there are at least so many.
    pub async fn replies_ended(&self, count: usize) {
        self.patiently(format_args!("{count} ended replies"), async || {
            let script = format!(
                "return (function () {{ {FIND} }}).apply(null, arguments).map((it) => it.getAttribute('aria-busy'));"
            );
            let path = starting("article", "Assistant").path();
            let busy = self.try_run(&script, vec![Value::Array(path)]).await.ok()?;
            let busy = busy.as_array()?;
            (busy.len() >= count && busy.iter().all(|state| *state != json!("true"))).then_some(())
        })
        .await;
    }

    /// The titles in the task list, in order, without their facts.
    pub async fn task_titles(&self) -> Vec<String> {
        let boxes = starting("checkbox", "Complete ").within(named("list", "Task list"));
        let script = format!(
            "return (function () {{ {FIND} }}).apply(null, arguments).map((it) => it.getAttribute('aria-label'));"
        );
        let names = self.try_run(&script, vec![Value::Array(boxes.path())]).await.unwrap_or_default();
        let names: Vec<String> = serde_json::from_value(names).unwrap_or_default();
        names.iter().map(|name| name.trim_start_matches("Complete ").to_owned()).collect()
    }

    /// Waits until the task list holds exactly these titles, in any order.
    pub async fn lists_tasks(&self, titles: &[&str]) {
        let mut wanted: Vec<&str> = titles.to_vec();
        wanted.sort_unstable();
        self.patiently(format_args!("the task list to hold {titles:?}"), async || {
            let mut shown = self.task_titles().await;
            shown.sort_unstable();
            (shown == wanted).then_some(())
        })
        .await;
    }

    /// Calls `look` until it returns something. After the time limit it saves a screenshot, which shows more than a
    /// message.
    pub(super) async fn patiently<T>(&self, what: impl Display, look: impl AsyncFnMut() -> Option<T>) -> T {
        match AssertUnwindSafe(eventually(what, look)).catch_unwind().await {
            Ok(seen) => seen,
            Err(gave_up) => {
                let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
                self.picture(&format!("failed-{test}")).await;
                resume_unwind(gave_up)
            }
        }
    }
}
