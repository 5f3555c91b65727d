//! Reading requests: times, periods, metrics and dimensions, and the errors of CloudWatch's query protocol.

use std::time::Duration;

use serde_json::{Value, json};

use crate::core::{Input, Page, ServiceError, Timestamp};

use super::store::MetricKey;

/// A time, as epoch seconds.
pub(super) fn timestamp(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any plausible date fit 53 bits")]
    Some(Timestamp::from_millis((seconds * 1000.0).round() as i64))
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

/// A metric's place among all.
pub(super) fn page_key(key: &MetricKey) -> String {
    let dimensions = key.dimensions.iter().map(|(name, value)| format!("\u{1}{name}\u{2}{value}"));
    format!("{}\u{0}{}\u{0}{}", key.namespace, key.name, dimensions.collect::<String>())
}

/// One page of a list, and the token of the next. The items come with their keys.
///
/// # Errors
/// `InvalidNextToken`.
pub(super) fn page(
    input: &Input,
    mut items: Vec<(String, Value)>,
    usual: usize,
) -> Result<(Vec<Value>, Option<String>), ServiceError> {
    items.sort_by(|(one, _), (other, _)| one.cmp(other));
    let most = input.opt_i64("MaxRecords").and_then(|most| usize::try_from(most).ok()).unwrap_or(usual);
    let page = cut(input, &items, most)?;
    Ok((page.items.into_iter().cloned().collect(), page.next))
}

/// Cuts a page of at most `size` of the items after the token of an input.
///
/// # Errors
/// `InvalidNextToken`.
pub(super) fn cut<'a, T>(input: &Input, items: &'a [(String, T)], size: usize) -> Result<Page<&'a T>, ServiceError> {
    // A token is good for the request that it came from, whatever that one's own token and page size were.
    let mut asked = input.clone().into_value();
    if let Value::Object(members) = &mut asked {
        members.retain(|member, _| !["NextToken", "MaxRecords", "MaxDatapoints"].contains(&member.as_str()));
    }
    let token = input.opt_str("NextToken").filter(|token| !token.is_empty());
    let keyed = items.iter().map(|(key, item)| (key.as_str(), item));
    Page::cut(keyed, token, size, &asked.to_string())
        .map_err(|_| ServiceError::new("InvalidNextToken", "The next token is not one of this request's."))
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
