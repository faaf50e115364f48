//! A picture of every state of the page, at three widths, light and dark, on one sheet: `docs/pictures/states.html`.
//!
//! With `TANDEM_SHOTS=docs` the sheet is written there, else to `tests/out/shots`. On the phone, what can be pressed is large
//! enough for a finger, and what is not shown takes no press.

use crate::{
    touch::{SMALL, UNSEEN},
    tour::{Look, World, walk},
};
use futures_util::future::join_all;
use tandem_tests::{
    Browser,
    browser::{Screen, SmallPicture, contact_sheet},
};

const SCREENS: [Screen; 3] =
    [Screen::LAPTOP, Screen { width: 820, height: 1_180, dark: false, touch: false }, Screen::TOUCH_PHONE];

struct Pictures {
    touch: bool,
}

impl Look for Pictures {
    /// A picture, and what a finger cannot press, or presses without seeing it.
    type Found = (SmallPicture, Vec<String>);

    async fn look(&self, browser: &Browser, whole: bool) -> Self::Found {
        let mut faults = Vec::new();
        for script in [SMALL, UNSEEN].into_iter().filter(|_| self.touch) {
            let names: Vec<String> =
                serde_json::from_value(browser.run(script, Vec::new()).await).expect("a list of names");
            faults.extend(names);
        }
        (browser.small_picture(whole).await, faults)
    }
}

#[tokio::test]
async fn every_state_is_reached_and_tidy_at_every_width() {
    let screens: Vec<Screen> = SCREENS.into_iter().flat_map(|screen| [screen, screen.dark()]).collect();
    let world = World::new(&screens).await;
    let (mut pictures, mut faults) = (Vec::new(), Vec::new());
    for pair in screens.chunks(2) {
        // Two at a time: the walks mostly wait.
        let look = Pictures { touch: pair[0].touch };
        let seen = join_all(pair.iter().map(|screen| walk(&world, *screen, &look))).await;
        for (state, screen, (picture, found)) in seen.into_iter().flatten() {
            faults.extend(found.into_iter().map(|fault| format!("{state}, {screen}: {fault}")));
            pictures.push((state, screen, picture));
        }
    }
    contact_sheet(&pictures);
    assert!(faults.is_empty(), "{} for fingers:\n{}", faults.len(), faults.join("\n"));
}
