//! Templates: reading them back, summarizing and validating them.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::state::{CloudFormation, Declared};
use crate::cloudformation::errors::{no_change_set, no_stack_with_id, validation};
use crate::cloudformation::plan::{Prepared, check_names, check_types};
use crate::cloudformation::schema;
use crate::cloudformation::status::StackStatus;
use crate::cloudformation::template::{ParameterDeclaration, Source, Template, parameters, required_capability};
use crate::core::{Input, Reply, Request, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("GetTemplate", "StackName ChangeSetName TemplateStage", |service, request| {
        service.get_template(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
    Declared::later("ValidateTemplate", "TemplateBody TemplateURL", |service, request| {
        Box::pin(service.validate_template(request))
    }),
    Declared::later("GetTemplateSummary", "TemplateBody TemplateURL StackName", |service, request| {
        Box::pin(service.get_template_summary(request))
    })
    .on_found(CloudFormation::stack_arn),
];

impl CloudFormation {
    fn get_template(&self, input: &Input) -> Reply {
        let prepared = match (input.opt_str("ChangeSetName"), input.opt_str("StackName")) {
            (Some(change_set), None) if !change_set.starts_with("arn:") => {
                return Err(validation("StackName is a required parameter."));
            }
            (Some(_), _) => {
                let (driver, name) = self.find_change_set(input)?;
                driver.read(|engine| {
                    let change_set = engine.stack.change_sets.get(&name).ok_or_else(|| no_change_set(&name))?;
                    change_set.prepared.clone().map_err(validation)
                })?
            }
            (None, Some(name)) => {
                let driver = self.find(name).ok_or_else(|| no_stack_with_id(name))?;
                let current = driver.read(|engine| engine.stack.current.clone());
                current.ok_or_else(|| validation(format!("Stack [{name}] has no template: it is only reviewed")))?
            }
            (None, None) => return Err(validation("StackName is required if ChangeSetName is not specified.")),
        };
        let body = match input.opt_str("TemplateStage").unwrap_or("Processed") {
            "Processed" => processed(&prepared),
            _ => prepared.source.body.clone(),
        };
        Ok(json!({ "TemplateBody": body, "StagesAvailable": ["Original", "Processed"] }))
    }

    async fn validate_template(&self, request: &Request) -> Reply {
        let source = self.source(request, None).await?;
        let seen = self.inspect(&source)?;
        let parameters: Vec<Value> =
            seen.parameters.iter().map(|(key, one)| Value::Object(parameter_json(key, one))).collect();
        Ok(Value::Object(with_capabilities(&seen, json!({ "Parameters": parameters }))))
    }

    async fn get_template_summary(&self, request: &Request) -> Reply {
        let input = &request.input;
        let source = match input.opt_str("StackName") {
            Some(name) => self.template_of(name)?,
            None => self.source(request, None).await?,
        };
        let seen = self.inspect(&source)?;
        let parameter = |(key, one): (&String, &ParameterDeclaration)| {
            let mut json = parameter_json(key, one);
            json.insert("ParameterType".into(), json!(one.parameter_type));
            let constraints =
                if one.allowed_values.is_empty() { json!({}) } else { json!({ "AllowedValues": one.allowed_values }) };
            json.insert("ParameterConstraints".into(), constraints);
            Value::Object(json)
        };
        let parameters: Vec<Value> = seen.parameters.iter().map(parameter).collect();
        let mut json = with_capabilities(
            &seen,
            json!({
                "Parameters": parameters, "ResourceTypes": seen.types, "Version": "2010-09-09",
                "ResourceIdentifierSummaries": identifiers(&source),
            }),
        );
        if let Some(metadata) = source.tree.get("Metadata") {
            json.insert("Metadata".into(), json!(metadata.to_json().to_string()));
        }
        Ok(Value::Object(json))
    }

    fn template_of(&self, name: &str) -> Result<Source, ServiceError> {
        let driver = self.find(name).ok_or_else(|| no_stack_with_id(name))?;
        driver.read(|engine| match (&engine.stack.current, engine.stack.status) {
            (_, StackStatus::ReviewInProgress) => {
                Err(validation("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."))
            }
            (Some(current), _) => Ok(current.source.clone()),
            (None, _) => Err(no_stack_with_id(name)),
        })
    }

    /// The summary of a template without the values of its parameters. Like CloudFormation, transforms are not
    /// done, and a type that AWS has is fine though the plane may not run it: nothing is made here.
    fn inspect(&self, source: &Source) -> Result<Seen, ServiceError> {
        let mut json = source.tree.to_json();
        let parameters = parameters(&json)?;
        let transforms = source.transforms();
        let types = resource_types(&json);
        let description = json.get("Description").and_then(Value::as_str).map(str::to_owned);
        if !transforms.is_empty()
            && let Some(sections) = json.as_object_mut()
        {
            sections.shift_remove("Globals");
        }
        let mut template = Template::read(&json, source)?;
        if transforms.is_empty() {
            check_names(&template)?;
        }
        template.resources.retain(|_, resource| !resource.resource_type.starts_with("AWS::Serverless::"));
        match check_types(&template, source, self.lookup) {
            Err(error) if !error.is("NotImplemented") => return Err(error),
            _ => {}
        }
        let capabilities = if transforms.is_empty() {
            required_capability(&template)
        } else {
            Some(("CAPABILITY_AUTO_EXPAND", transforms.clone()))
        };
        Ok(Seen { description, parameters, transforms, types, capabilities })
    }
}

struct Seen {
    description: Option<String>,
    parameters: IndexMap<String, ParameterDeclaration>,
    transforms: Vec<String>,
    types: Vec<String>,
    capabilities: Option<(&'static str, Vec<String>)>,
}

/// The `ResourceIdentifierSummaries`: the properties that name each type's resources, as far as a template can give it.
fn identifiers(source: &Source) -> Vec<Value> {
    let json = source.tree.to_json();
    let resources = json.get("Resources").and_then(Value::as_object);
    let mut by_type: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (id, resource) in resources.into_iter().flatten() {
        if let Some(kind) = resource.get("Type").and_then(Value::as_str) {
            by_type.entry(kind).or_default().push(id);
        }
    }
    let summary = |(kind, ids): (&str, Vec<&str>)| {
        let known = schema::resource_type(kind)?;
        let mut summary = json!({ "ResourceType": kind, "LogicalResourceIds": ids });
        let names: Vec<&String> = known.primary_identifier.iter().filter(|name| known.is_writable(name)).collect();
        if !names.is_empty() {
            summary["ResourceIdentifiers"] = json!(names);
        }
        Some(summary)
    };
    by_type.into_iter().filter_map(summary).collect()
}

fn resource_types(json: &Value) -> Vec<String> {
    let resources = json.get("Resources").and_then(Value::as_object);
    let types = resources.into_iter().flat_map(Map::values).filter_map(|one| one.get("Type").and_then(Value::as_str));
    let mut types: Vec<String> = types.map(str::to_owned).collect();
    types.sort();
    types.dedup();
    types
}

fn with_capabilities(seen: &Seen, json: Value) -> Map<String, Value> {
    let mut json = match json {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    if let Some(description) = &seen.description {
        json.insert("Description".into(), json!(description));
    }
    if let Some((capability, causes)) = &seen.capabilities {
        json.insert("Capabilities".into(), json!([capability]));
        let reason = format!("The following resource(s) require capabilities: [{}]", causes.join(", "));
        json.insert("CapabilitiesReason".into(), json!(reason));
    }
    if !seen.transforms.is_empty() {
        json.insert("DeclaredTransforms".into(), json!(seen.transforms));
    }
    json
}

fn parameter_json(key: &str, one: &ParameterDeclaration) -> Map<String, Value> {
    let mut json = Map::new();
    json.insert("ParameterKey".into(), json!(key));
    if let Some(default) = &one.default {
        json.insert("DefaultValue".into(), json!(default));
    }
    json.insert("NoEcho".into(), json!(one.no_echo));
    if let Some(description) = &one.description {
        json.insert("Description".into(), json!(description));
    }
    json
}

/// The template after its transform; the text itself where there was none.
fn processed(prepared: &Prepared) -> String {
    if prepared.template.transforms.is_empty() { prepared.source.body.clone() } else { prepared.processed.to_string() }
}
