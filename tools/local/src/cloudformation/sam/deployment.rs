//! `DeploymentPreference`: the CodeDeploy application, role and groups of a stack, and the alias's update policy.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use slipway_shared::guard::preference::{
    APPLICATION, PREFERENCES, SERVICE, SERVICE_POLICY, SERVICE_ROLE, alarm_configuration, group_id, rollbacks, style,
    update_policy,
};

use super::policies::aws_managed;
use super::references::{Parameters, resolve_mappings, resolve_parameters};
use super::resource::{Generated, SamResource, intrinsic_name, is_intrinsic, is_no_value, tag_list};
use super::role::trusts;
use super::transform_error::TransformError;

const CONDITION: &str = "ServerlessCodeDeployCondition";

const PROPERTIES: [&str; 7] =
    ["Enabled", "Type", "Hooks", "Alarms", "Role", "TriggerConfigurations", "PassthroughCondition"];

/// The resources that the preferences make, and the condition (name and definition) that they may need beside.
type Made = (Vec<Generated>, Option<(String, Value)>);

/// The enabled preferences of a template's functions, in the order of the functions.
#[derive(Debug, Default)]
pub(super) struct Deployments(Vec<Preference>);

#[derive(Debug)]
struct Preference {
    function: String,
    written: Map<String, Value>,
    condition: Value,
    tags: Map<String, Value>,
}

impl Deployments {
    /// Takes a function's preference; answers the alias's update policy, or nothing when it is disabled.
    pub(super) fn add(
        &mut self,
        function: &SamResource,
        written: &Map<String, Value>,
        parameters: &Parameters,
        mappings: &Value,
    ) -> Result<Option<Value>, TransformError> {
        let mut written = written.clone();
        if let Some(name) = written.keys().find(|name| !PROPERTIES.contains(&name.as_str())) {
            return Err(function.fault(format!("property {name} of DeploymentPreference is not supported")));
        }
        for name in ["Enabled", "Type", "PassthroughCondition"] {
            if let Some(value) = written.get_mut(name) {
                resolve_parameters(value, parameters);
                resolve_mappings(value, mappings);
            }
        }
        if matches!(written.get("Enabled"), Some(enabled) if is_false(enabled)) {
            return Ok(None);
        }
        if !written.contains_key("Type") {
            return Err(function.fault("'DeploymentPreference' is missing required Property 'Type'"));
        }
        let hooks = match written.get("Hooks") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(hooks)) => hooks.clone(),
            Some(_) => return Err(function.fault("'Hooks' property of 'DeploymentPreference' must be a dictionary")),
        };
        let pass_condition = match written.get("PassthroughCondition") {
            None => false,
            Some(value) if is_false(value) => false,
            Some(value) if *value == json!(true) || *value == json!("true") || *value == json!("True") => true,
            Some(_) => return Err(function.fault("Invalid value for property PassthroughCondition.")),
        };
        let condition = function.attributes.get("Condition").filter(|_| pass_condition).cloned().unwrap_or_default();
        let propagated = function.property("PropagateTags") == json!(true);
        let tags = function.object("Tags")?.filter(|_| propagated).cloned().unwrap_or_default();
        self.0.push(Preference { function: function.logical_id.clone(), written, condition, tags });
        let hook = |event: &str| hooks.get(event).filter(|function| !function.is_null()).cloned();
        Ok(Some(update_policy(&function.logical_id, hook("PreTraffic"), hook("PostTraffic"))))
    }

    /// The resources of all preferences.
    pub(super) fn resources(&self) -> Result<Made, Vec<TransformError>> {
        if self.0.is_empty() {
            return Ok((Vec::new(), None));
        }
        let (attributes, condition) = self.shared_condition();
        let mut tags = Map::new();
        self.0.iter().for_each(|preference| tags.extend(preference.tags.clone()));
        let mut application = Generated::new(APPLICATION, "AWS::CodeDeploy::Application", attributes.clone());
        application.set("ComputePlatform", json!("Lambda"));
        let mut resources = vec![application];
        if self.0.iter().any(|preference| preference.role().is_none()) {
            resources.push(service_role(attributes));
        }
        if !tags.is_empty() {
            resources.iter_mut().for_each(|resource| resource.set("Tags", Value::Array(tag_list(&tags))));
        }
        let mut faults = Vec::new();
        for preference in &self.0 {
            match preference.group() {
                Ok(group) => resources.push(group),
                Err(error) => faults.push(error),
            }
        }
        if faults.is_empty() { Ok((resources, condition)) } else { Err(faults) }
    }

    /// When every preference is conditional, so are the resources that they share.
    fn shared_condition(&self) -> (Map<String, Value>, Option<(String, Value)>) {
        let mut attributes = Map::new();
        let names: BTreeSet<&str> = self.0.iter().filter_map(|preference| preference.condition.as_str()).collect();
        if names.is_empty() || self.0.iter().any(|preference| preference.condition.is_null()) {
            return (attributes, None);
        }
        let combined = (names.len() > 1).then(|| {
            let cases: Vec<Value> = names.iter().map(|name| json!({ "Condition": name })).collect();
            (CONDITION.to_owned(), json!({ "Fn::Or": cases }))
        });
        let name = if combined.is_some() { CONDITION } else { names.first().copied().unwrap_or_default() };
        attributes.insert("Condition".to_owned(), json!(name));
        (attributes, combined)
    }
}

impl Preference {
    fn role(&self) -> Option<&Value> {
        self.written.get("Role").filter(|role| !role.is_null())
    }

    fn group(&self) -> Result<Generated, TransformError> {
        let mut attributes = Map::new();
        if !self.condition.is_null() {
            attributes.insert("Condition".to_owned(), self.condition.clone());
        }
        let id = group_id(&self.function);
        let mut group = Generated::new(id, "AWS::CodeDeploy::DeploymentGroup", attributes);
        group.set("AlarmConfiguration", self.alarms()?);
        group.set("ApplicationName", json!({ "Ref": APPLICATION }));
        group.set("AutoRollbackConfiguration", rollbacks());
        group.set("DeploymentConfigName", configuration(self.written.get("Type").unwrap_or(&Value::Null), false));
        group.set("DeploymentStyle", style());
        let own_role = json!({ "Fn::GetAtt": [SERVICE_ROLE, "Arn"] });
        group.set("ServiceRoleArn", self.role().cloned().unwrap_or(own_role));
        group.set("TriggerConfigurations", self.written.get("TriggerConfigurations").cloned().unwrap_or_default());
        if !self.tags.is_empty() {
            group.set("Tags", Value::Array(tag_list(&self.tags)));
        }
        Ok(group)
    }

    fn alarms(&self) -> Result<Value, TransformError> {
        match self.written.get("Alarms") {
            None | Some(Value::Null) => Ok(Value::Null),
            Some(none) if is_no_value(none) => Ok(Value::Null),
            Some(Value::Array(none)) if none.is_empty() => Ok(Value::Null),
            Some(alarms) if intrinsic_name(alarms) == Some("Fn::If") => {
                match alarms.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice) {
                    Some([condition, yes, no]) => {
                        let (yes, no) = (self.alarm_list(yes)?, self.alarm_list(no)?);
                        Ok(json!({ "Fn::If": [condition, yes, no] }))
                    }
                    _ => Err(super::resource::fault(&self.function, "Fn::If requires 3 arguments")),
                }
            }
            Some(alarms) => self.alarm_list(alarms),
        }
    }

    fn alarm_list(&self, alarms: &Value) -> Result<Value, TransformError> {
        let Some(alarms) = alarms.as_array() else {
            return Err(super::resource::fault(&self.function, "Alarms must be a list"));
        };
        if alarms.first().is_none_or(is_no_value) {
            return Ok(json!({}));
        }
        Ok(alarm_configuration(alarms))
    }
}

fn is_false(value: &Value) -> bool {
    *value == json!(false) || *value == json!("false") || *value == json!("False")
}

fn service_role(attributes: Map<String, Value>) -> Generated {
    let mut role = Generated::new(SERVICE_ROLE, "AWS::IAM::Role", attributes);
    role.set("AssumeRolePolicyDocument", trusts(SERVICE));
    role.set("ManagedPolicyArns", json!([aws_managed(SERVICE_POLICY)]));
    role
}

/// Known types become the predefined configuration's name, wherever they stand in an intrinsic function.
fn configuration(value: &Value, in_sub: bool) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(|item| configuration(item, false)).collect()),
        Value::Object(members) if is_intrinsic(value) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), configuration(value, name == "Fn::Sub"))).collect(),
        ),
        Value::String(name) if PREFERENCES.contains(&name.as_str()) => {
            // `Fn::Sub` does not nest.
            let arguments = json!(["CodeDeployDefault.Lambda${ConfigName}", { "ConfigName": name }]);
            if in_sub { arguments } else { json!({ "Fn::Sub": arguments }) }
        }
        other => other.clone(),
    }
}
