//! The rules for the names of trails.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html>

use crate::core::{Arn, ServiceError};

/// The lengths of a name.
const SHORTEST: usize = 3;
const LONGEST: usize = 128;

/// The name in an ARN, or the name itself.
pub(super) fn named(asked: &str) -> Result<String, ServiceError> {
    match Arn::parse(asked) {
        Some(arn) => Ok(arn.of_kind("trail").unwrap_or_default().to_owned()),
        None => checked(asked),
    }
}

/// A trail's name, by the rules of `CreateTrail`.
pub(super) fn checked(name: &str) -> Result<String, ServiceError> {
    match fault(name) {
        Some(text) => Err(ServiceError::new("InvalidTrailNameException", text)),
        None => Ok(name.to_owned()),
    }
}

fn fault(name: &str) -> Option<String> {
    let length = name.chars().count();
    let specified = format!("Specified name length: {length} characters.");
    if length < SHORTEST {
        return Some(format!("Trail name too short. Minimum allowed length: {SHORTEST} characters. {specified}"));
    }
    if length > LONGEST {
        return Some(format!("Trail name too long. Maximum allowed length: {LONGEST} characters. {specified}"));
    }
    let edge = |letter: char| letter.is_ascii_alphanumeric();
    let plain = |letter: char| edge(letter) || "._-".contains(letter);
    let doubled = name.as_bytes().windows(2).any(|pair| pair.iter().all(|byte| b"._-".contains(byte)));
    let text = if !name.starts_with(edge) {
        "Trail name must starts with a letter or number."
    } else if !name.ends_with(edge) {
        "Trail name must ends with a letter or number."
    } else if !name.chars().all(plain) {
        "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_)."
    } else if doubled {
        // Assumed: the text.
        "Trail name cannot have adjacent periods, underscores or hyphens."
    } else {
        return None;
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("a", "Trail name too short. Minimum allowed length: 3 characters. Specified name length: 1 characters."; "one letter")]
    #[test_case(&"a".repeat(129), "Trail name too long. Maximum allowed length: 128 characters. Specified name length: 129 characters."; "too many")]
    #[test_case("trail!", "Trail name must ends with a letter or number."; "another end")]
    #[test_case("-trail", "Trail name must starts with a letter or number."; "another start")]
    #[test_case("my#trail", "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_)."; "another letter")]
    fn a_wrong_name_is_refused_in_awss_words(name: &str, text: &str) {
        let error = checked(name).unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("InvalidTrailNameException", text));
    }
}
