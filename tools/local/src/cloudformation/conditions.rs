//! `Conditions`, evaluated.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::intrinsics::{Fault, Fixed, NoResources, Scope, resolve_or_null};
use super::template::scalar_text;

/// A function that only some conditions have: the truth, or none where it is no function of theirs.
pub type Extra<'a> = &'a dyn Fn(&str, &Value) -> Option<Result<bool, Fault>>;

/// The truth of one condition that stands by itself, with further functions.
///
/// # Errors
/// As [`evaluate`].
pub fn truth(condition: &Value, fixed: &Fixed, extra: Extra<'_>) -> Result<bool, Fault> {
    let conditions = IndexMap::new();
    Evaluation { conditions: &conditions, fixed, known: BTreeMap::new(), asked: Vec::new(), extra }.truth(condition)
}

/// The truth of every condition. `fixed` has everything but the conditions themselves.
///
/// # Errors
/// For a condition that refers to what does not exist, or to itself.
pub fn evaluate(conditions: &IndexMap<String, Value>, fixed: &Fixed) -> Result<BTreeMap<String, bool>, Fault> {
    let mut evaluation =
        Evaluation { conditions, fixed, known: BTreeMap::new(), asked: Vec::new(), extra: &|_, _| None };
    for name in conditions.keys() {
        evaluation.named(name)?;
    }
    Ok(evaluation.known)
}

struct Evaluation<'a> {
    conditions: &'a IndexMap<String, Value>,
    fixed: &'a Fixed,
    known: BTreeMap<String, bool>,
    asked: Vec<String>,
    extra: Extra<'a>,
}

impl Evaluation<'_> {
    fn named(&mut self, name: &str) -> Result<bool, Fault> {
        if let Some(truth) = self.known.get(name) {
            return Ok(*truth);
        }
        if self.asked.iter().any(|asked| asked == name) {
            return Err(Fault::Wrong(format!(
                "Template format error: Circular dependency between conditions: [{}]",
                self.asked.join(", ")
            )));
        }
        let Some(condition) = self.conditions.get(name) else {
            return Err(Fault::Wrong(format!(
                "Template format error: Unresolved condition dependency {name} in the Conditions block of the template"
            )));
        };
        self.asked.push(name.to_owned());
        let truth = self.truth(condition)?;
        self.asked.pop();
        self.known.insert(name.to_owned(), truth);
        Ok(truth)
    }

    fn truth(&mut self, condition: &Value) -> Result<bool, Fault> {
        let Some((function, argument)) = condition.as_object().and_then(|members| members.iter().next()) else {
            return Err(Fault::Wrong(
                "Template format error: Conditions can only be boolean operations on parameters and other conditions"
                    .to_owned(),
            ));
        };
        if let Some(truth) = (self.extra)(function, argument) {
            return truth;
        }
        let arguments = argument.as_array().map_or(&[][..], Vec::as_slice);
        match (function.as_str(), arguments) {
            ("Condition", _) => self.named(argument.as_str().unwrap_or_default()),
            ("Fn::Equals", [left, right]) => Ok(self.comparable(left)? == self.comparable(right)?),
            ("Fn::Not", [condition]) => Ok(!self.truth(condition)?),
            ("Fn::And" | "Fn::Or", list) if (2..=10).contains(&list.len()) => {
                let truths = list.iter().map(|item| self.truth(item)).collect::<Result<Vec<_>, _>>()?;
                let and = function == "Fn::And";
                Ok(if and { truths.iter().all(|truth| *truth) } else { truths.iter().any(|truth| *truth) })
            }
            ("Fn::Equals", _) => Fault::wrong("every Fn::Equals object requires a list of 2 string parameters."),
            ("Fn::Not", _) => Fault::wrong("every Fn::Not object requires one boolean parameter."),
            (name @ ("Fn::And" | "Fn::Or"), _) => Fault::wrong(format!(
                "every {name} object requires a list of at least 2 and at most 10 boolean parameters."
            )),
            ("Fn::ImportValue", _) => Fault::wrong("Cannot use Fn::ImportValue in Conditions."),
            _ => Err(Fault::Wrong(
                "Template format error: Conditions can only be boolean operations on parameters and other conditions"
                    .to_owned(),
            )),
        }
    }

    /// A value as `Fn::Equals` compares it: scalars by their text.
    fn comparable(&self, value: &Value) -> Result<Value, Fault> {
        let value = resolve_or_null(value, Scope { fixed: self.fixed, resources: &NoResources })?;
        Ok(scalar_text(&value).map_or(value, Value::String))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn evaluated(conditions: Value) -> Result<BTreeMap<String, bool>, Fault> {
        let fixed = Fixed { names: BTreeMap::from([("Stage".to_owned(), json!("qa"))]), ..Fixed::default() };
        evaluate(&serde_json::from_value(conditions).unwrap(), &fixed)
    }

    #[test]
    fn conditions_are_built_from_one_another() {
        let truths = evaluated(json!({
            "Both": {"Fn::And": [{"Condition": "Qa"}, {"Fn::Not": [{"Condition": "Dev"}]}]},
            "Any": {"Fn::Or": [{"Condition": "Dev"}, {"Fn::Equals": [1, "1"]}]},
            "Qa": {"Fn::Equals": [{"Ref": "Stage"}, "qa"]},
            "Dev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        }))
        .unwrap();
        assert_eq!(truths.into_values().collect::<Vec<_>>(), [true, true, false, true]);
    }

    #[test]
    fn a_circle_and_a_missing_name_are_named() {
        let circle = evaluated(json!({"A": {"Condition": "B"}, "B": {"Condition": "A"}})).unwrap_err();
        assert!(circle.message().contains("[A, B]"), "{circle:?}");
        let missing = evaluated(json!({"A": {"Condition": "Z"}})).unwrap_err();
        assert!(missing.message().contains("Z"), "{missing:?}");
    }
}
