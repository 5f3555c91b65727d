//! `HttpApi` events before anything is expanded: the API that they imply, and its paths.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::openapi;
use super::resource::{fault, only_if};
use super::transform_error::TransformError;

/// The API that events without `ApiId` belong to.
const IMPLICIT_API: &str = "ServerlessHttpApi";
const IMPLICIT_CONDITION: &str = "ServerlessHttpApiCondition";
const HTTP_API: &str = "AWS::Serverless::HttpApi";

/// The condition of each method of each path of each API; null where a method is unconditional.
type Conditions = BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>;

/// Gives every API that SAM writes a body, makes the implicit API, and adds the paths of all
/// `HttpApi` events, before globals are merged. Answers the APIs whose bodies SAM writes.
pub(super) fn link(template: &mut Map<String, Value>) -> Result<BTreeSet<String>, Vec<TransformError>> {
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else {
        return Ok(BTreeSet::new());
    };
    let mut managed = give_bodies(resources);
    let (mut conditions, mut faults) = (Conditions::new(), Vec::new());
    let mut inherited = Inherited::default();
    let functions: Vec<String> = resources
        .iter()
        .filter(|(_, resource)| is_kind(resource, "AWS::Serverless::Function"))
        .map(|(logical_id, _)| logical_id.clone())
        .collect();
    for function in functions {
        let linked = link_function(resources, &function, &mut managed, &mut conditions, &mut inherited);
        faults.extend(linked.err());
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut combined = make_paths_conditional(resources, &managed, &conditions);
    if let Some(implicit) = resources.get_mut(IMPLICIT_API).filter(|_| managed.contains(IMPLICIT_API)) {
        combined.extend(inherited.apply(implicit, conditions.get(IMPLICIT_API)));
    }
    if !combined.is_empty()
        && let Some(all) = template.entry("Conditions").or_insert_with(|| json!({})).as_object_mut()
    {
        all.extend(combined);
    }
    Ok(managed)
}

fn is_kind(resource: &Value, kind: &str) -> bool {
    resource.get("Type").and_then(Value::as_str) == Some(kind)
}

fn give_bodies(resources: &mut Map<String, Value>) -> BTreeSet<String> {
    let mut managed = BTreeSet::new();
    for (logical_id, resource) in resources.iter_mut().filter(|(_, resource)| is_kind(resource, HTTP_API)) {
        let Some(resource) = resource.as_object_mut() else { continue };
        let properties = resource.entry("Properties").or_insert_with(|| json!({}));
        let Some(properties) = properties.as_object_mut() else { continue };
        if !properties.contains_key("DefinitionBody") && !properties.contains_key("DefinitionUri") {
            properties.insert("DefinitionBody".to_owned(), openapi::skeleton());
            managed.insert(logical_id.clone());
        }
    }
    managed
}

/// The policies and tags that the implicit API inherits from the functions behind it.
#[derive(Debug, Default)]
struct Inherited {
    policies: BTreeMap<&'static str, BTreeSet<String>>,
    tags: Map<String, Value>,
}

impl Inherited {
    fn take(&mut self, function: &Value) {
        for name in ["DeletionPolicy", "UpdateReplacePolicy"] {
            if let Some(policy) = function.get(name).and_then(Value::as_str) {
                self.policies.entry(name).or_default().insert(policy.to_owned());
            }
        }
        let properties = function.get("Properties");
        if properties.and_then(|p| p.get("PropagateTags")).is_some_and(|value| *value == json!(true))
            && let Some(tags) = properties.and_then(|p| p.get("Tags")).and_then(Value::as_object)
        {
            self.tags.extend(tags.clone());
        }
    }

    /// Puts them on the API; answers the condition that the template needs for it.
    fn apply(
        self,
        implicit: &mut Value,
        conditions: Option<&BTreeMap<String, BTreeMap<String, Value>>>,
    ) -> Option<(String, Value)> {
        // The most careful policy wins.
        for (name, found) in self.policies {
            let strongest = ["Retain", "Snapshot", "Delete"].into_iter().find(|policy| found.contains(*policy));
            if let Some(policy) = strongest {
                implicit[name] = json!(policy);
            }
        }
        if !self.tags.is_empty() {
            implicit["Properties"]["Tags"] = Value::Object(self.tags);
        }
        let methods = conditions.into_iter().flatten().flat_map(|(_, methods)| methods.values());
        let (condition, definition) = one_condition(methods, IMPLICIT_CONDITION)?;
        implicit["Condition"] = json!(condition);
        definition.map(|definition| (condition, definition))
    }
}

/// The condition under which any of these exists: none, when one of them always does.
fn one_condition<'a>(all: impl Iterator<Item = &'a Value>, name: &str) -> Option<(String, Option<Value>)> {
    let names: Option<BTreeSet<&str>> = all.map(Value::as_str).collect();
    let names = names.filter(|names| !names.is_empty())?;
    if names.len() == 1 {
        return names.first().map(|only| ((*only).to_owned(), None));
    }
    let cases: Vec<Value> = names.iter().map(|name| json!({ "Condition": name })).collect();
    Some((name.to_owned(), Some(json!({ "Fn::Or": cases }))))
}

fn link_function(
    resources: &mut Map<String, Value>,
    function: &str,
    managed: &mut BTreeSet<String>,
    conditions: &mut Conditions,
    inherited: &mut Inherited,
) -> Result<(), TransformError> {
    let Some(written) = resources.get(function).cloned() else { return Ok(()) };
    let condition = written.get("Condition").cloned().unwrap_or_default();
    let events = written.pointer("/Properties/Events").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, mut event) in events {
        if !is_kind(&event, "HttpApi") {
            continue;
        }
        let wrong = |message: &str| fault(function, format!("event {name}: {message}"));
        let route = Route::complete(&mut event).map_err(|message| wrong(&message))?;
        if route.implicit {
            if !managed.contains(IMPLICIT_API) && resources.contains_key(IMPLICIT_API) {
                return Err(wrong("the implicit API ServerlessHttpApi is a resource of the template's own"));
            }
            managed.insert(IMPLICIT_API.to_owned());
            resources.entry(IMPLICIT_API).or_insert_with(
                || json!({ "Type": HTTP_API, "Properties": { "DefinitionBody": openapi::skeleton() } }),
            );
            inherited.take(&written);
        }
        let api = resources.get_mut(&route.api).ok_or_else(|| {
            wrong("ApiId must be a valid reference to an 'AWS::Serverless::HttpApi' resource in same template.")
        })?;
        let of_path = conditions.entry(route.api.clone()).or_default().entry(route.path.clone()).or_default();
        of_path.insert(route.method.clone(), condition.clone());
        if managed.contains(&route.api)
            && let Some(body) = api.pointer_mut("/Properties/DefinitionBody")
        {
            openapi::add_path(body, &route.path, &route.method);
        }
        add_route_settings(api, &route, &event, &condition);
        if let Some(own) = resources.get_mut(function).and_then(|f| f.pointer_mut("/Properties/Events")) {
            own[name.as_str()] = event;
        }
    }
    Ok(())
}

/// The place of an event: its API, path and method.
struct Route {
    api: String,
    path: String,
    method: String,
    implicit: bool,
}

impl Route {
    /// Fills in the defaults in the event: the implicit API, and every path when none is named.
    fn complete(event: &mut Value) -> Result<Self, String> {
        let body = event.as_object_mut().ok_or("an event must be a map")?;
        let properties = body.entry("Properties").or_insert_with(|| json!({}));
        if properties.is_null() {
            *properties = json!({});
        }
        let properties = properties.as_object_mut().ok_or("Properties should be a map")?;
        let implicit = !properties.contains_key("ApiId");
        if implicit {
            properties.insert("ApiId".to_owned(), json!({ "Ref": IMPLICIT_API }));
        }
        if !properties.contains_key("Path") && !properties.contains_key("Method") {
            properties.insert("Path".to_owned(), json!(openapi::DEFAULT_PATH));
            properties.insert("Method".to_owned(), json!(openapi::ANY_METHOD));
        }
        let text = |name: &str| {
            let value = properties.get(name).and_then(Value::as_str).map(str::to_owned);
            value.ok_or_else(|| format!("{name} must be a string"))
        };
        let (path, method) = (text("Path")?, text("Method")?);
        let id = properties.get("ApiId").unwrap_or(&Value::Null);
        let api = id.get("Ref").unwrap_or(id).as_str().ok_or("ApiId must be a string or a Ref to one")?.to_owned();
        Ok(Self { api, path, method, implicit })
    }
}

fn add_route_settings(api: &mut Value, route: &Route, event: &Value, condition: &Value) {
    let Some(settings) = event.pointer("/Properties/RouteSettings") else { return };
    let settings = if condition.is_null() { settings.clone() } else { only_if(condition, settings.clone()) };
    let key = if route.method == openapi::ANY_METHOD {
        route.path.clone()
    } else {
        format!("{} {}", route.method.to_uppercase(), route.path)
    };
    let all = api.pointer_mut("/Properties").and_then(Value::as_object_mut);
    let Some(all) = all.and_then(|all| all.entry("RouteSettings").or_insert_with(|| json!({})).as_object_mut()) else {
        return;
    };
    let own = all.entry(key).or_insert_with(|| json!({}));
    if let (Some(own), Some(settings)) = (own.as_object_mut(), settings.as_object()) {
        own.extend(settings.clone());
    }
}

/// A path all of whose methods are conditional is itself; answers the conditions that the template needs for that.
fn make_paths_conditional(
    resources: &mut Map<String, Value>,
    managed: &BTreeSet<String>,
    conditions: &Conditions,
) -> Map<String, Value> {
    let mut needed = Map::new();
    for api in managed {
        let Some(paths) = resources.get_mut(api).and_then(|r| r.pointer_mut("/Properties/DefinitionBody/paths")) else {
            continue;
        };
        for (path, methods) in conditions.get(api).into_iter().flatten() {
            let id = path.replace('/', "SLASH").replace('{', "OB").replace('}', "CB");
            let name = format!("{api}{id}PathCondition");
            let Some((condition, definition)) = one_condition(methods.values(), &name) else { continue };
            if let Some(definition) = definition {
                needed.insert(condition.clone(), definition);
            }
            if let Some(item) = paths.get_mut(path) {
                *item = only_if(&json!(condition), item.take());
            }
        }
    }
    needed
}
