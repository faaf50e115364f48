//! The clock of the browser, and the offset of a time zone at a point in time.
//!
//! The time zone database is that of the browser; a bundled one would weigh more than the rest of the client.

use jiff::{civil::DateTime, tz::Offset};
use js_sys::{Array, Date, Intl, Object, Reflect};
use std::{cell::RefCell, rc::Rc};
use tandem_protocol::Timestamp;
use wasm_bindgen::{JsCast, JsValue};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

pub(crate) fn now() -> Timestamp {
    from_millis(Date::now())
}

/// The IANA name of the browser's time zone; `UTC` if it is unknown.
pub(crate) fn browser_time_zone() -> String {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    Reflect::get(&format.resolved_options(), &"timeZone".into())
        .ok()
        .and_then(|zone| zone.as_string())
        .unwrap_or_else(|| "UTC".to_owned())
}

/// The IANA names of all time zones that the browser supports; empty in old browsers.
pub(crate) fn time_zones() -> Vec<String> {
    const UTC: &str = "UTC";
    let list = || -> Result<Array, JsValue> {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into())?;
        let supported: js_sys::Function = Reflect::get(&intl, &"supportedValuesOf".into())?.dyn_into()?;
        supported.call1(&intl, &"timeZone".into())?.dyn_into()
    };
    let Ok(zones) = list() else { return Vec::new() };
    // Chromium leaves it out.
    zones.iter().filter_map(|zone| zone.as_string()).filter(|zone| zone != UTC).chain([UTC.to_owned()]).collect()
}

/// Time zones by name. A browser takes long to look one up.
#[derive(Default)]
pub(crate) struct Zones(RefCell<Vec<LocalClock>>);

impl Zones {
    /// The point in time of a civil time in a named zone, see [`LocalClock::instant`].
    pub(crate) fn instant(&self, civil: DateTime, zone: &str) -> Timestamp {
        let mut known = self.0.borrow_mut();
        let index = known.iter().position(|clock| clock.zone() == zone).unwrap_or_else(|| {
            known.push(LocalClock::of(zone));
            known.len() - 1
        });
        known[index].instant(civil)
    }
}

/// Converts points in time to one time zone.
#[derive(Clone)]
pub(crate) struct LocalClock {
    zone: Rc<str>,
    /// Formats offsets, such as `GMT+01:00`. `None` for a zone that the browser does not know.
    offsets: Option<Intl::DateTimeFormat>,
}

impl PartialEq for LocalClock {
    fn eq(&self, other: &Self) -> bool {
        self.zone == other.zone
    }
}

impl LocalClock {
    /// Creates the clock of a zone by its IANA name.
    pub(crate) fn of(zone: &str) -> Self {
        Self { zone: zone.into(), offsets: offset_format(zone) }
    }

    pub(crate) fn zone(&self) -> &str {
        &self.zone
    }

    /// The civil date and time at a point in time.
    pub(crate) fn at(&self, at: Timestamp) -> DateTime {
        let seconds = self.named_offset(at).unwrap_or_else(|| browser_offset(at));
        Offset::from_seconds(seconds).unwrap_or(Offset::UTC).to_datetime(at.to_jiff())
    }

    /// The point in time of a civil time in this zone. Where the clocks go back, the earlier of two; where they go forward,
    /// a time that does not exist is moved forward.
    pub(crate) fn instant(&self, civil: DateTime) -> Timestamp {
        let utc = Offset::UTC.to_timestamp(civil).map_or(Timestamp::from_millis(0), Timestamp::from);
        // The offsets before and after a change of the clocks that may be near.
        let with = |offset: i64| utc.plus_millis(-offset * 1_000);
        let before = self.offset(utc.plus_millis(-DAY_MS));
        let after = self.offset(utc.plus_millis(DAY_MS));
        if before != after && self.offset(with(before)) != before && self.offset(with(after)) == after {
            return with(after);
        }
        with(before)
    }

    /// Seconds east of UTC.
    fn offset(&self, at: Timestamp) -> i64 {
        self.named_offset(at).unwrap_or_else(|| browser_offset(at)).into()
    }

    fn named_offset(&self, at: Timestamp) -> Option<i32> {
        // No browser API returns the offset of a named zone, but a formatted date contains it.
        let parts = self.offsets.as_ref()?.format_to_parts(&date(at));
        let name = parts.iter().find_map(|part| {
            let kind = Reflect::get(&part, &"type".into()).ok()?.as_string()?;
            if kind == "timeZoneName" { Reflect::get(&part, &"value".into()).ok()?.as_string() } else { None }
        })?;
        super::clock_offset::parse(&name)
    }
}

fn offset_format(zone: &str) -> Option<Intl::DateTimeFormat> {
    let options = Object::new();
    Reflect::set(&options, &"timeZone".into(), &zone.into()).ok()?;
    Reflect::set(&options, &"timeZoneName".into(), &"longOffset".into()).ok()?;
    // Called through `Reflect`, which returns the exception that the constructor throws for unknown zones.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: js_sys::Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    Reflect::construct(&constructor, &Array::of2(&"en-US".into(), &options)).ok()?.dyn_into().ok()
}

/// The offset of the browser's own time zone in seconds east of UTC.
#[expect(clippy::cast_possible_truncation, reason = "offsets are under a day of minutes")]
fn browser_offset(at: Timestamp) -> i32 {
    // JavaScript counts offsets west of UTC as positive.
    -(date(at).get_timezone_offset() as i32) * 60
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into 53 bits until the year 287396")]
fn date(at: Timestamp) -> Date {
    Date::new(&(at.as_millis() as f64).into())
}

#[expect(clippy::cast_possible_truncation, reason = "the browser's clock counts whole milliseconds")]
fn from_millis(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}
