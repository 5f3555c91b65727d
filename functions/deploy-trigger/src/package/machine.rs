//! The machine that a function's code is for, and the one that the template says it runs on. Pure.

use std::fmt;

use serde_json::Value;
use slipway_shared::artifact::Machine;
use thiserror::Error;

use super::code::{GLOBAL_CODE, is_provided, place_of};

/// The architecture of a function whose template names none.
const USUAL: &str = "x86_64";

/// A `bootstrap` that is a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// JSON pointer to the reference to its package.
    pub(super) pointer: String,
    /// The package's path in the artifact.
    pub(super) path: String,
    pub(super) machine: Machine,
}

/// A function whose code cannot run where it is to run.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{function}'s bootstrap in {path} is for {machine}, and the template says {said}")]
pub(crate) struct MachineFault {
    function: String,
    path: String,
    machine: Machine,
    said: String,
}

/// A function whose architecture is not known before CloudFormation works it out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unchecked {
    function: String,
    machine: Machine,
}

impl fmt::Display for Unchecked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, machine } = self;
        write!(
            formatter,
            "{function}'s code is for {machine}, and what its Architectures say is not known before the stack changes"
        )
    }
}

/// Compares every function that starts one of `programs` with its `Architectures`. `value` knows the values of parameters.
pub(super) fn check(
    template: &Value,
    programs: &[Program],
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Unchecked>, MachineFault> {
    let mut unchecked = Vec::new();
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        let Some(function) = Function::of(template, id, resource) else { continue };
        let runtime = function.property("Runtime");
        if !is_provided(runtime) && !named(runtime, value).is_some_and(|runtime| runtime.starts_with("provided")) {
            continue;
        }
        let places = function.places();
        let Some(program) = programs.iter().find(|program| places.contains(&program.pointer)) else { continue };
        let said = function.property("Architectures");
        let is_said = !said.is_null() && said["Ref"] != "AWS::NoValue";
        let architecture = if is_said { only_architecture(said, value) } else { Some(USUAL.to_owned()) };
        let Some((architecture, expected)) =
            architecture.and_then(|name| Machine::of_architecture(&name).map(|machine| (name, machine)))
        else {
            unchecked.push(Unchecked { function: id.clone(), machine: program.machine });
            continue;
        };
        if expected != program.machine {
            let (path, machine) = (program.path.clone(), program.machine);
            let said = if is_said { architecture } else { format!("{architecture}, as it names no other") };
            return Err(MachineFault { function: id.clone(), path, machine, said });
        }
    }
    Ok(unchecked)
}

/// A function of the template, with what SAM's `Globals` give it.
struct Function<'t> {
    id: &'t str,
    resource: &'t Value,
    /// Null for one that `Globals` are not for.
    globals: &'t Value,
    code: &'static str,
}

impl<'t> Function<'t> {
    fn of(template: &'t Value, id: &'t str, resource: &'t Value) -> Option<Self> {
        match resource["Type"].as_str()? {
            "AWS::Serverless::Function" => {
                Some(Self { id, resource, globals: &template["Globals"]["Function"], code: "CodeUri" })
            }
            "AWS::Lambda::Function" => Some(Self { id, resource, globals: &Value::Null, code: "Code" }),
            _ => None,
        }
    }

    /// Its own, or the one of `Globals`: neither `Runtime` nor `Architectures` are merged.
    fn property(&self, name: &str) -> &'t Value {
        match &self.resource["Properties"][name] {
            Value::Null if !self.ignores(name) => &self.globals[name],
            own => own,
        }
    }

    fn ignores(&self, name: &str) -> bool {
        let ignored = &self.resource["IgnoreGlobals"];
        ignored == "*" || ignored.as_array().is_some_and(|names| names.iter().any(|ignored| ignored == name))
    }

    /// The places in the template that may refer to its code.
    fn places(&self) -> Vec<String> {
        let properties = &self.resource["Properties"];
        if !properties[self.code].is_null() {
            return vec![place_of(self.id, self.code)];
        }
        let is_inline = !properties["InlineCode"].is_null() || properties["PackageType"] == "Image";
        if is_inline || self.globals.is_null() || self.ignores(self.code) {
            return Vec::new();
        }
        vec![GLOBAL_CODE.to_owned()]
    }
}

/// The architecture, if there is one and it is known.
fn only_architecture(said: &Value, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    match said {
        Value::Array(several) => match several.as_slice() {
            [only] => named(only, value),
            _ => None,
        },
        _ => named(said, value),
    }
}

/// A text, or the value of the parameter that it refers to.
fn named(said: &Value, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    said.as_str().map(str::to_owned).or_else(|| value(said["Ref"].as_str()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn program(pointer: &str, machine: Machine) -> Program {
        Program { pointer: pointer.to_owned(), path: "target/lambda/api".to_owned(), machine }
    }

    fn value(name: &str) -> Option<String> {
        (name == "Architecture").then(|| "arm64".to_owned())
    }

    /// The fault of a function with these properties, or how many are unchecked.
    fn judged(properties: Value, machine: Machine) -> Result<usize, String> {
        let mut api = json!({"Type": "AWS::Serverless::Function", "Properties": properties});
        api["Properties"]["CodeUri"] = json!("s3://bucket/key");
        let globals = json!({"Runtime": "provided.al2023"});
        let template = json!({"Globals": {"Function": globals}, "Resources": {"Api": api}});
        let programs = [program("/Resources/Api/Properties/CodeUri", machine)];
        check(&template, &programs, &value).map(|unchecked| unchecked.len()).map_err(|fault| fault.to_string())
    }

    #[test_case(json!({}), "x86_64, as it names no other"; "no architecture")]
    #[test_case(json!({"Architectures": ["x86_64"]}), "x86_64"; "an architecture")]
    #[test_case(json!({"Architectures": {"Ref": "AWS::NoValue"}}), "x86_64, as it names no other"; "no value")]
    fn code_for_arm64_is_refused_where_the_template_has(properties: Value, said: &str) {
        let expected = format!("Api's bootstrap in target/lambda/api is for arm64, and the template says {said}");
        assert_eq!(judged(properties.clone(), Machine::ARM64), Err(expected));
        assert_eq!(judged(properties, Machine::X86_64), Ok(0));
    }

    #[test_case(json!({"Architectures": ["arm64"]}); "an architecture")]
    #[test_case(json!({"Architectures": [{"Ref": "Architecture"}]}); "a parameter")]
    #[test_case(json!({"Architectures": {"Ref": "Architecture"}}); "a list that is a parameter")]
    #[test_case(json!({"Architectures": ["arm64"], "Runtime": "provided.al2"}); "a runtime of its own")]
    fn code_for_x86_64_is_refused_where_the_template_has(properties: Value) {
        let fault = judged(properties.clone(), Machine::X86_64).unwrap_err();
        assert!(fault.ends_with("is for x86_64, and the template says arm64"), "{fault}");
        assert_eq!(judged(properties, Machine::ARM64), Ok(0));
    }

    #[test_case(json!({"Architectures": [{"Ref": "Unknown"}]}) => Ok(1); "a parameter that is not known")]
    #[test_case(json!({"Architectures": [{"Fn::If": ["Cheap", "arm64", "x86_64"]}]}) => Ok(1); "a condition")]
    #[test_case(json!({"Architectures": ["arm64", "x86_64"]}) => Ok(1); "two, which Lambda refuses")]
    #[test_case(json!({"Runtime": "python3.13"}) => Ok(0); "a runtime that starts no bootstrap")]
    fn code_is_not_compared_with(properties: Value) -> Result<usize, String> {
        judged(properties, Machine::ARM64)
    }

    #[test]
    fn a_function_without_its_own_gets_what_globals_say_unless_it_ignores_them() {
        let template = json!({
            "Globals": {"Function": {"Runtime": "provided.al2023", "CodeUri": "s3://b/k", "Architectures": ["arm64"]}},
            "Resources": {
                "Inline": {"Type": "AWS::Serverless::Function", "Properties": {"InlineCode": "x"}},
                "Api": {"Type": "AWS::Serverless::Function"}
            }
        });
        let programs = [program(GLOBAL_CODE, Machine::X86_64)];
        let fault = check(&template, &programs, &value).unwrap_err();
        assert_eq!((fault.function.as_str(), fault.said.as_str()), ("Api", "arm64"));
        let mut ignoring = template;
        ignoring["Resources"]["Api"]["IgnoreGlobals"] = json!(["Architectures"]);
        assert_eq!(check(&ignoring, &programs, &value), Ok(Vec::new()));
    }

    #[test]
    fn globals_are_not_for_a_plain_function() {
        let plain = json!({"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Code": {"S3Key": "k"}}});
        let template = json!({"Globals": {"Function": {"Architectures": ["arm64"]}}, "Resources": {"Plain": plain}});
        let programs = [program("/Resources/Plain/Properties/Code", Machine::ARM64)];
        let fault = check(&template, &programs, &value).unwrap_err();
        assert_eq!(fault.said, "x86_64, as it names no other");
    }
}
