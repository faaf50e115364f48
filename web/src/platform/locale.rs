//! How dates and times are written: by the language of the browser, unless the person has chosen something else on this
//! device.

use super::{storage, window::window};
use crate::components::format::{self, Style};
use jiff::civil::Weekday;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use tandem_protocol::settings::DateStyle;
use wasm_bindgen::{JsCast, JsValue};

/// A choice of the person; [`Choice::key`] is where it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Clock,
    Order,
    FirstDay,
}

impl Choice {
    fn key(self) -> &'static str {
        match self {
            Self::Clock => "tandem.clock",
            Self::Order => "tandem.order",
            Self::FirstDay => "tandem.first-day",
        }
    }

    /// The chosen value; empty for that of the browser.
    pub(crate) fn get(self) -> String {
        storage::get(self.key()).unwrap_or_default()
    }

    /// Chooses a value for this device; empty for that of the browser.
    pub(crate) fn set(self, value: &str) {
        // Without storage the choice holds until the page is left.
        let _kept = storage::set(self.key(), value);
        let mut style = format::style();
        self.apply(value, &mut style);
        format::set_style(style);
    }

    fn apply(self, value: &str, style: &mut Style) {
        let value = if value.is_empty() { self.of_browser().unwrap_or_default() } else { value.to_owned() };
        match self {
            Self::Clock => style.dates.twelve_hours = value == "12",
            Self::Order => style.dates.month_first = value == "month",
            Self::FirstDay => {
                let day = value.parse().ok().and_then(|day| Weekday::from_monday_one_offset(day).ok());
                style.first_weekday = day.unwrap_or(Weekday::Monday);
            }
        }
    }

    /// The value for the language of the browser; `None` where it does not say.
    fn of_browser(self) -> Option<String> {
        match self {
            Self::Clock => {
                let format = format_with(&[("hour", "numeric")]);
                let cycle = Reflect::get(&format.resolved_options(), &"hourCycle".into()).ok()?.as_string()?;
                Some(if matches!(cycle.as_str(), "h11" | "h12") { "12" } else { "24" }.to_owned())
            }
            Self::Order => {
                let format = format_with(&[("day", "2-digit"), ("month", "2-digit")]);
                // 27 November 2026, at noon so that no time zone makes another day of it.
                let date = Date::new_with_year_month_day_hr(2026, 10, 27, 12);
                let text = format.format().call1(&JsValue::NULL, &date).ok()?.as_string()?;
                Some(if text.find("11")? < text.find("27")? { "month" } else { "day" }.to_owned())
            }
            Self::FirstDay => {
                let language = window().navigator().language()?;
                let locale = Intl::Locale::new(&language).ok()?;
                // A method in newer browsers, a property in others.
                let info = match Reflect::get(&locale, &"getWeekInfo".into()).ok()?.dyn_into::<Function>() {
                    Ok(method) => method.call0(&locale).ok()?,
                    Err(_) => Reflect::get(&locale, &"weekInfo".into()).ok()?,
                };
                let day = Reflect::get(&info, &"firstDay".into()).ok()?.as_f64()?;
                // Sunday or Saturday, where a week does not begin on Monday.
                Some(
                    if day >= 7.0 {
                        "7"
                    } else if day >= 6.0 {
                        "6"
                    } else {
                        "1"
                    }
                    .to_owned(),
                )
            }
        }
    }
}

fn format_with(options: &[(&str, &str)]) -> Intl::DateTimeFormat {
    let object = Object::new();
    for (name, value) in options {
        // Fails for objects that are frozen.
        let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
    }
    Intl::DateTimeFormat::new(&Array::new(), &object)
}

/// Sets the style of this device. Called before anything is drawn.
pub(crate) fn apply() {
    let mut style = Style::COMMON;
    for choice in [Choice::Clock, Choice::Order, Choice::FirstDay] {
        choice.apply(&choice.get(), &mut style);
    }
    format::set_style(style);
}

/// How dates and times are written on this device.
pub(crate) fn dates() -> DateStyle {
    format::style().dates
}
