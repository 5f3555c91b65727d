//! Filters of `DescribeParameters` and `GetParametersByPath`.
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html>

use super::name;
use super::parameter::Parameter;
use crate::core::{Input, ServiceError};

/// The comparison of a parameter with the values of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equals,
    BeginsWith,
    Contains,
}

#[derive(Clone, Debug)]
enum Filter {
    /// One of the values fits the parameter's member.
    Member { key: String, comparison: Comparison, values: Vec<String> },
    /// The parameter lies under one of the paths.
    Path { recursive: bool, values: Vec<String> },
    /// A version has the label.
    Label(String),
}

/// The filters of one request: all of them have to fit.
#[derive(Debug)]
pub(super) struct Filters(Vec<Filter>);

/// True if a name lies under a path: right under it, or at any depth if `recursive`.
pub(super) fn under(name: &str, path: &str, recursive: bool) -> bool {
    let prefix = format!("{}/", path.trim_end_matches('/'));
    let name = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
    name.strip_prefix(&prefix).is_some_and(|rest| recursive || !rest.contains('/'))
}

impl Filters {
    /// The `ParameterFilters` of `GetParametersByPath`.
    pub(super) fn by_path(input: &Input) -> Result<Self, ServiceError> {
        Self::read(input, |key| matches!(key, "Type" | "KeyId" | "Label"), "[Type, KeyId]")
    }

    /// The `ParameterFilters` of `DescribeParameters`, or the older `Filters`.
    pub(super) fn describe(input: &Input) -> Result<Self, ServiceError> {
        let (old, new) = (input.list("Filters"), input.list("ParameterFilters"));
        if !old.is_empty() && !new.is_empty() {
            return Err(ServiceError::validation(
                "You can use either Filters or ParameterFilters in a single request.",
            ));
        }
        let known = |key: &str| {
            matches!(key, "Path" | "Name" | "Type" | "KeyId" | "Tier" | "DataType") || key.starts_with("tag:")
        };
        let mut filters = Self::read(input, known, "[Path, Name, Type, KeyId, Tier]")?;
        for filter in old {
            let filter = Input::from(filter.clone());
            let (key, values) = (filter.str("Key")?.to_owned(), filter.strings("Values"));
            let comparison = if key == "Name" { Comparison::BeginsWith } else { Comparison::Equals };
            filters.0.push(Filter::Member { key, comparison, values });
        }
        Ok(filters)
    }

    fn read(input: &Input, known: impl Fn(&str) -> bool, keys: &str) -> Result<Self, ServiceError> {
        let (mut filters, mut seen) = (Vec::new(), Vec::new());
        for filter in input.list("ParameterFilters") {
            let filter = Input::from(filter.clone());
            let key = filter.str("Key")?.to_owned();
            if !known(&key) {
                let message =
                    format!("The following filter key is not valid: {key}. Valid filter keys include: {keys}.");
                return Err(ServiceError::new("InvalidFilterKey", message));
            }
            if seen.contains(&key) {
                let message = format!(
                    "The following filter is duplicated in the request: {key}. A request can contain only one occurrence of a specific filter."
                );
                return Err(ServiceError::new("InvalidFilterKey", message));
            }
            filters.push(Filter::read(&key, &filter)?);
            seen.push(key);
        }
        Ok(Self(filters))
    }

    /// The label that is asked for.
    pub(super) fn label(&self) -> Option<&str> {
        self.0.iter().find_map(|filter| match filter {
            Filter::Label(label) => Some(label.as_str()),
            _ => None,
        })
    }

    /// True if the parameter fits all filters.
    pub(super) fn take(&self, parameter: &Parameter) -> bool {
        self.0.iter().all(|filter| filter.takes(parameter))
    }
}

impl Filter {
    fn read(key: &str, filter: &Input) -> Result<Self, ServiceError> {
        let (values, option) = (filter.strings("Values"), filter.opt_str("Option"));
        if values.is_empty() && !key.starts_with("tag:") {
            let message = format!("The following filter values are missing : null for filter key {key}.");
            return Err(ServiceError::new("InvalidFilterValue", message));
        }
        if key == "Path" {
            let recursive = match option {
                None | Some("OneLevel") => false,
                Some("Recursive") => true,
                Some(other) => return Err(bad_option(other, "[Recursive, OneLevel]")),
            };
            values.iter().try_for_each(|path| checked_path(path))?;
            return Ok(Self::Path { recursive, values });
        }
        let comparison = match option {
            None | Some("Equals") => Comparison::Equals,
            Some("BeginsWith") if key != "Label" => Comparison::BeginsWith,
            Some("Contains") if key == "Name" => Comparison::Contains,
            Some(other) => return Err(bad_option(other, "[BeginsWith, Equals]")),
        };
        if key == "Label" {
            return Ok(Self::Label(values.into_iter().next().unwrap_or_default()));
        }
        known_values(key, comparison, &values)?;
        Ok(Self::Member { key: key.to_owned(), comparison, values })
    }

    fn takes(&self, parameter: &Parameter) -> bool {
        match self {
            Self::Path { recursive, values } => values.iter().any(|path| under(&parameter.name, path, *recursive)),
            Self::Label(label) => parameter.versions().any(|version| version.labels.contains(label)),
            Self::Member { key, comparison, values } => {
                let Some(member) = member(parameter, key) else { return false };
                values.is_empty() || values.iter().any(|value| comparison.holds(key, &member, value))
            }
        }
    }
}

impl Comparison {
    fn holds(self, key: &str, member: &str, value: &str) -> bool {
        match self {
            // `/a` and `a` are one name.
            Self::Equals if key == "Name" => name::key(member) == name::key(value),
            Self::Equals => member == value,
            Self::BeginsWith => member.starts_with(value) || (key == "Name" && name::key(member).starts_with(value)),
            Self::Contains => member.contains(value),
        }
    }
}

/// The member of a parameter that a key names.
fn member(parameter: &Parameter, key: &str) -> Option<String> {
    let latest = &parameter.latest;
    match key {
        "Name" => Some(parameter.name.clone()),
        "Type" => Some(latest.kind.name().to_owned()),
        "KeyId" => latest.key_id.clone(),
        "Tier" => Some(latest.tier.name().to_owned()),
        "DataType" => Some("text".to_owned()),
        tag => {
            let key = tag.strip_prefix("tag:")?;
            let found = parameter.tags.iter().find(|tag| tag["Key"] == key)?;
            found["Value"].as_str().map(str::to_owned)
        }
    }
}

fn known_values(key: &str, comparison: Comparison, values: &[String]) -> Result<(), ServiceError> {
    let known: &[&str] = match key {
        "Tier" => &["Standard", "Advanced", "Intelligent-Tiering"],
        "Type" => &["String", "StringList", "SecureString"],
        _ => return Ok(()),
    };
    let fits = |value: &&String| {
        known
            .iter()
            .any(|k| *k == value.as_str() || (comparison == Comparison::BeginsWith && k.starts_with(value.as_str())))
    };
    match values.iter().find(|value| !fits(value)) {
        None => Ok(()),
        Some(value) => {
            let known = known.join(", ");
            let message = format!("The following filter value is not valid: {value}. Valid values include: [{known}].");
            Err(ServiceError::new("InvalidFilterValue", message))
        }
    }
}

fn checked_path(path: &str) -> Result<(), ServiceError> {
    let lower = path.to_ascii_lowercase();
    if lower.starts_with("/aws") || lower.starts_with("/ssm") {
        return Err(ServiceError::validation(
            "Filters for common parameters can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). When using global parameters, please specify within a global namespace.",
        ));
    }
    name::checked_path(path)
}

fn bad_option(option: &str, known: &str) -> ServiceError {
    let message = format!("The following filter option is not valid: {option}. Valid options include: {known}.");
    ServiceError::new("InvalidFilterOption", message)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_path_is_not_a_prefix() {
        assert!(under("/a/b", "/a", false) && under("/a/b", "/a/", false) && under("plain", "/", false));
        assert!(!under("/ab", "/a", true) && !under("/a", "/a", true) && !under("/a/b/c", "/a", false));
        assert!(under("/a/b/c", "/a", true) && under("/a/b/c", "/", true));
    }

    fn refused(operation: fn(&Input) -> Result<Filters, ServiceError>, filter: Value) -> (String, String) {
        let input = serde_json::json!({ "ParameterFilters": [filter] });
        let error = operation(&input.into()).unwrap_err();
        (error.code, error.message)
    }

    #[test]
    fn what_a_listing_has_no_filter_for_is_named() {
        let (code, message) = refused(Filters::by_path, serde_json::json!({ "Key": "Name", "Values": ["x"] }));
        assert_eq!(code, "InvalidFilterKey");
        assert_eq!(message, "The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId].");
        let (code, message) = refused(Filters::describe, serde_json::json!({ "Key": "Label", "Values": ["x"] }));
        assert_eq!(code, "InvalidFilterKey");
        assert!(message.ends_with("Valid filter keys include: [Path, Name, Type, KeyId, Tier]."));
        let option = serde_json::json!({ "Key": "Path", "Option": "Equals", "Values": ["/x"] });
        assert_eq!(refused(Filters::describe, option).0, "InvalidFilterOption");
        let value = serde_json::json!({ "Key": "Type", "Values": ["Text"] });
        assert_eq!(refused(Filters::describe, value).0, "InvalidFilterValue");
    }
}
