//! The values that CloudFormation reads in unquoted YAML scalars.
//!
//! YAML 1.1, without what surprises there and CloudFormation's own examples write unquoted: dates stay text (policy
//! versions), and so do numerals with a leading zero (account ids), underscores or colons.

use serde_json::Number;

use super::node::Content;

/// The value of an unquoted scalar.
pub(super) fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Content::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Content::Bool(false),
        _ => number(text).map_or_else(|| Content::Text(text.to_owned()), Content::Number),
    }
}

/// The number that `text` writes in decimal, if it does and the number can be held without loss of size.
pub(super) fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if leading_zero || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if fraction.is_none() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let unsigned = text.strip_prefix('+').unwrap_or(text);
        return unsigned.parse::<i64>().map(Number::from).or_else(|_| unsigned.parse::<u64>().map(Number::from)).ok();
    }
    // What is left is a float or not a number at all ("1.2.3", "10.0.0.0/16", "1e", "1st").
    let float_like =
        digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    // YAML 1.1 wants a dot in a float: "1e3" is a text, and so is a commit such as "12e4567".
    (float_like && fraction.is_some()).then(|| text.parse::<f64>().ok()).flatten().and_then(Number::from_f64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;
    use crate::template::Node;

    #[test_case("true" => json!(true))]
    #[test_case("No" => json!(false))]
    #[test_case("~" => json!(null))]
    #[test_case("" => json!(null))]
    #[test_case("42" => json!(42))]
    #[test_case("-7" => json!(-7))]
    #[test_case("+7" => json!(7))]
    #[test_case("0" => json!(0))]
    #[test_case("0.5" => json!(0.5))]
    #[test_case("1.5e3" => json!(1500.0))]
    #[test_case("18446744073709551615" => json!(18_446_744_073_709_551_615_u64))]
    #[test_case("2012-10-17" => json!("2012-10-17"); "a policy version stays text")]
    #[test_case("012345678901" => json!("012345678901"); "an account id keeps its zero")]
    #[test_case("10.0.0.0/16" => json!("10.0.0.0/16"))]
    #[test_case("1.2.3" => json!("1.2.3"))]
    #[test_case("12e4567" => json!("12e4567"); "a commit is not a number")]
    #[test_case("1_000" => json!("1_000"))]
    #[test_case("22:22" => json!("22:22"); "a port mapping is not base sixty")]
    #[test_case("." => json!("."))]
    #[test_case("-" => json!("-"))]
    #[test_case("inf" => json!("inf"))]
    #[test_case("99999999999999999999999" => json!("99999999999999999999999"))]
    fn an_unquoted_scalar_is_read_as(text: &str) -> serde_json::Value {
        Node { content: plain(text), line: 1, column: 1 }.to_json()
    }
}
