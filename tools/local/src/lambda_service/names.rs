//! The name of a function: by name, partial ARN or ARN, each with or without a qualifier.

use super::errors::{constraint, invalid, not_found};
use crate::core::{Input, PlaneIdentity, ServiceError};

/// The qualifier of the unpublished version.
pub(super) const LATEST: &str = "$LATEST";

/// A function and, where it was named, a version number, alias or `$LATEST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FunctionRef {
    pub(super) name: String,
    pub(super) qualifier: Option<String>,
}

impl FunctionRef {
    /// Reads the `FunctionName` and `Qualifier` of an input.
    pub(super) fn of(input: &Input, identity: &PlaneIdentity) -> Result<Self, ServiceError> {
        let text = input.opt_str("FunctionName").unwrap_or_default();
        Self::parse(text, input.opt_str("Qualifier"), identity)
    }

    /// Reads a name. A qualifier in it and `qualifier` must agree.
    pub(super) fn parse(text: &str, qualifier: Option<&str>, identity: &PlaneIdentity) -> Result<Self, ServiceError> {
        let parts: Vec<&str> = text.split(':').collect();
        let (owner, rest) = match parts.as_slice() {
            ["arn", _, "lambda", region, account, "function", rest @ ..] => (Some((*region, *account)), rest),
            [account, "function", rest @ ..] => (Some((identity.region.as_str(), *account)), rest),
            ["function", rest @ ..] if !rest.is_empty() => (None, rest),
            rest => (None, rest),
        };
        match owner {
            Some((region, _)) if region != identity.region => {
                return Err(not_found(format!(
                    "Functions from '{region}' are not reachable in this region ('{}')",
                    identity.region
                )));
            }
            // Functions of other accounts are there for nobody who has no policy of theirs.
            Some((_, account)) if account != identity.account => {
                let denied = format!("the function {text} is of another account, whose policies do not let you in");
                return Err(ServiceError::new("AccessDeniedException", denied).with_status(403));
            }
            _ => {}
        }
        let (name, named) = match rest {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            _ => return Err(bad_name(text)),
        };
        if name.is_empty() || name.len() > 140 || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            return Err(bad_name(text));
        }
        let given = qualifier.filter(|qualifier| !qualifier.is_empty());
        if let (Some(named), Some(given)) = (named, given)
            && named != given
        {
            return Err(invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        Ok(Self { name: name.to_owned(), qualifier: named.or(given).map(str::to_owned) })
    }
}

/// The name of a function that does not exist yet.
///
/// # Errors
/// `InvalidParameterValueException`, with the words of a constraint, for a name that is too long.
pub(super) fn check_new_name(name: &str) -> Result<(), ServiceError> {
    if name.len() <= 64 {
        return Ok(());
    }
    let refused = constraint(name, "functionName", "Member must have length less than or equal to 64");
    Err(invalid(refused.message))
}

fn bad_name(text: &str) -> ServiceError {
    constraint(
        text,
        "functionName",
        r"Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?",
    )
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("fn", None, "fn", None; "name")]
    #[test_case("fn:live", None, "fn", Some("live"); "name with qualifier")]
    #[test_case("fn", Some("3"), "fn", Some("3"); "qualifier beside")]
    #[test_case("000000000000:function:fn:2", None, "fn", Some("2"); "partial arn")]
    #[test_case("function:fn", None, "fn", None; "shortest partial arn")]
    #[test_case("arn:aws:lambda:us-east-1:000000000000:function:fn", None, "fn", None; "arn")]
    #[test_case("arn:aws:lambda:us-east-1:000000000000:function:fn:$LATEST", Some("$LATEST"), "fn", Some("$LATEST"); "qualified arn")]
    fn reads(text: &str, beside: Option<&str>, name: &str, qualifier: Option<&str>) {
        let read = FunctionRef::parse(text, beside, &PlaneIdentity::default()).unwrap();
        assert_eq!((read.name.as_str(), read.qualifier.as_deref()), (name, qualifier));
    }

    #[test_case("fn:live", Some("other"), "InvalidParameterValueException"; "two qualifiers")]
    #[test_case("f n", None, "ValidationException"; "space")]
    #[test_case("", None, "ValidationException"; "empty")]
    #[test_case("../up", None, "ValidationException"; "path")]
    #[test_case("arn:aws:lambda:eu-west-1:000000000000:function:fn", None, "ResourceNotFoundException"; "other region")]
    fn refuses(text: &str, beside: Option<&str>, code: &str) {
        assert_eq!(FunctionRef::parse(text, beside, &PlaneIdentity::default()).unwrap_err().code, code);
    }
}
