//! From a request to what a stack is to become: the template read, transformed, checked and bound to its values.
//!
//! Everything that can be refused is refused here, before anything is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::conditions;
use super::errors::{unsupported, validation};
use super::graph::Graph;
use super::intrinsics::{Fault, Fixed, NoResources, Scope, dynamic_names, resolve, resolve_or_null};
use super::parameters::{self, Given, ParameterValue};
use super::provider::ProviderLookup;
use super::sam;
use super::template::{self, Source, Template};
use crate::core::{Hub, ServiceError};

const SAM: &str = "AWS::Serverless-2016-10-31";

/// The name and the ARN of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackIdentity {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub id: String,
}

/// What a stack is to become, or has become.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The template as it was handed in.
    pub source: Source,
    /// The template after its transform.
    pub processed: Value,
    /// What it declares.
    pub template: Template,
    /// Its parameters' values.
    pub parameters: Vec<ParameterValue>,
    /// What its intrinsics resolve to, resources apart.
    pub fixed: Fixed,
    /// The resources and what they wait for.
    pub graph: Graph,
    /// What comes with the template.
    pub settings: Settings,
}

/// What a request says beside template and parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The stack's tags.
    pub tags: Vec<(String, String)>,
    /// The acknowledged capabilities.
    pub capabilities: Vec<String>,
    /// The role that CloudFormation would assume: kept and shown, for the plane has no permissions to borrow.
    pub role_arn: Option<String>,
    /// The topics that hear of every event.
    pub notification_arns: Vec<String>,
}

/// What is to be prepared.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The stack that it is for.
    pub stack: StackIdentity,
    /// The template.
    pub source: Source,
    /// The parameters of the request.
    pub given: Vec<Given>,
    /// The parameters that the stack has.
    pub previous: Vec<ParameterValue>,
    /// The rest.
    pub settings: Settings,
    /// The exports of all stacks, by name.
    pub exports: BTreeMap<String, String>,
    /// Whether a transform must be acknowledged: not where a change set shows first what it gives.
    pub direct: bool,
}

/// Why something cannot be prepared.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is wrong.
    pub error: ServiceError,
    /// Whether it only showed when the transform was done. CloudFormation transforms in the background, so that a
    /// change set then fails instead of the request.
    pub transforming: bool,
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self { error, transforming: false }
    }
}

impl Prepared {
    /// Reads, transforms and checks.
    ///
    /// # Errors
    /// Everything that the caller must know before anything is done.
    pub async fn of(hub: &Arc<Hub>, lookup: ProviderLookup, draft: Draft) -> Result<Arc<Self>, Refusal> {
        let json = draft.source.tree.to_json();
        check_transforms(&draft)?;
        let declarations = template::parameters(&json)?;
        let mut values = parameters::assign(&declarations, &draft.given, &draft.previous)?;
        let held = read_ssm(hub, &parameters::ssm_names(&declarations, &values)).await?;
        parameters::fill_from_ssm(&declarations, &mut values, &held);
        let transforming = !draft.source.transforms().is_empty();
        let processed = transform(&draft.source, json, &values)?;
        let late = |error: ServiceError| Refusal { error, transforming };
        let template = Template::read(&processed, &draft.source).map_err(late)?;
        template::check_support(&template, &draft.source, lookup).map_err(late)?;
        check_capabilities(&template, &draft.settings.capabilities)?;
        let fixed = fixed(hub, &draft, &template, &values).map_err(late)?;
        let graph = Graph::of(&template, &fixed.conditions).map_err(late)?;
        let settings = draft.settings;
        let mut prepared =
            Self { source: draft.source, processed, template, parameters: values, fixed, graph, settings };
        let names = prepared.dynamic_names();
        prepared.fixed.dynamic = Some(read_ssm(hub, &names).await.map_err(late)?);
        prepared.check_values().map_err(late)?;
        Ok(Arc::new(prepared))
    }

    /// What intrinsics resolve to while dynamic references stay as they stand.
    pub fn undisturbed(&self) -> Fixed {
        Fixed { dynamic: None, ..self.fixed.clone() }
    }

    /// The values of all resources and outputs that exist.
    fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        let resources =
            self.graph.ids().filter_map(|id| self.template.resources.get(id).map(|resource| (id, resource)));
        let resources = resources
            .flat_map(|(id, resource)| [(id.as_str(), &resource.properties), (id.as_str(), &resource.update_policy)]);
        let holds = |name: &String| self.fixed.conditions.get(name).copied().unwrap_or(false);
        let outputs = self.template.outputs.values().filter(move |output| output.condition.as_ref().is_none_or(holds));
        resources.chain(
            outputs.flat_map(|output| std::iter::once(&output.value).chain(&output.export)).map(|value| ("", value)),
        )
    }

    fn dynamic_names(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        let scope = Scope { fixed: &self.fixed, resources: &NoResources };
        self.values().for_each(|(_, value)| collect_dynamic(value, scope, &mut names));
        names.into_iter().collect()
    }

    /// Resolves all that can be resolved without resources, to find what never can.
    fn check_values(&self) -> Result<(), ServiceError> {
        let scope = Scope { fixed: &self.fixed, resources: &NoResources };
        for (id, value) in self.values() {
            if let Err(Fault::Wrong(message)) = resolve(value, scope) {
                return Err(validation(if id.is_empty() {
                    format!("{message} (Outputs)")
                } else {
                    format!("{message} (resource {id}, line {})", self.source.line_of_resource(id))
                }));
            }
        }
        Ok(())
    }
}

fn collect_dynamic(value: &Value, scope: Scope<'_>, names: &mut BTreeSet<String>) {
    match (resolve(value, scope), value) {
        (Ok(Some(Value::String(text))), _) => names.extend(dynamic_names(&text)),
        // What waits for a resource may still hold references that do not.
        (_, Value::String(text)) => names.extend(dynamic_names(text).into_iter().filter(|name| !name.contains("${"))),
        (_, Value::Array(items)) => items.iter().for_each(|item| collect_dynamic(item, scope, names)),
        (_, Value::Object(members)) => members.values().for_each(|member| collect_dynamic(member, scope, names)),
        _ => {}
    }
}

fn check_transforms(draft: &Draft) -> Result<(), ServiceError> {
    let transforms = draft.source.transforms();
    if let Some(other) = transforms.iter().find(|name| *name != SAM) {
        let line = draft.source.tree.line_of("/Transform");
        return Err(unsupported(format_args!("the transform {other} (line {line})")));
    }
    let loops = draft.source.tree.get("Resources").into_iter().flat_map(|resources| resources.entries());
    if let Some(entry) = loops.into_iter().find(|entry| entry.key.starts_with("Fn::ForEach")) {
        return Err(unsupported(format_args!("{} (line {}), of AWS::LanguageExtensions", entry.key, entry.line)));
    }
    let acknowledged = draft.settings.capabilities.iter().any(|name| name == "CAPABILITY_AUTO_EXPAND");
    if draft.direct && !transforms.is_empty() && !acknowledged {
        return Err(insufficient("CAPABILITY_AUTO_EXPAND"));
    }
    Ok(())
}

fn check_capabilities(template: &Template, given: &[String]) -> Result<(), ServiceError> {
    let given = |name: &str| given.iter().any(|one| one == name);
    match template::required_capability(template) {
        Some((needed, _)) if !(given(needed) || given("CAPABILITY_NAMED_IAM")) => Err(insufficient(needed)),
        _ => Ok(()),
    }
}

fn insufficient(capability: &str) -> ServiceError {
    ServiceError::new("InsufficientCapabilitiesException", format!("Requires capabilities : [{capability}]"))
}

/// The template after the SAM transform, when it asks for it.
fn transform(source: &Source, json: Value, values: &[ParameterValue]) -> Result<Value, Refusal> {
    if source.transforms().is_empty() {
        return Ok(json);
    }
    let texts = values.iter().map(|value| {
        let text = value.resolved.clone().unwrap_or_else(|| value.value.clone());
        (value.key.clone(), text)
    });
    match sam::expand(&json, &texts.collect()) {
        Ok(Value::Object(mut template)) => {
            template.shift_remove("Transform");
            template.shift_remove("Globals");
            Ok(Value::Object(template))
        }
        Ok(other) => Ok(other),
        Err(faults) => {
            let said: Vec<String> = faults
                .iter()
                .map(|fault| {
                    let line = source.line_of_resource(&fault.logical_id);
                    format!("Resource with id [{}] is invalid (line {line}). {}", fault.logical_id, fault.message)
                })
                .collect();
            let count = faults.len();
            let error = validation(format!(
                "Transform {SAM} failed with: Invalid Serverless Application Specification document. Number of errors found: {count}. {}",
                said.join(" ")
            ));
            Err(Refusal { error, transforming: true })
        }
    }
}

fn fixed(hub: &Hub, draft: &Draft, template: &Template, values: &[ParameterValue]) -> Result<Fixed, ServiceError> {
    let mut names: BTreeMap<String, Value> = pseudo_parameters(hub, draft);
    names.extend(values.iter().map(|value| (value.key.clone(), value.reference())));
    let mut fixed = Fixed { names, mappings: template.mappings.clone(), ..Fixed::default() };
    let wrong = |fault: Fault| validation(fault.message());
    fixed.conditions = conditions::evaluate(&template.conditions, &fixed).map_err(wrong)?;
    let mut imports = BTreeSet::new();
    for resource in template.resources.values() {
        imported(&resource.properties, &fixed, &mut imports).map_err(wrong)?;
        imported(&resource.update_policy, &fixed, &mut imports).map_err(wrong)?;
    }
    for output in template.outputs.values() {
        imported(&output.value, &fixed, &mut imports).map_err(wrong)?;
    }
    for name in imports {
        let Some(value) = draft.exports.get(&name) else {
            return Err(validation(format!("No export named {name} found.")));
        };
        fixed.imports.insert(name, value.clone());
    }
    Ok(fixed)
}

/// The names of the exports that a value imports, in the branches that are taken.
fn imported(value: &Value, fixed: &Fixed, names: &mut BTreeSet<String>) -> Result<(), Fault> {
    let scope = Scope { fixed, resources: &NoResources };
    match value {
        Value::Object(members) => {
            if let (1, Some(argument)) = (members.len(), members.get("Fn::ImportValue")) {
                let name = resolve_or_null(argument, scope)?;
                names.extend(template::scalar_text(&name));
                return Ok(());
            }
            if let (1, Some([Value::String(name), yes, no])) =
                (members.len(), members.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice))
            {
                let taken = if fixed.conditions.get(name).copied().unwrap_or(false) { yes } else { no };
                return imported(taken, fixed, names);
            }
            members.values().try_for_each(|member| imported(member, fixed, names))
        }
        Value::Array(items) => items.iter().try_for_each(|item| imported(item, fixed, names)),
        _ => Ok(()),
    }
}

fn pseudo_parameters(hub: &Hub, draft: &Draft) -> BTreeMap<String, Value> {
    let arns: Value = draft.settings.notification_arns.iter().cloned().map(Value::String).collect();
    let names: Map<String, Value> = [
        ("AWS::AccountId", json!(hub.identity.account)),
        ("AWS::NotificationARNs", arns),
        ("AWS::Partition", json!("aws")),
        ("AWS::Region", json!(hub.identity.region)),
        ("AWS::StackId", json!(draft.stack.id)),
        ("AWS::StackName", json!(draft.stack.name)),
        ("AWS::URLSuffix", json!("amazonaws.com")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    names.into_iter().collect()
}

/// The values of SSM parameters, by name (and version, `name:3`).
async fn read_ssm(hub: &Arc<Hub>, names: &[String]) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut held = BTreeMap::new();
    for name in names {
        let reply = hub.call("ssm", "GetParameter", json!({ "Name": name, "WithDecryption": false })).await;
        let value = reply.map_err(|error| {
            validation(format!("Unable to fetch parameters [{name}] from parameter store for this account. ({error})"))
        })?;
        let Some(text) = value.pointer("/Parameter/Value").and_then(Value::as_str) else {
            return Err(validation(format!(
                "Unable to fetch parameters [{name}] from parameter store for this account."
            )));
        };
        held.insert(name.clone(), text.to_owned());
    }
    Ok(held)
}
