//! Pages of the listing operations: `Marker` and `MaxItems` in, `NextMarker` out.

use serde_json::{Value, json};

use super::errors::invalid;
use crate::core::{Input, Reply};

/// One page of `items` under `member`, of at most `most` items.
pub(super) fn page(member: &str, items: Vec<Value>, input: &Input, most: usize) -> Reply {
    let from: usize = match input.opt_str("Marker") {
        None | Some("") => 0,
        Some(marker) => marker.parse().map_err(|_| invalid("Invalid Marker"))?,
    };
    let size = input.opt_i64("MaxItems").and_then(|size| usize::try_from(size).ok()).unwrap_or(most).clamp(1, most);
    let total = items.len();
    let mut reply = json!({});
    reply[member] = items.into_iter().skip(from).take(size).collect();
    if from + size < total {
        reply["NextMarker"] = (from + size).to_string().into();
    }
    Ok(reply)
}
