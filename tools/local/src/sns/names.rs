//! ARNs as requests give them, maps of texts, and pages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::invalid;
use crate::core::{Input, Page, Reply, ServiceError};

/// The number of items of a page of a listing.
const PAGE: usize = 100;

/// An ARN that a request gives in `member`: SNS counts its elements and no more.
pub(super) fn arn<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    let arn = input.opt_str(member).unwrap_or_default();
    let elements = arn.split(':').count();
    if elements < 6 {
        return Err(invalid(format!("{member} Reason: An ARN must have at least 6 elements, not {elements}")));
    }
    Ok(arn)
}

/// A map of texts.
pub(super) fn texts(input: &Input, member: &str) -> BTreeMap<String, String> {
    let map = input.get(member).and_then(Value::as_object).into_iter().flatten();
    map.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// A page of what was found, in the order of keys.
pub(super) fn page(found: &[(String, Value)], input: &Input, member: &str, scope: &str) -> Reply {
    let token = input.opt_str("NextToken").filter(|token| !token.is_empty());
    let all = found.iter().map(|(key, value)| (key.as_str(), value.clone()));
    let page = Page::cut(all, token, PAGE, scope).map_err(|_| invalid("NextToken"))?;
    Ok(json!({ member: page.items, "NextToken": page.next }))
}
