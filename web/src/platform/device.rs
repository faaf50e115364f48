//! The identity of this browser: a stable id, and a name that its owner recognises.

use super::{random, storage, window::window};
use crate::text::notices as text;
use tandem_protocol::DeviceId;

const KEY: &str = "tandem.device";

/// The id of this browser, the same in all tabs and after a restart.
pub(crate) fn id() -> DeviceId {
    if let Some(id) = storage::get(KEY) {
        return id.into();
    }
    let id = random::uuid().to_string();
    // Without storage each page load is another device.
    storage::set(KEY, &id);
    id.into()
}

/// The name of this browser, such as `Firefox on Linux`.
pub(crate) fn name() -> String {
    name_of(&window().navigator().user_agent().unwrap_or_default())
}

/// Derives browser and system from a user agent. The order matters, because most user agents also contain the names of
/// older browsers.
pub(crate) fn name_of(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 7] = [
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrom", "Chrome"),
        ("Safari", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let find =
        |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => text::device(browser, system),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => text::BROWSER.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn devices_are_named_by_browser_and_system() {
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Mobile Safari/604",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 (KHTML, like Gecko) Chrome/126.0 Safari/537 Edg/126",
                "Edge on Windows",
            ),
            ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/126.0 Mobile Safari/537", "Chrome on Android"),
            ("curl/8", "Browser"),
        ];
        for (agent, name) in cases {
            assert_eq!(name_of(agent), name, "{agent}");
        }
    }
}
