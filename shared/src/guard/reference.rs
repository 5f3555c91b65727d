//! The ways in which a template refers to a function.

use serde_json::Value;

/// The part of a log group's name that stands before the function's.
pub(super) const LOG_GROUP: &str = "/aws/lambda/";

/// True for a reference to the function's name, by itself.
pub(super) fn is_name(value: &Value, function: &str) -> bool {
    value["Ref"] == function || is_text(value, &format!("${{{function}}}"))
}

/// True for a reference to the function's ARN, by itself.
pub(super) fn is_arn(value: &Value, function: &str) -> bool {
    let attribute = &value["Fn::GetAtt"];
    attribute.as_str() == Some(&format!("{function}.Arn"))
        || (attribute[0] == function && attribute[1] == "Arn")
        || is_text(value, &format!("${{{function}.Arn}}"))
}

/// True for a reference to the function, by itself.
pub(super) fn names(value: &Value, function: &str) -> bool {
    is_name(value, function) || is_arn(value, function)
}

/// True if a text that is put together refers to the function within, neither with a qualifier nor as the name of its log group.
pub(super) fn mentions(value: &Value, function: &str) -> bool {
    let names = [format!("${{{function}}}"), format!("${{{function}.Arn}}")];
    let is_call = |text: &str, name: &String| {
        text.match_indices(name.as_str()).any(|(at, name)| {
            let (before, after) = (text.get(..at), text.get(at + name.len()..));
            let has_qualifier = after.is_some_and(|after| after.starts_with(':'));
            !has_qualifier && !before.is_some_and(|before| before.ends_with(LOG_GROUP))
        })
    };
    let within = |text: &Value| text.as_str().is_some_and(|text| names.iter().any(|name| is_call(text, name)));
    let text = &value["Fn::Sub"];
    within(text) || within(&text[0])
}

/// True for `Fn::Sub` of exactly this text.
fn is_text(value: &Value, text: &str) -> bool {
    let written = &value["Fn::Sub"];
    written == text || written[0] == text
}
