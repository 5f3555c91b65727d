//! Rewriting one place so that it leads to a function's alias.
//!
//! The ARN of a function becomes the ARN of its alias, wherever in the place it stands. The function's name becomes that ARN where it
//! stands alone, and gets the alias's name behind it where an ARN is put together around it: `…:function:${Orders}` becomes
//! `…:function:${Orders}:live`.

use serde_json::{Value, json};

use super::direct::Door;
use super::reference::{is_name, names};

/// The part of an ARN that stands before a function's name.
const BEFORE_A_NAME: &str = "function:";

/// Visits every value at a path.
pub(super) fn at(value: &mut Value, path: &[&str], visit: &mut dyn FnMut(&mut Value)) {
    match (path, value) {
        ([], value) => visit(value),
        (["*", rest @ ..], Value::Array(items)) => items.iter_mut().for_each(|item| at(item, rest, visit)),
        (["*", rest @ ..], Value::Object(members)) => members.values_mut().for_each(|member| at(member, rest, visit)),
        ([name, rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get_mut(*name) {
                at(member, rest, visit);
            }
        }
        _ => {}
    }
}

/// Rewrites references to the function in one place, within other intrinsic functions too. Returns true if the place names the alias
/// without a reference to it, so that its resource must be told to wait for the alias.
pub(super) fn follow(value: &mut Value, door: &Door) -> bool {
    if names(value, &door.function) {
        *value = json!({ "Ref": door.reference });
        return false;
    }
    match value {
        Value::Object(members) => {
            let parts = members.iter_mut().map(|(name, member)| match (name.as_str(), member) {
                ("Fn::Sub", Value::String(text)) => substitute(text, door),
                ("Fn::Sub", Value::Array(parts)) => substitute_with(parts, door),
                ("Fn::Join", Value::Array(parts)) => join(parts, door),
                (_, member) => follow(member, door),
            });
            parts.fold(false, |any, one| any | one)
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| any | follow(item, door)),
        // An ARN that is written out whole.
        Value::String(text) => {
            door.written_name().is_some_and(|name| !name.contains('$') && name_alias(text, name, door))
        }
        _ => false,
    }
}

/// `${Function.Arn}` is the alias's ARN then; so is an ARN that is put together around the function's name.
fn substitute(text: &mut String, door: &Door) -> bool {
    let function = &door.function;
    *text = unqualified(text, &format!("${{{function}.Arn}}"), |_| format!("${{{}}}", door.reference));
    let reference = format!("${{{function}}}");
    let names = [Some(reference.as_str()), door.written_name()].into_iter().flatten();
    names.fold(false, |any, name| any | name_alias(text, name, door))
}

/// Puts the alias's name behind the function's where an ARN stands before it.
fn name_alias(text: &mut String, name: &str, door: &Door) -> bool {
    let followed = unqualified(text, &format!("{BEFORE_A_NAME}{name}"), |name| format!("{name}:{}", door.alias));
    let found = followed != *text;
    *text = followed;
    found
}

/// Replaces a part of a text wherever it is a whole word without a qualifier behind it.
fn unqualified(text: &str, part: &str, replacement: impl Fn(&str) -> String) -> String {
    let mut pieces = text.split(part);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let goes_on = piece.starts_with(|sign: char| sign.is_ascii_alphanumeric() || ":-_$".contains(sign));
        whole += &if goes_on { part.to_owned() } else { replacement(part) };
        whole += piece;
    }
    whole
}

/// `Fn::Sub` with names of its own.
fn substitute_with(parts: &mut [Value], door: &Door) -> bool {
    let [Value::String(text), Value::Object(own)] = parts else { return false };
    let mut found = substitute(text, door);
    for (name, value) in own {
        if is_name(value, &door.function) {
            let place = format!("{BEFORE_A_NAME}${{{name}}}");
            if text.contains(&place) && !text.contains(&format!("{place}:")) {
                *value = qualified(door);
                found = true;
            }
        } else {
            found |= follow(value, door);
        }
    }
    found
}

/// A text of parts: the function's name is followed where an ARN stands before it.
fn join(arguments: &mut [Value], door: &Door) -> bool {
    let [separator, Value::Array(parts)] = arguments else { return false };
    let mut found = false;
    for index in 0..parts.len() {
        let is_name = is_name(&parts[index], &door.function);
        if !is_name && !names(&parts[index], &door.function) {
            found |= follow(&mut parts[index], door);
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| parts.get(before)).and_then(Value::as_str);
        let after = parts.get(index + 1).and_then(Value::as_str);
        // The parts of an ARN stand by themselves if they are joined by colons.
        let (is_in_arn, has_qualifier) = match &*separator {
            Value::String(colon) if colon == ":" => (before == Some("function"), after.is_some()),
            _ => {
                let ends = before.is_some_and(|text| text.ends_with(BEFORE_A_NAME));
                (ends, after.is_some_and(|text| text.starts_with(':')))
            }
        };
        if has_qualifier {
            continue;
        }
        if !is_name {
            parts[index] = json!({ "Ref": door.reference });
        } else if is_in_arn {
            parts[index] = qualified(door);
            found = true;
        }
    }
    found
}

/// The function's name with the alias's behind it.
fn qualified(door: &Door) -> Value {
    json!({ "Fn::Sub": format!("${{{}}}:{}", door.function, door.alias) })
}
