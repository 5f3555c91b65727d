//! Every name in any branch of a template must be one that it declares, each with CloudFormation's own words.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cloudformation::errors::{template_format, unresolved, validation};
use crate::cloudformation::intrinsics::{Reference, conditions_named, references};
use crate::cloudformation::template::Template;
use crate::core::ServiceError;

/// Checks what resources, outputs and conditions refer to.
///
/// # Errors
/// `ValidationError` naming what is not declared.
pub fn check(template: &Template) -> Result<(), ServiceError> {
    for condition in template.conditions.values() {
        let known = |one: &Reference| template.parameters.contains_key(&one.logical_id);
        let unknown: Vec<String> =
            references(condition, None).into_iter().filter(|one| !known(one)).map(|one| one.logical_id).collect();
        if !unknown.is_empty() {
            return Err(template_format(format!(
                "Unresolved dependencies [{}]. Cannot reference resources in the Conditions block of the template",
                unknown.join(", ")
            )));
        }
    }
    let mut unknown = BTreeSet::new();
    for resource in template.resources.values() {
        unknown.extend(undeclared(template, &resource.properties)?);
        unknown.extend(undeclared(template, &resource.update_policy)?);
        unknown.extend(undeclared(template, &resource.deletion_policy)?);
        unknown.extend(undeclared(template, &resource.update_replace_policy)?);
        unknown.extend(resource.depends_on.iter().filter(|name| !template.resources.contains_key(*name)).cloned());
    }
    unresolved(&unknown, "Resources")?;
    let mut unknown = BTreeSet::new();
    for output in template.outputs.values() {
        unknown.extend(undeclared(template, &output.value)?);
        if let Some(export) = &output.export {
            unknown.extend(undeclared(template, export)?);
        }
    }
    unresolved(&unknown, "Outputs")?;
    check_conditions(template)
}

/// The names that only a `Ref` or a variable of `Fn::Sub` uses; an attribute of nothing is an error of its own.
fn undeclared(template: &Template, value: &Value) -> Result<Vec<String>, ServiceError> {
    let mut names = Vec::new();
    for reference in references(value, None) {
        let is_resource = template.resources.contains_key(&reference.logical_id);
        if is_resource || (reference.attribute.is_none() && template.parameters.contains_key(&reference.logical_id)) {
            continue;
        }
        match (&reference.attribute, reference.in_sub) {
            (None, _) => names.push(reference.logical_id),
            (Some(_), true) => {
                let message = "Template error: instance of Fn::Sub references invalid resource attribute";
                return Err(validation(format!("{message} {reference}")));
            }
            (Some(_), false) => {
                let message = "Template error: instance of Fn::GetAtt references undefined resource";
                return Err(validation(format!("{message} {}", reference.logical_id)));
            }
        }
    }
    Ok(names)
}

fn check_conditions(template: &Template) -> Result<(), ServiceError> {
    let known = |name: &str| template.conditions.contains_key(name);
    let of_resources = template.resources.values().map(|resource| (&resource.condition, "Resources"));
    let of_outputs = template.outputs.values().map(|output| (&output.condition, "Outputs"));
    for (condition, block) in of_resources.chain(of_outputs) {
        if let Some(name) = condition.as_ref().filter(|name| !known(name)) {
            return Err(template_format(format!(
                "Unresolved condition dependency {name} in the {block} block of the template"
            )));
        }
    }
    let values = template.resources.values().flat_map(|resource| [&resource.properties, &resource.update_policy]);
    let values = values.chain(template.outputs.values().map(|output| &output.value));
    match values.flat_map(conditions_named).find(|name| !known(name)) {
        Some(name) => Err(validation(format!("Template error: unresolved condition dependency {name} in Fn::If"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::cloudformation::template::Source;

    const A: &str = "Resources: {A: {Type: T}}\n";

    #[test_case("Conditions: {Always: !Equals [1, 1]}\nResources: {A: {Type: T, Properties: {X: !If [Always, 1, !Ref Gone]}}}\n" => "Template format error: Unresolved resource dependencies [Gone] in the Resources block of the template"; "in a branch that is not taken")]
    #[test_case("Resources: {A: {Type: T, DependsOn: [Gone]}}\n" => "Template format error: Unresolved resource dependencies [Gone] in the Resources block of the template"; "in DependsOn")]
    #[test_case("Resources: {A: {Type: T, Properties: {X: !GetAtt Gone.Arn}}}\n" => "Template error: instance of Fn::GetAtt references undefined resource Gone"; "in GetAtt")]
    #[test_case("Resources: {A: {Type: T, Properties: {X: !Sub '${Gone.Arn}'}}}\n" => "Template error: instance of Fn::Sub references invalid resource attribute Gone.Arn"; "in Sub")]
    #[test_case(&format!("{A}Outputs: {{O: {{Value: !Ref Gone}}}}\n") => "Template format error: Unresolved resource dependencies [Gone] in the Outputs block of the template"; "in an output")]
    #[test_case(&format!("{A}Conditions: {{C: !Equals [!Ref A, x]}}\n") => "Template format error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the template"; "in a condition")]
    #[test_case("Resources: {A: {Type: T, Condition: Gone}}\n" => "Template format error: Unresolved condition dependency Gone in the Resources block of the template"; "a resource's condition")]
    #[test_case(&format!("{A}Outputs: {{O: {{Value: x, Condition: Gone}}}}\n") => "Template format error: Unresolved condition dependency Gone in the Outputs block of the template"; "an output's condition")]
    #[test_case("Resources: {A: {Type: T, Properties: {X: !If [Gone, 1, 2]}}}\n" => "Template error: unresolved condition dependency Gone in Fn::If"; "a condition of Fn::If")]
    fn a_name_that_is_not_declared_is_refused(text: &str) -> String {
        let source = Source::read(text.to_owned()).unwrap();
        check(&Template::read(&source.tree.to_json(), &source).unwrap()).unwrap_err().message
    }
}
