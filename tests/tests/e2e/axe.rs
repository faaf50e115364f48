//! Nothing that axe can find is wrong in any state of the page.
//!
//! axe-core is a program for browsers that cannot be had everywhere, so this test is ignored unless `TANDEM_AXE` is the path
//! of its script; the step `axe` of `cargo xtask test` installs it.

use crate::tour::{Look, World, walk};
use std::{env, fs};
use tandem_tests::{Browser, browser::Screen};

/// axe with all of its rules for finished pages, of any impact.
struct Axe {
    script: String,
}

const FIND: &str = "
    return axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations.flatMap((rule) =>
        rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.html.slice(0, 160)} ${
            (node.any[0] || node.all[0] || node.none[0] || {}).message || ''}`)));";

impl Look for Axe {
    type Found = Vec<String>;

    async fn look(&self, browser: &Browser, _: bool) -> Vec<String> {
        if browser.run("return !window.axe", Vec::new()).await == true {
            browser.run(&self.script, Vec::new()).await;
        }
        serde_json::from_value(browser.run(FIND, Vec::new()).await).expect("axe returns what it has found")
    }
}

#[tokio::test]
#[ignore = "needs axe-core: `cargo xtask test axe` installs it"]
async fn axe_finds_nothing_in_any_state() {
    let path = env::var_os("TANDEM_AXE").expect("TANDEM_AXE is the path of axe.min.js");
    let axe = Axe { script: fs::read_to_string(path).expect("axe can be read") };
    let screens = [Screen::LAPTOP, Screen::LAPTOP.dark(), Screen::TOUCH_PHONE, Screen::TOUCH_PHONE.dark()];
    let world = World::new(&screens).await;
    let mut faults = Vec::new();
    for screen in screens {
        for (state, screen, found) in walk(&world, screen, &axe).await {
            faults.extend(found.into_iter().map(|fault| format!("{state}, {screen}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{} findings:\n{}", faults.len(), faults.join("\n"));
}
