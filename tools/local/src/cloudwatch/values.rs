//! Reading requests: times, periods, metrics and dimensions, and the errors of CloudWatch's query protocol.

use std::time::Duration;

use serde_json::{Value, json};

use crate::core::{Input, ServiceError, Timestamp};

use super::store::MetricKey;

/// A time, as epoch seconds or as ISO 8601 text.
pub(super) fn timestamp(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    if let Some(seconds) = seconds {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any plausible date fit 53 bits")]
        return Some(Timestamp::from_millis((seconds * 1000.0).round() as i64));
    }
    let at: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// A time that must be there.
///
/// # Errors
/// `MissingParameter` or `InvalidParameterValue`.
pub(super) fn required_timestamp(input: &Input, name: &str) -> Result<Timestamp, ServiceError> {
    let value = input.get(name).ok_or_else(|| missing(name))?;
    timestamp(value).ok_or_else(|| invalid(format!("The parameter {name} is not a time")))
}

/// A period in seconds: 1, 5, 10, 20, 30 or a multiple of 60.
pub(super) fn period(value: &Value) -> Option<Duration> {
    let seconds: Option<u64> = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    seconds.filter(|it| matches!(it, 1 | 5 | 10 | 20 | 30) || (*it > 0 && it % 60 == 0)).map(Duration::from_secs)
}

/// A metric of `Namespace`, `MetricName` and `Dimensions`.
///
/// # Errors
/// `MissingParameter`, or what is wrong with the dimensions.
pub(super) fn metric_key(input: &Input) -> Result<MetricKey, ServiceError> {
    let text = |name: &str| input.opt_str(name).filter(|text| !text.is_empty()).ok_or_else(|| missing(name));
    Ok(MetricKey {
        namespace: text("Namespace")?.to_owned(),
        name: text("MetricName")?.to_owned(),
        dimensions: dimensions(input.list("Dimensions"))?,
    })
}

/// Dimensions in order of their names.
///
/// # Errors
/// `InvalidParameterValue` for a dimension without a name or a value.
pub(super) fn dimensions(list: &[Value]) -> Result<Vec<(String, String)>, ServiceError> {
    let mut dimensions = list
        .iter()
        .map(|dimension| {
            let part = |name: &str| dimension[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            part("Name").zip(part("Value")).ok_or_else(|| invalid("A dimension needs a Name and a Value"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    dimensions.sort();
    Ok(dimensions)
}

/// A metric as the API shows it.
pub(super) fn metric(key: &MetricKey) -> Value {
    let dimensions: Vec<Value> =
        key.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    json!({ "Namespace": key.namespace, "MetricName": key.name, "Dimensions": dimensions })
}

/// One page of a list, and the token of the next.
///
/// # Errors
/// `InvalidNextToken`.
pub(super) fn page(
    input: &Input,
    items: Vec<Value>,
    size: usize,
) -> Result<(Vec<Value>, Option<String>), ServiceError> {
    let invalid = || ServiceError::new("InvalidNextToken", "The next token is not one of this operation");
    let start = match input.opt_str("NextToken") {
        None | Some("") => 0,
        Some(token) => token.parse::<usize>().ok().filter(|start| *start <= items.len()).ok_or_else(invalid)?,
    };
    let size = input.opt_i64("MaxRecords").and_then(|max| usize::try_from(max).ok()).map_or(size, |max| max.min(size));
    let next = (start + size < items.len()).then(|| (start + size).to_string());
    Ok((items.into_iter().skip(start).take(size).collect(), next))
}

/// `2019-10-01T13:56:40.985+0000`: how alarms write times in their own JSON.
pub(super) fn alarm_time(at: Timestamp) -> String {
    at.iso8601().replace('Z', "+0000")
}

pub(super) fn missing(name: &str) -> ServiceError {
    ServiceError::new("MissingParameter", format!("The parameter {name} is required."))
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterValue", message)
}

pub(super) fn combination(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterCombination", message)
}

pub(super) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationError", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_however_they_come() {
        let expected = Some(Timestamp::from_millis(1_700_000_000_500));
        for value in [json!(1_700_000_000.5), json!("1700000000.5"), json!("2023-11-14T22:13:20.5Z")] {
            assert_eq!(timestamp(&value), expected, "{value}");
        }
        assert_eq!(timestamp(&json!("yesterday")), None);
    }
}
