//! Pages of the describing operations: `limit` and `nextToken` in, `nextToken` out.

use serde_json::{Value, json};

use super::errors::invalid;
use crate::core::{Input, Page, Reply, ServiceError};

/// One page of `items` under `member`. They come with their keys, in the order of these.
pub(super) fn page(member: &str, items: &[(String, Value)], input: &Input) -> Reply {
    let page = cut(items, input, limit(input, 50))?;
    let mut reply = json!({});
    reply[member] = page.items.into_iter().cloned().collect();
    if let Some(next) = page.next {
        reply["nextToken"] = next.into();
    }
    Ok(reply)
}

/// A page of at most `size` items after the token of an input.
pub(super) fn cut<'a, T>(items: &'a [(String, T)], input: &Input, size: usize) -> Result<Page<&'a T>, ServiceError> {
    // A token is good for the request that it came from, whatever that one's own token and page size were.
    let mut asked = input.clone().into_value();
    if let Value::Object(members) = &mut asked {
        members.retain(|member, _| member != "nextToken" && member != "limit");
    }
    let keyed = items.iter().map(|(key, item)| (key.as_str(), item));
    Page::cut(keyed, input.opt_str("nextToken"), size, &asked.to_string()).map_err(|_| bad_token())
}

/// The page's size, which the model bounds.
pub(super) fn limit(input: &Input, usual: usize) -> usize {
    input.opt_i64("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usual)
}

/// A page token that this plane did not make.
pub(super) fn bad_token() -> ServiceError {
    invalid("The specified nextToken is invalid.")
}
