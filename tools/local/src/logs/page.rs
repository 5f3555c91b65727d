//! Pages of the describing operations: `limit` and `nextToken` in, `nextToken` out.

use serde_json::{Value, json};

use super::store::invalid;
use crate::core::{Input, Reply, ServiceError};

/// One page of `items` under `member`, of at most 50.
pub(super) fn page(member: &str, items: Vec<Value>, input: &Input) -> Reply {
    let (limit, skip) = (limit(input, 50)?, place(input)?);
    if skip > items.len() {
        return Err(bad_token());
    }
    let total = items.len();
    let mut reply = json!({});
    reply[member] = items.into_iter().skip(skip).take(limit).collect();
    if skip + limit < total {
        reply["nextToken"] = (skip + limit).to_string().into();
    }
    Ok(reply)
}

/// How many items came before the page that `nextToken` names.
pub(super) fn place(input: &Input) -> Result<usize, ServiceError> {
    input.opt_str("nextToken").map_or(Ok(0), |token| token.parse().map_err(|_| bad_token()))
}

/// The page's size: 1 to `most`, which is also the default.
pub(super) fn limit(input: &Input, most: i64) -> Result<usize, ServiceError> {
    let limit = input.opt_i64("limit").unwrap_or(most);
    let broken = |rule: &str, bound: i64| {
        invalid(format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value {rule} than or equal to {bound}"
        ))
    };
    match usize::try_from(limit) {
        Ok(size) if (1..=most).contains(&limit) => Ok(size),
        _ if limit > most => Err(broken("less", most)),
        _ => Err(broken("greater", 1)),
    }
}

/// A page token that this plane did not make.
pub(super) fn bad_token() -> ServiceError {
    invalid("The specified nextToken is invalid.")
}
