//! Ids of CodeDeploy and Lambda.

use std::fmt;

use super::name::{checked_text, shown};

checked_text! {
    /// A deployment, `d-` and capital letters and digits, e.g. `d-BHXOYL6SK`.
    DeploymentId,
    "a deployment id (d- and letters and digits)",
    |text| {
        text.len() <= 64
            && text.strip_prefix("d-").is_some_and(|rest| {
                !rest.is_empty() && rest.chars().all(|each| each.is_ascii_alphanumeric())
            })
    }
}
shown!(DeploymentId);

checked_text! {
    /// The token with which a hook answers CodeDeploy. Opaque, and enough to decide a deployment: never shown.
    HookExecutionId,
    "a hook execution id (a text without spaces)",
    |text| !text.is_empty() && text.len() <= 4096 && !text.chars().any(|each| each.is_whitespace() || each.is_control())
}

impl fmt::Debug for HookExecutionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HookExecutionId(…)")
    }
}

checked_text! {
    /// A function's name, without account, region or qualifier.
    FunctionName,
    "a function name (1 to 64 letters, digits, hyphens and underscores)",
    |text| {
        !text.is_empty()
            && text.len() <= 64
            && text.chars().all(|each| each.is_ascii_alphanumeric() || each == '-' || each == '_')
    }
}
shown!(FunctionName);

checked_text! {
    /// A published version: a positive integer. Never `$LATEST`, which could change under a check.
    FunctionVersion,
    "a published version (a positive integer)",
    |text| text.len() <= 18 && !text.starts_with('0') && !text.is_empty() && text.chars().all(|each| each.is_ascii_digit())
}
shown!(FunctionVersion);

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("d-BHXOYL6SK" => true; "documented form")]
    #[test_case("d-" => false; "nothing after the prefix")]
    #[test_case("" => false; "empty")]
    #[test_case("d-ABC/../x" => false; "a path")]
    fn deployment_ids(text: &str) -> bool {
        text.parse::<DeploymentId>().is_ok()
    }

    #[test_case("1" => true; "first")]
    #[test_case("$LATEST" => false; "latest moves")]
    #[test_case("0" => false; "zero")]
    #[test_case("" => false; "empty")]
    fn function_versions(text: &str) -> bool {
        text.parse::<FunctionVersion>().is_ok()
    }

    #[test]
    fn a_hook_execution_id_is_never_shown() {
        let id: HookExecutionId = "eyJlbmNyeXB0ZWREYXRhIjoi".parse().unwrap();
        assert_eq!(format!("{id:?}"), "HookExecutionId(…)");
    }
}
