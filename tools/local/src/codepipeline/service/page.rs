//! The pages of CodePipeline's lists.

use serde_json::{Value, json};

use crate::core::{Input as Members, Page, Reply, ServiceError};

/// The most that a page of a list holds when nobody says.
const PAGE: usize = 100;

/// One page of a list whose items come with keys in the list's order. `scope` is what the list is of.
pub(super) fn page(input: &Members, member: &str, all: &[(String, Value)], scope: &str) -> Reply {
    let size = input.opt_i64("maxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let keyed = all.iter().map(|(key, item)| (key.as_str(), item));
    let page = Page::cut(keyed, input.opt_str("nextToken"), size, &format!("{member}:{scope}"));
    let page = page.map_err(|error| ServiceError::new("InvalidNextTokenException", error.to_string()))?;
    let mut reply = json!({ member: page.items });
    if let Some(next) = page.next {
        reply["nextToken"] = json!(next);
    }
    Ok(reply)
}

/// Gives the items of a list without keys of its own, the newest first, keys that a newer item leaves as they are: the
/// oldest is number 0, and the keys fall from page to page.
pub(super) fn newest_first(all: Vec<Value>) -> Vec<(String, Value)> {
    let oldest_first = (0..all.len() as u64).rev();
    oldest_first.map(|number| format!("{:020}", u64::MAX - number)).zip(all).collect()
}
