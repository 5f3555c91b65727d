//! The paths by which a part of an event is named: `$.detail.items[0].name`.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>

use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
    /// Every element of a list.
    All,
}

/// A parsed JSON path, such as `$.detail.state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

impl Path {
    /// Reads a path; none for what is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            rest = if let Some(inside) = rest.strip_prefix('[') {
                let (inside, after) = inside.split_once(']')?;
                let quoted = |mark: char| inside.strip_prefix(mark).and_then(|text| text.strip_suffix(mark));
                steps.push(match quoted('\'').or_else(|| quoted('"')) {
                    Some(name) => Step::Member(name.to_owned()),
                    None if inside == "*" => Step::All,
                    None => Step::Element(inside.parse().ok()?),
                });
                after
            } else {
                let name = rest.strip_prefix('.')?;
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (name, after) = name.split_at(end);
                steps.push(if name == "*" { Step::All } else { Step::Member(name.to_owned()) });
                if name.is_empty() {
                    return None;
                }
                after
            };
        }
        Some(Self(steps))
    }

    /// The part of `event` that the path names.
    pub(super) fn of(&self, event: &Value) -> Option<Value> {
        follow(&self.0, event)
    }
}

fn follow(steps: &[Step], value: &Value) -> Option<Value> {
    match steps.split_first() {
        None => Some(value.clone()),
        Some((Step::Member(name), rest)) => follow(rest, value.get(name)?),
        Some((Step::Element(index), rest)) => follow(rest, value.get(index)?),
        Some((Step::All, rest)) => {
            let items = value.as_array()?;
            Some(items.iter().filter_map(|item| follow(rest, item)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("$", json!({"detail": {"list": [{"x": 1}, {"x": 2}], "a.b": 3}}); "all")]
    #[test_case("$.detail.list[1].x", json!(2); "an element")]
    #[test_case("$.detail['a.b']", json!(3); "a quoted name")]
    #[test_case("$.detail.list[*].x", json!([1, 2]); "every element")]
    #[test_case("$.detail.nothing", Value::Null; "nothing")]
    fn parts(path: &str, expected: Value) {
        let event = json!({"detail": {"list": [{"x": 1}, {"x": 2}], "a.b": 3}});
        assert_eq!(Path::parse(path).unwrap().of(&event).unwrap_or_default(), expected);
    }

    #[test_case("detail"; "without root")]
    #[test_case("$detail"; "without dot")]
    #[test_case("$..x"; "an empty name")]
    #[test_case("$.a[x]"; "a position that is none")]
    #[test_case("$.a[1"; "an open bracket")]
    fn faults(path: &str) {
        assert_eq!(Path::parse(path), None);
    }
}
