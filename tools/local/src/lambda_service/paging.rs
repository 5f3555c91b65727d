//! Pages of the listing operations: `Marker` and `MaxItems` in, `NextMarker` out.

use serde_json::{Value, json};

use super::errors::invalid;
use crate::core::{Input, Page, Reply};

/// A page has no more items than this, whatever was asked for.
const MOST: usize = 50;

/// One page of `items` under `member`; they come with their keys.
pub(super) fn page(member: &str, mut items: Vec<(String, Value)>, input: &Input) -> Reply {
    items.sort_by(|(one, _), (other, _)| one.cmp(other));
    let size = input.opt_i64("MaxItems").and_then(|size| usize::try_from(size).ok()).unwrap_or(MOST).min(MOST);
    let marker = input.opt_str("Marker").filter(|marker| !marker.is_empty());
    // A marker is good for the request that it came from, whatever that one's own marker and page size were.
    let mut asked = input.clone().into_value();
    if let Value::Object(members) = &mut asked {
        members.retain(|member, _| member != "Marker" && member != "MaxItems");
    }
    let keyed = items.iter().map(|(key, item)| (key.as_str(), item));
    let page = Page::cut(keyed, marker, size, &asked.to_string()).map_err(|_| invalid("Invalid Marker"))?;
    let mut reply = json!({});
    reply[member] = page.items.into_iter().cloned().collect();
    if let Some(next) = page.next {
        reply["NextMarker"] = next.into();
    }
    Ok(reply)
}
