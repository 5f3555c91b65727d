//! Filters by which tags instances are found.

use serde_json::Value;

use crate::core::{Input, ServiceError};

/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>
const MOST_TAG_GROUPS: usize = 3;

/// Checks the tag filters of a group: one way of writing them in a call, at most three groups, and what their types need.
///
/// # Errors
/// Returns the API's error for each.
pub(super) fn check(input: &Input) -> Result<(), ServiceError> {
    let kinds = [
        ("ec2TagFilters", "ec2TagSet", "ec2TagSetList", "InvalidEC2TagCombinationException", "InvalidEC2TagException"),
        (
            "onPremisesInstanceTagFilters",
            "onPremisesTagSet",
            "onPremisesTagSetList",
            "InvalidOnPremisesTagCombinationException",
            "InvalidTagException",
        ),
    ];
    for (filters, set, list, combination, invalid) in kinds {
        let groups = input.object(set);
        let (filters_given, groups_given) = (input.list(filters), groups.list(list));
        if !filters_given.is_empty() && !groups_given.is_empty() {
            let message = format!(
                "A call was submitted that specified both {filters} and {set}, but only one of these data types can be used \
                 in a single call."
            );
            return Err(ServiceError::new(combination, message));
        }
        if groups_given.len() > MOST_TAG_GROUPS {
            let message = format!("The number of tag groups included in the tag set list exceeded {MOST_TAG_GROUPS}.");
            return Err(ServiceError::new("TagSetListLimitExceededException", message));
        }
        let all = filters_given.iter().chain(groups_given.iter().filter_map(Value::as_array).flatten());
        if all.into_iter().any(|filter| !is_filter(filter)) {
            return Err(ServiceError::new(invalid, "The tag was specified in an invalid format."));
        }
    }
    Ok(())
}

/// True if a tag filter has what its type needs: a key, a value, or both.
pub(super) fn is_filter(filter: &Value) -> bool {
    let has = |member: &str| filter[member].as_str().is_some_and(|text| !text.is_empty());
    match filter["Type"].as_str() {
        Some("KEY_ONLY") => has("Key"),
        Some("VALUE_ONLY") => has("Value"),
        Some("KEY_AND_VALUE") => has("Key") && has("Value"),
        _ => false,
    }
}
