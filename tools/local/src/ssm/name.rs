//! Names of parameters, and what a request may name one by: a name, an ARN, either with a version or a label after it.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>

use crate::core::{PlaneIdentity, ServiceError};

/// The most levels of a hierarchy, the parameter itself included.
const LEVELS: usize = 15;
/// The longest ARN of a parameter, in characters.
const ARN_LENGTH: usize = 1011;

/// Parameter Store's one answer to every name that is spelt wrong.
const MALFORMED: &str = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";

/// The ARN of the parameter with this name.
pub(super) fn arn(identity: &PlaneIdentity, name: &str) -> String {
    format!("arn:aws:ssm:{}:{}:parameter/{}", identity.region, identity.account, name.trim_start_matches('/'))
}

/// The name that a parameter is kept under: `/a` and `a` have the same ARN and are the same parameter.
pub(super) fn key(name: &str) -> &str {
    match name.strip_prefix('/') {
        Some(rest) if !rest.contains('/') => rest,
        _ => name,
    }
}

/// Checks the name of a parameter that is to be written; spaces around it are dropped.
pub(super) fn checked(identity: &PlaneIdentity, given: &str) -> Result<String, ServiceError> {
    let name = given.trim_matches(' ');
    if name.contains('/') && !name.starts_with('/') && legal(name) {
        return Err(ServiceError::validation("Parameter name must be a fully qualified name."));
    }
    if !legal(name) || name.contains("//") || name.ends_with('/') {
        return Err(ServiceError::validation(MALFORMED));
    }
    unreserved(name)?;
    if name.matches('/').count() > LEVELS {
        // Assumed: the text. The code and the limit are those of the API reference.
        let message = format!("The hierarchy of the parameter name has more than {LEVELS} levels: {name}");
        return Err(ServiceError::new("HierarchyLevelLimitExceededException", message));
    }
    if arn(identity, name).len() > ARN_LENGTH {
        // Assumed: the text. That the ARN counts is documented with `PutParameter`'s `Name`.
        return Err(ServiceError::validation(format!(
            "Parameter name: the name and the ARN before it can't be longer than {ARN_LENGTH} characters."
        )));
    }
    Ok(name.to_owned())
}

fn unreserved(name: &str) -> Result<(), ServiceError> {
    let lower = name.to_ascii_lowercase();
    let bare = lower.trim_start_matches('/');
    if !bare.starts_with("aws") && !bare.starts_with("ssm") {
        return Ok(());
    }
    let is_path = name.matches('/').count() > 1;
    if is_path && bare.starts_with("aws") {
        let message = format!("No access to reserved parameter name: {name}.");
        return Err(ServiceError::new("AccessDeniedException", message));
    }
    let short = "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).";
    Err(ServiceError::validation(if is_path { MALFORMED } else { short }))
}

fn legal(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/".contains(c))
}

/// Checks a path that parameters are listed under.
pub(super) fn checked_path(path: &str) -> Result<(), ServiceError> {
    if !path.starts_with('/') || !legal(path) || path.contains("//") {
        return Err(ServiceError::validation(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It can't be prefixed with \\\"aws\\\" or \\\"ssm\\\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.",
        ));
    }
    served(path)
}

/// AWS's own parameters (AMIs, regions, references to secrets) are not on the plane.
fn served(name: &str) -> Result<(), ServiceError> {
    match name.starts_with("/aws/") {
        true => Err(ServiceError::not_implemented("ssm", &format!("GetParameter of AWS's own parameter {name}"))),
        false => Ok(()),
    }
}

/// The version of a parameter that a request means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selector {
    Latest,
    Version(u64),
    Label(String),
}

impl Selector {
    /// The `Selector` member of an answer.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Latest => None,
            Self::Version(number) => Some(format!(":{number}")),
            Self::Label(label) => Some(format!(":{label}")),
        }
    }
}

/// The parameter and the version that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// The name without a selector.
    pub(super) name: String,
    pub(super) selector: Selector,
}

impl Reference {
    /// Reads a name or an ARN with or without `:version` or `:label`.
    pub(super) fn read(identity: &PlaneIdentity, asked: &str) -> Result<Self, ServiceError> {
        let asked = asked.trim_matches(' ');
        let text = if asked.starts_with("arn:") {
            let own = format!("arn:aws:ssm:{}:{}:parameter", identity.region, identity.account);
            asked.strip_prefix(own.as_str()).ok_or_else(|| not_found(asked))?
        } else {
            asked
        };
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let selector = match (parts.next(), parts.next()) {
            (_, Some(_)) => return Err(not_found(asked)),
            (None, _) => Selector::Latest,
            (Some(text), None) => text.parse().map_or_else(|_| Selector::Label(text.to_owned()), Selector::Version),
        };
        if !legal(name) {
            return Err(ServiceError::validation(MALFORMED));
        }
        served(name)?;
        Ok(Self { name: name.to_owned(), selector })
    }

    /// That the parameter is there, but not this version of it.
    pub(super) fn no_version(&self) -> ServiceError {
        let Self { name, selector } = self;
        let message = match selector {
            // Assumed: the text for a label, after the one for a version.
            Selector::Label(label) => {
                format!("Systems Manager could not find label {label} of {name}. Verify the label and try again.")
            }
            Selector::Version(number) => {
                format!("Systems Manager could not find version {number} of {name}. Verify the version and try again.")
            }
            Selector::Latest => format!("Systems Manager could not find a version of {name}."),
        };
        ServiceError::new("ParameterVersionNotFound", message)
    }
}

/// That there is no such parameter.
pub(super) fn not_found(name: &str) -> ServiceError {
    ServiceError::new("ParameterNotFound", format!("Parameter {name} not found."))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("plain"; "a name")]
    #[test_case("/a"; "at the root")]
    #[test_case("/Dev/DB.Server/my-SQL_1"; "every letter")]
    #[test_case("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/name"; "fifteen levels")]
    #[test_case("  spaces-around "; "spaces around")]
    fn good_names(name: &str) {
        assert_eq!(checked(&PlaneIdentity::default(), name).unwrap(), name.trim());
    }

    #[test_case("app/x", "ValidationException", "Parameter name must be a fully qualified name."; "no leading slash")]
    #[test_case("/a b", "ValidationException", MALFORMED; "a space")]
    #[test_case("/a//b", "ValidationException", MALFORMED; "an empty level")]
    #[test_case("/a/", "ValidationException", MALFORMED; "a slash at the end")]
    #[test_case("/SSM/path/x", "ValidationException", MALFORMED; "a path under ssm")]
    #[test_case("AWSthing", "ValidationException", "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive)."; "a name under aws")]
    #[test_case("/aws/x", "AccessDeniedException", "No access to reserved parameter name: /aws/x."; "a path under aws")]
    #[test_case("arn:aws:ssm:us-east-1:000000000000:parameter/x", "ValidationException", MALFORMED; "an ARN")]
    fn bad_names(name: &str, code: &str, message: &str) {
        let error = checked(&PlaneIdentity::default(), name).unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), (code, message));
    }

    #[test]
    fn a_hierarchy_has_fifteen_levels_and_an_arn_1011_characters() {
        let identity = PlaneIdentity::default();
        let deep = format!("{}/name", "/l".repeat(15));
        assert_eq!(checked(&identity, &deep).unwrap_err().code, "HierarchyLevelLimitExceededException");
        // `arn:aws:ssm:us-east-1:000000000000:parameter/` has 45 characters.
        assert!(checked(&identity, &"n".repeat(1011 - 45)).is_ok());
        assert_eq!(checked(&identity, &"n".repeat(1011 - 44)).unwrap_err().code, "ValidationException");
    }

    #[test_case("/a/b", "/a/b", Selector::Latest; "a name")]
    #[test_case("/a/b:3", "/a/b", Selector::Version(3); "a version")]
    #[test_case("a:prod", "a", Selector::Label("prod".into()); "a label")]
    #[test_case("arn:aws:ssm:us-east-1:000000000000:parameter/a/b:3", "/a/b", Selector::Version(3); "an ARN")]
    fn references(asked: &str, name: &str, selector: Selector) {
        let expected = Reference { name: name.to_owned(), selector };
        assert_eq!(Reference::read(&PlaneIdentity::default(), asked).unwrap(), expected);
    }

    #[test_case("test:2:3", "ParameterNotFound"; "two selectors")]
    #[test_case("arn:aws:ssm:us-east-1:111111111111:parameter/x", "ParameterNotFound"; "of another account")]
    #[test_case("{x}", "ValidationException"; "letters that no name has")]
    #[test_case("/aws/service/global-infrastructure/regions", "NotImplemented"; "of AWS")]
    fn bad_references(asked: &str, code: &str) {
        assert_eq!(Reference::read(&PlaneIdentity::default(), asked).unwrap_err().code, code);
    }
}
