//! Pages of CloudFormation's lists, none of which lets the caller choose a size.

use serde_json::{Value, json};

use crate::cloudformation::errors::validation;
use crate::core::{Input, Page, Reply};

/// The number of items on a page. Assumed for the lists of which CloudFormation's documentation does not say it.
const SIZE: usize = 100;

/// The answer with one page of `items`, each with the key that the list is in the order of.
pub(super) fn answer<K: AsRef<str>>(input: &Input, member: &str, scope: &str, items: Vec<(K, Value)>) -> Reply {
    let keyed = items.iter().map(|(key, item)| (key.as_ref(), item.clone()));
    let page = Page::cut(keyed, input.opt_str("NextToken"), SIZE, scope)
        .map_err(|_| validation("The specified NextToken is not valid."))?;
    let mut answer = json!({ member: page.items });
    if let Some(next) = page.next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

/// Items without keys of their own, keyed by their places. A list that begins with what is newest is counted from its
/// end, so that what is added meanwhile moves nothing.
pub(super) fn placed(items: Vec<Value>, newest_first: bool) -> Vec<(String, Value)> {
    let count = items.len();
    let place = |index: usize| if newest_first { usize::MAX - (count - index) } else { index };
    items.into_iter().enumerate().map(|(index, item)| (format!("{:020}", place(index)), item)).collect()
}
