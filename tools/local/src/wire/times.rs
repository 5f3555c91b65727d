//! The formats of times on the wire.

use serde_json::Value;

use crate::core::Timestamp;
use crate::model::{Member, Model, TimeFormat};

/// A time of a reply (epoch seconds, or the text of a date) in the format that `member` has, or the protocol's own.
pub(super) fn written(model: &Model, member: &Member, protocol: TimeFormat, value: &Value) -> Value {
    let format = member.time_format.or(model.shape(member.shape).time_format).unwrap_or(protocol);
    let Some(seconds) = seconds(value) else { return value.clone() };
    match format {
        TimeFormat::Seconds if seconds.fract() == 0.0 => whole(seconds).into(),
        TimeFormat::Seconds => seconds.into(),
        TimeFormat::Iso8601 => iso8601(seconds).into(),
        TimeFormat::Http => http(seconds).into(),
    }
}

/// The seconds of a time that a service replied with.
fn seconds(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => crate::model::from_text(&crate::model::Kind::Timestamp, text)?.as_f64(),
        _ => None,
    }
}

/// Writes a time with milliseconds where there are any.
fn iso8601(seconds: f64) -> String {
    let text = Timestamp::from_millis(whole(seconds * 1000.0)).iso8601();
    text.replace(".000Z", "Z")
}

fn http(seconds: f64) -> String {
    jiff::Timestamp::from_second(whole(seconds))
        .map(|at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "seconds and milliseconds of dates fit an i64")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}
