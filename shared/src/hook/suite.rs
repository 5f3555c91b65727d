//! The check suite of one function: what an application says its answers must be.
//!
//! It is parsed strictly. A member that is not known is refused, because a misspelt `expect` would silently expect nothing.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

use super::public_check::PublicCheck;
use super::sequence;

/// `{"checks": [...], "public": [...]}`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// For the target version, before any user reaches it.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// For the public URL, after all users reach it.
    #[serde(default)]
    pub public: Vec<PublicCheck>,
}

/// One invocation of the target version.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Unique among the checks.
    pub name: String,
    /// Any Lambda event. `${name}` in a text is what an earlier check captured under that name.
    pub event: Value,
    /// A subset of the answer, with captured values as in the event.
    pub expect: Value,
    /// Values of the answer for later checks: JSON pointers (RFC 6901) by name. A body that is a text is read as JSON on the way.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
    /// True if it is run even if the check that captured what it uses did not pass, or time is running out: it cleans up.
    #[serde(default)]
    pub always: bool,
}

/// A suite that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// Not JSON, or not of the suite's form.
    #[error("the suite is not of the expected form")]
    Form(#[source] serde_json::Error),
    /// A check without a name.
    #[error("check {position} of the suite has no name")]
    Nameless {
        /// From 1, within its list.
        position: usize,
    },
    /// Two checks of one list have the same name.
    #[error("two checks of the suite are called {name:?}")]
    Twice {
        /// The name that both have.
        name: String,
    },
    /// A check uses what no check before it captures.
    #[error("check {check:?} uses ${{{name}}}, which no check before it captures")]
    NotCaptured {
        /// The check that uses the value.
        check: String,
        /// The name of the value.
        name: String,
    },
    /// Two checks capture under the same name.
    #[error("two checks of the suite capture {name:?}")]
    CapturedTwice {
        /// The name of the value.
        name: String,
    },
    /// A capture that is no name, or no place in an answer.
    #[error("what check {check:?} captures as {name:?} is not a name of letters and digits with a JSON pointer")]
    Capture {
        /// The check that captures.
        check: String,
        /// The name that it gives to the value.
        name: String,
    },
    /// A text with a `${` that is no placeholder.
    #[error("a text of check {check:?} holds a ${{ without a name and a }}; $${{ stands for the signs themselves")]
    Placeholder {
        /// The check that holds the text.
        check: String,
    },
    /// The path of a public check is not absolute.
    #[error("the path of check {name:?} does not begin with a slash")]
    Path {
        /// The check's name in the suite.
        name: String,
    },
}

impl Suite {
    /// Parses and validates.
    ///
    /// # Errors
    /// The first thing that is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, SuiteError> {
        // By way of a map, because serde also takes a list for a struct.
        let members: serde_json::Map<String, Value> = serde_json::from_str(text).map_err(SuiteError::Form)?;
        let suite = Self::deserialize(Value::Object(members)).map_err(SuiteError::Form)?;
        unique(suite.checks.iter().map(|check| check.name.as_str()))?;
        unique(suite.public.iter().map(|check| check.name.as_str()))?;
        sequence::validate(&suite.checks)?;
        match suite.public.iter().find(|check| !check.path.starts_with('/')) {
            Some(check) => Err(SuiteError::Path { name: check.name.clone() }),
            None => Ok(suite),
        }
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), SuiteError> {
    let mut seen = HashSet::new();
    for (index, name) in names.enumerate() {
        if name.trim().is_empty() {
            return Err(SuiteError::Nameless { position: index + 1 });
        }
        if !seen.insert(name) {
            return Err(SuiteError::Twice { name: name.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test]
    fn reads_the_documented_form() {
        let suite = Suite::parse(
            r#"{"checks":[{"name":"health answers ok","event":{"rawPath":"/health"},"expect":{"statusCode":200,"body":{"status":"ok"}}}],
                "public":[{"name":"health","method":"GET","path":"/health","expect":{"status":200,"body":{"status":"ok"}}}]}"#,
        )
        .unwrap();
        assert_eq!(suite.checks[0].expect["body"]["status"], "ok");
        assert_eq!(suite.public[0].expect.to_value(200), json!({"status": 200, "body": {"status": "ok"}}));
    }

    #[test]
    fn reads_a_sequence() {
        let suite = Suite::parse(
            r#"{"checks":[{"name":"create","event":{},"expect":{},"capture":{"id":"/body/id"}},
                {"name":"read","event":{"rawPath":"/contacts/${id}"},"expect":{}},
                {"name":"delete","event":{"rawPath":"/contacts/${id}"},"expect":{},"always":true}]}"#,
        )
        .unwrap();
        assert_eq!(suite.checks[0].capture["id"], "/body/id");
        assert_eq!(suite.checks.iter().map(|check| check.always).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn says_what_is_wrong_with_a_sequence() {
        let refusal = |first: &str, second: &str| {
            let rest = r#""event":{},"expect":{}"#;
            let text = format!(r#"{{"checks":[{{"name":"a",{first}{rest}}},{{"name":"b",{second}"expect":{{}}}}]}}"#);
            Suite::parse(&text).unwrap_err().to_string()
        };
        let uses = r#""event":{"x":"${id}"},"#;
        assert_eq!(refusal("", uses), r#"check "b" uses ${id}, which no check before it captures"#);
        let captures = r#""capture":{"id":"/x"},"#;
        let again = r#""event":{},"capture":{"id":"/y"},"#;
        assert_eq!(refusal(captures, again), r#"two checks of the suite capture "id""#);
        let nowhere = r#"what check "a" captures as "id" is not a name of letters and digits with a JSON pointer"#;
        assert_eq!(refusal(r#""capture":{"id":"x"},"#, uses), nowhere);
        let broken = r#"a text of check "b" holds a ${ without a name and a }; $${ stands for the signs themselves"#;
        assert_eq!(refusal(captures, r#""event":{"x":"${id"},"#), broken);
    }

    #[test_case("" ; "nothing")]
    #[test_case("[]"; "not an object")]
    #[test_case(r#"{"check":[]}"#; "an unknown member")]
    #[test_case(r#"{"checks":[{"name":"a","event":{}}]}"#; "no expectation")]
    #[test_case(r#"{"checks":[{"name":"a","event":{},"expects":{},"expect":{}}]}"#; "a misspelt member")]
    #[test_case(r#"{"checks":[{"name":" ","event":{},"expect":{}}]}"#; "a nameless check")]
    #[test_case(r#"{"checks":[{"name":"a","event":{},"expect":{}},{"name":"a","event":{},"expect":{}}]}"#; "a name twice")]
    #[test_case(r#"{"public":[{"name":"a","path":"health","expect":{"status":200}}]}"#; "a relative path")]
    #[test_case(r#"{"public":[{"name":"a","path":"/","method":"TRACE","expect":{"status":200}}]}"#; "an unknown method")]
    #[test_case(r#"{"public":[{"name":"a","path":"/","expect":{}}]}"#; "no status expected")]
    #[test_case(r#"{"public":[{"name":"a","path":"/","expect":{"status":[]}}]}"#; "none of no statuses")]
    #[test_case(r#"{"public":[{"name":"a","path":"/","expect":{"status":"200"}}]}"#; "a status that is no number")]
    #[test_case(r#"{"checks":[{"name":"a","event":{"x":"${a}"},"expect":{},"capture":{"a":"/b"}}]}"#; "its own capture used")]
    fn refuses(text: &str) {
        assert!(Suite::parse(text).is_err());
    }
}
