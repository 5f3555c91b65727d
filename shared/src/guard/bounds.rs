//! The path and the boundary of every role that a release makes: the execution role of `pipeline.yaml` makes no other
//! (docs/adr/0021-a-release-stays-within-a-boundary.md). A template that says neither is given both.

use serde_json::{Map, Value, json};

use super::functions::Guardable;
use super::serverless::needs_service_role;
use super::service_role;
use crate::identity::ApplicationName;

/// The path of the pipeline's own roles and of the boundary.
const PIPELINE: &str = "/slipway-pipeline/";
const BOUNDARY: &str = "PermissionsBoundary";

/// Path and boundary of an application's released roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    path: String,
    boundary: Value,
}

impl Bounds {
    /// The bounds that an execution role asks for; none if it is no role of `pipeline.yaml`.
    #[must_use]
    pub fn of(application: &ApplicationName, execution_role_arn: &str) -> Option<Self> {
        let application = application.as_str();
        let arn = format!(
            "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy{PIPELINE}{application}-released-${{AWS::Region}}"
        );
        let is_ours = execution_role_arn.contains(&format!(":role{PIPELINE}"));
        is_ours.then(|| Self { path: format!("/slipway/{application}/"), boundary: json!({ "Fn::Sub": arn }) })
    }

    /// Gives both to every role of a template, and to those that SAM makes for it, where the template does not say another.
    pub fn give(&self, template: &mut Value) {
        let written = template.clone();
        for function in Guardable::serverless(&written).filter(|function| function.property("Role").is_none()) {
            if let Some(own) = properties(template, function.logical_id) {
                let (path, boundary) = (function.property("RolePath"), function.property(BOUNDARY));
                self.set(own, "RolePath", [path, boundary].map(|said| said.is_some()));
            }
        }
        self.bound_service_role(template);
        let roles = resources(&written).filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role");
        for (logical_id, _) in roles {
            if let Some(own) = properties(template, logical_id) {
                let said = ["Path", BOUNDARY].map(|name| own.contains_key(name));
                self.set(own, "Path", said);
            }
        }
    }

    /// Gives CodeDeploy a role with both, where SAM would make one without.
    fn bound_service_role(&self, template: &mut Value) {
        let written = template.clone();
        for function in Guardable::serverless(&written).filter(needs_service_role) {
            let Some(own) = properties(template, function.logical_id) else { continue };
            // The members of `Globals` stay there: SAM puts the two together.
            let preference = own.entry("DeploymentPreference").or_insert_with(|| json!({}));
            let Some(preference) = preference.as_object_mut() else { continue };
            preference.insert("Role".to_owned(), json!({ "Fn::GetAtt": [service_role::BOUNDED, "Arn"] }));
            let mut role = service_role::role(&function);
            role["Properties"]["Path"] = json!(self.path);
            role["Properties"][BOUNDARY] = self.boundary.clone();
            template["Resources"][service_role::BOUNDED] = role;
        }
    }

    fn set(&self, properties: &mut Map<String, Value>, path: &str, [has_path, has_boundary]: [bool; 2]) {
        if !has_path {
            properties.insert(path.to_owned(), json!(self.path));
        }
        if !has_boundary {
            properties.insert(BOUNDARY.to_owned(), self.boundary.clone());
        }
    }
}

fn resources(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template["Resources"].as_object().into_iter().flatten()
}

/// The properties of a resource, which may have none yet; nothing if they are no object.
fn properties<'a>(template: &'a mut Value, logical_id: &str) -> Option<&'a mut Map<String, Value>> {
    let resource = template.get_mut("Resources")?.get_mut(logical_id)?.as_object_mut()?;
    resource.entry("Properties").or_insert_with(|| json!({})).as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(role: &str) -> Option<Bounds> {
        Bounds::of(&"shop".parse().unwrap(), role)
    }

    fn given(resources: Value) -> Value {
        let mut template = json!({ "Resources": resources });
        bounds("arn:aws:iam::000000000000:role/slipway-pipeline/execution").unwrap().give(&mut template);
        template["Resources"].take()
    }

    fn boundary() -> Value {
        json!({ "Fn::Sub":
            "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/slipway-pipeline/shop-released-${AWS::Region}" })
    }

    #[test]
    fn a_role_of_another_pipeline_asks_for_nothing() {
        assert_eq!(bounds("arn:aws:iam::000000000000:role/execution"), None);
    }

    #[test]
    fn every_role_gets_what_it_lacks() {
        let role = |properties: Value| json!({ "Type": "AWS::IAM::Role", "Properties": properties });
        let own = json!({ "Path": "/slipway/shop/own/", "PermissionsBoundary": "arn:own" });
        let after = given(json!({ "A": role(json!({})), "B": role(own.clone()), "C": { "Type": "AWS::SNS::Topic" } }));
        assert_eq!(after["A"]["Properties"], json!({ "Path": "/slipway/shop/", "PermissionsBoundary": boundary() }));
        assert_eq!(after["B"]["Properties"], own);
        assert_eq!(after["C"], json!({ "Type": "AWS::SNS::Topic" }));
    }

    #[test]
    fn the_roles_that_sam_makes_get_them_too() {
        let function = |properties: Value| json!({ "Type": "AWS::Serverless::Function", "Properties": properties });
        let after = given(json!({
            "Made": function(json!({})),
            "Named": function(json!({ "Role": "arn:role" })),
            "Shifted": function(json!({ "DeploymentPreference": { "Type": "AllAtOnce" } })),
            "Still": function(json!({ "Role": "arn:role", "DeploymentPreference": { "Enabled": false } })),
        }));
        let both = json!({ "RolePath": "/slipway/shop/", "PermissionsBoundary": boundary() });
        assert_eq!(after["Made"]["Properties"], both);
        assert_eq!(after["Named"]["Properties"], json!({ "Role": "arn:role" }));
        let preference = &after["Shifted"]["Properties"]["DeploymentPreference"];
        assert_eq!(preference["Role"], json!({ "Fn::GetAtt": ["GuardServiceRole", "Arn"] }));
        let service = &after["GuardServiceRole"]["Properties"];
        assert_eq!((&service["Path"], &service["PermissionsBoundary"]), (&json!("/slipway/shop/"), &boundary()));
        assert_eq!(after["Still"]["Properties"]["DeploymentPreference"], json!({ "Enabled": false }));
    }
}
