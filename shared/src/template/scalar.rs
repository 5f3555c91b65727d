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

/// The number that YAML 1.2 reads in `text`, beyond those that [`number`] does: `1e3`, `0x1F`, `0o17`. An error if it is a number that
/// nothing here can hold. A numeral with a leading zero stays a text.
pub(super) fn core_number(text: &str) -> Option<Result<Number, String>> {
    if let Some(number) = number(text) {
        return Some(Ok(number));
    }
    let held = if let Some((digits, radix)) = in_radix(text) {
        u64::from_str_radix(digits, radix).ok().map(Number::from)
    } else if is_decimal(text) {
        // A whole number that is too long for one is not rounded in silence.
        let is_whole = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'));
        text.parse::<f64>().ok().filter(|_| !is_whole).and_then(Number::from_f64)
    } else if is_special(text) {
        None
    } else {
        return None;
    };
    Some(held.ok_or_else(|| format!("no number can be {text}: write it in quotes if it is a text")))
}

fn in_radix(text: &str) -> Option<(&str, u32)> {
    let hexadecimal = text.strip_prefix("0x").map(|digits| (digits, 16));
    let (digits, radix) = hexadecimal.or_else(|| Some((text.strip_prefix("0o")?, 8)))?;
    (!digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))).then_some((digits, radix))
}

/// `[-+]? ( . digits | digits ( . digits? )? ) ( [eE] [-+]? digits )?`, without a leading zero.
fn is_decimal(text: &str) -> bool {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let text = unsigned(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(text, rest)| (text, Some(rest)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_exponent = exponent.map(unsigned).is_none_or(|digits| !digits.is_empty() && is_digits(digits));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    is_exponent && !leading_zero && is_digits(whole) && is_digits(fraction) && whole.len() + fraction.len() > 0
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn is_special(text: &str) -> bool {
    matches!(unsigned(text), ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
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

    #[test_case("42" => Some(Some(json!(42))))]
    #[test_case("1e3" => Some(Some(json!(1000.0))))]
    #[test_case("-2.5E-1" => Some(Some(json!(-0.25))))]
    #[test_case("0x1F" => Some(Some(json!(31))))]
    #[test_case("0o17" => Some(Some(json!(15))))]
    #[test_case("12e4567" => Some(None); "a commit must be quoted")]
    #[test_case("99999999999999999999999" => Some(None))]
    #[test_case("1.5e999" => Some(None))]
    #[test_case("-.inf" => Some(None))]
    #[test_case(".NaN" => Some(None))]
    #[test_case("0xFFFFFFFFFFFFFFFFF" => Some(None))]
    #[test_case("012345678901" => None; "an account id is a text")]
    #[test_case("2012-10-17" => None)]
    #[test_case("1.2.3" => None)]
    #[test_case("0x" => None)]
    #[test_case("1e" => None)]
    #[test_case("e5" => None)]
    #[test_case("." => None)]
    #[test_case("-" => None)]
    fn a_number_of_yaml_1_2_is_held_or_refused(text: &str) -> Option<Option<serde_json::Value>> {
        core_number(text).map(|read| read.ok().map(serde_json::Value::Number))
    }
}
