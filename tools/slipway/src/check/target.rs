//! The function that stands for one of the manifest's in a dry run.

use std::str::FromStr;

use slipway_shared::identity::{FunctionName, FunctionVersion};

/// A function as it is invoked: its name or ARN, and the version or alias of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name or the ARN, without the qualifier.
    pub function: String,
    /// The name alone.
    pub name: FunctionName,
    /// The version or the alias; none for `$LATEST`.
    pub qualifier: Option<String>,
}

impl Target {
    /// The published version, if one is named: it has a log of its own.
    pub fn version(&self) -> Option<FunctionVersion> {
        self.qualifier.as_ref()?.parse().ok()
    }
}

impl FromStr for Target {
    type Err = String;

    /// From `name`, `name:qualifier`, or `arn:aws:lambda:region:account:function:name` with or without `:qualifier`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let place = match parts.as_slice() {
            ["arn", _, "lambda", _, _, "function", _, ..] => 6,
            _ => 0,
        };
        let name = parts.get(place).copied().unwrap_or_default();
        let qualifier = match parts.get(place + 1..).unwrap_or_default() {
            [] => None,
            [qualifier] if is_qualifier(qualifier) => Some((*qualifier).to_owned()),
            _ => return Err(format!("{text:?} is neither a function's name nor its ARN, with or without :QUALIFIER")),
        };
        let name = name.parse().map_err(|error| format!("{name:?} is {error}"))?;
        Ok(Self { function: parts[..=place].join(":"), name, qualifier })
    }
}

fn is_qualifier(text: &str) -> bool {
    let is_name = |text: &str| text.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '-' | '_'));
    text == "$LATEST" || (!text.is_empty() && text.len() <= 128 && is_name(text))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:shop-orders";

    fn read(text: &str) -> (String, String, Option<String>) {
        let Target { function, name, qualifier } = text.parse().unwrap();
        (function, name.to_string(), qualifier)
    }

    #[test]
    fn a_function_is_named_or_addressed_with_or_without_a_qualifier() {
        let of = |function: &str, qualifier: Option<&str>| {
            (function.to_owned(), "shop-orders".to_owned(), qualifier.map(str::to_owned))
        };
        assert_eq!(read("shop-orders"), of("shop-orders", None));
        assert_eq!(read("shop-orders:7"), of("shop-orders", Some("7")));
        assert_eq!(read("shop-orders:$LATEST"), of("shop-orders", Some("$LATEST")));
        assert_eq!(read(ARN), of(ARN, None));
        let version = |text: &str| text.parse::<Target>().unwrap().version().map(|version| version.to_string());
        assert_eq!((version("shop-orders:7").as_deref(), version("shop-orders:live")), (Some("7"), None));
        assert_eq!(read(&format!("{ARN}:live")), of(ARN, Some("live")));
    }

    #[test_case(""; "nothing")]
    #[test_case("shop orders"; "a space")]
    #[test_case("shop-orders:"; "an empty qualifier")]
    #[test_case("shop-orders:a:b"; "too many parts")]
    #[test_case("arn:aws:sns:eu-west-1:111122223333:topic"; "another service's")]
    #[test_case("arn:aws:lambda:eu-west-1:111122223333:function:shop-orders:live:x"; "an address and more")]
    fn anything_else_is_none(text: &str) {
        assert!(text.parse::<Target>().is_err());
    }
}
