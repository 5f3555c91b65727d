//! Pages of a list: `MaxResults` and `NextToken`, both of them texts.

use serde_json::{Value, json};

use super::errors::bad_request;
use crate::core::{Page, Reply, Request};

/// Assumed: the largest page.
const LARGEST: usize = 500;

/// One page of the items, which come with their keys in the keys' order.
pub(super) fn page<'k>(request: &Request, items: impl IntoIterator<Item = (&'k str, Value)>) -> Reply {
    let input = &request.input;
    let size = match input.opt_str("MaxResults") {
        None => LARGEST,
        Some(text) => {
            text.parse().ok().filter(|size| *size > 0).ok_or_else(|| bad_request("Invalid maxResults specified"))?
        }
    };
    let scope = format!("{} {}", request.operation, input.opt_str("ApiId").unwrap_or_default());
    let page = Page::cut(items, input.opt_str("NextToken"), size.min(LARGEST), &scope);
    let page = page.map_err(|_| bad_request("Invalid nextToken specified"))?;
    Ok(json!({ "Items": page.items, "NextToken": page.next }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Caller;

    fn asked(input: Value) -> Reply {
        let items = [("a", json!(1)), ("b", json!(2)), ("c", json!(3))];
        page(&Request::from_wire("GetApis", input, Caller::root()), items)
    }

    #[test]
    fn pages_follow_one_another_to_the_end() {
        let first = asked(json!({ "MaxResults": "2" })).unwrap();
        let second = asked(json!({ "MaxResults": "2", "NextToken": first["NextToken"] })).unwrap();
        assert_eq!((&first["Items"], &second["Items"]), (&json!([1, 2]), &json!([3])));
        assert!(second["NextToken"].is_null());
        assert_eq!(asked(json!({})).unwrap()["Items"], json!([1, 2, 3]));
    }

    #[test]
    fn a_size_that_is_none_and_a_strangers_token_are_refused() {
        for input in [json!({ "MaxResults": "0" }), json!({ "MaxResults": "x" }), json!({ "NextToken": "x" })] {
            assert_eq!(asked(input).unwrap_err().code, "BadRequestException");
        }
    }
}
