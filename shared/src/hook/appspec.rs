//! The AppSpec of a Lambda or ECS deployment, as far as it tells what is deployed.
//!
//! YAML or JSON: JSON is what CloudFormation and the CDK make, YAML what people write. Keys are matched in any case, since the guide
//! writes `currentversion` where CloudFormation writes `CurrentVersion`, and versions may be numbers or texts.

use super::lifecycle::LifecycleEvent;
use super::subject::{Shift, shift as checked_shift};
use crate::template::{self, Content, Node};

const FUNCTION: &str = "AWS::Lambda::Function";
const SERVICE: &str = "AWS::ECS::Service";

/// The one function that an AppSpec shifts.
pub(super) fn shift(content: &str) -> Result<Shift, String> {
    let spec = read(content)?;
    let properties = only(&spec, FUNCTION)?;
    let read = |name| text(properties, name);
    checked_shift(
        read("name").as_deref(),
        read("alias").as_deref(),
        read("currentversion").as_deref(),
        read("targetversion").as_deref(),
    )
}

/// The task definition of the one service that an AppSpec deploys.
pub(super) fn task_definition(content: &str) -> Result<String, String> {
    let spec = read(content)?;
    text(only(&spec, SERVICE)?, "taskdefinition").ok_or_else(|| "the AppSpec's service has no task definition".into())
}

/// The function that is called at a lifecycle event, as the AppSpec names it.
pub(super) fn hook(content: &str, event: LifecycleEvent) -> Option<String> {
    let spec = read(content).ok()?;
    let hooks = member(&spec, "hooks")?;
    let maps = match &hooks.content {
        Content::List(items) => items.iter().collect(),
        _ => vec![hooks],
    };
    maps.into_iter().find_map(|map| text(map, event.as_str()))
}

fn read(content: &str) -> Result<Node, String> {
    // The text may be somebody's secret: the reader's places are told, its quotations are not.
    template::parse(content).map_err(|error| {
        format!("the AppSpec is neither YAML nor JSON from line {}, column {} on", error.line, error.column)
    })
}

/// The properties of the one resource of that type.
fn only<'a>(spec: &'a Node, kind: &str) -> Result<&'a Node, String> {
    let resources = member(spec, "resources").ok_or("the AppSpec has no resources")?;
    // A list of maps, as documented; a map alone is what a hand writes.
    let maps = match &resources.content {
        Content::List(items) => items.iter().collect(),
        _ => vec![resources],
    };
    let resources = maps.into_iter().flat_map(Node::entries).map(|entry| &entry.value);
    let of_kind: Vec<&Node> = resources.filter(|resource| text(resource, "type").as_deref() == Some(kind)).collect();
    let [resource] = of_kind.as_slice() else {
        return Err(format!("the AppSpec names {} resources of type {kind}", of_kind.len()));
    };
    member(resource, "properties").ok_or_else(|| format!("the AppSpec's {kind} has no properties"))
}

fn member<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.entries().iter().find(|entry| entry.key.eq_ignore_ascii_case(name)).map(|entry| &entry.value)
}

fn text(node: &Node, name: &str) -> Option<String> {
    match &member(node, name)?.content {
        Content::Text(text) => Some(text.clone()),
        Content::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    /// As the guide has it, in both of its forms
    /// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html>).
    const YAML: &str = "
version: 0.0
resources:
  - fn:
      type: \"AWS::Lambda::Function\"
      properties:
        name: \"fn\"
        alias: \"live\"
        currentversion: \"1\"
        targetversion: \"2\"
hooks:
  - BeforeAllowTraffic: \"CodeDeployHook_pre\"
";
    const PASCAL: &str = r#"{"version": 0.0, "Resources": [{"fn": {"Type": "AWS::Lambda::Function", "Properties":
        {"Name": "fn", "Alias": "live", "CurrentVersion": "1", "TargetVersion": 2}}}]}"#;
    const MAP: &str = "{Resources: {fn: {Type: 'AWS::Lambda::Function', Properties: {Name: fn, Alias: live, CurrentVersion: 1, TargetVersion: 2}}}}";

    #[test_case(YAML; "yaml in lower case")]
    #[test_case(PASCAL; "json in pascal case")]
    #[test_case(MAP; "resources without a list")]
    fn tells_what_is_shifted(content: &str) {
        let shift = shift(content).unwrap();
        assert_eq!((shift.function.as_str(), shift.alias.as_str()), ("fn", "live"));
        assert_eq!(shift.current_version.unwrap().as_str(), "1");
        assert_eq!(shift.target_version.as_str(), "2");
    }

    #[test_case(
        "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7'\n";
        "yaml"
    )]
    #[test_case(
        r#"{"version": 1, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties":
            {"TaskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7"}}}]}"#;
        "json"
    )]
    fn tells_the_task_definition_of_a_service(content: &str) {
        assert!(task_definition(content).unwrap().ends_with("task-definition/web:7"));
        assert!(shift(content).unwrap_err().contains("0 resources of type AWS::Lambda::Function"));
    }

    #[test]
    fn tells_the_function_that_is_called_at_an_event() {
        let named = |content| hook(content, LifecycleEvent::BeforeAllowTraffic);
        assert_eq!(named(YAML).as_deref(), Some("CodeDeployHook_pre"));
        assert_eq!(named("{Hooks: {BeforeAllowTraffic: a}}").as_deref(), Some("a"));
        assert_eq!((hook(YAML, LifecycleEvent::AfterAllowTraffic), named(PASCAL)), (None, None));
    }

    #[test]
    fn never_quotes_what_it_cannot_read() {
        let error = shift("password: [sesame").unwrap_err();
        assert!(!error.contains("sesame") && error.contains("neither YAML nor JSON from line"), "{error}");
    }
}
