//! IAM's pages: `Marker` and `MaxItems` in, `IsTruncated` and `Marker` out.

use serde_json::{Map, Value};

use super::errors::validation;
use crate::core::{Page, Reply, Request};

/// The number of items of a page unless the request says otherwise.
const USUAL: usize = 100;

/// A page of a list as IAM answers it, under the member's name. The list is in the order of its keys.
pub(super) fn listing(request: &Request, member: &str, all: Vec<(String, Value)>) -> Reply {
    let mut answer = Map::new();
    listing_with(request, all, |items| {
        answer.insert(member.to_owned(), Value::Array(items));
        std::mem::take(&mut answer)
    })
}

/// A page of which `sorted` makes the answer's members.
pub(super) fn listing_with(
    request: &Request,
    all: Vec<(String, Value)>,
    sorted: impl FnOnce(Vec<Value>) -> Map<String, Value>,
) -> Reply {
    let size = request.input.opt_i64("MaxItems").and_then(|most| usize::try_from(most).ok()).unwrap_or(USUAL);
    let items = all.iter().map(|(key, item)| (key.as_str(), item.clone()));
    let page = Page::cut(items, request.input.opt_str("Marker"), size, &scope(request))
        .map_err(|_| validation("Invalid Marker."))?;
    let mut answer = sorted(page.items);
    answer.insert("IsTruncated".to_owned(), Value::Bool(page.next.is_some()));
    if let Some(marker) = page.next {
        answer.insert("Marker".to_owned(), Value::String(marker));
    }
    Ok(Value::Object(answer))
}

/// The request without its page: a marker is good for it alone.
fn scope(request: &Request) -> String {
    let mut input = match request.input.clone().into_value() {
        Value::Object(input) => input,
        _ => Map::new(),
    };
    input.shift_remove("Marker");
    input.shift_remove("MaxItems");
    // Markers have at most 320 characters.
    let digest = fingerprint(&Value::Object(input).to_string());
    format!("{}:{digest:x}", request.operation)
}

/// FNV-1a: short, and the same on every run.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
