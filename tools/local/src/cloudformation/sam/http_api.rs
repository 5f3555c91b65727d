//! `AWS::Serverless::HttpApi`: the API with its OpenAPI body, and its stage.

use serde_json::{Map, Value, json};

use super::expansion::Expansion;
use super::identity::hash_of;
use super::openapi;
use super::references::resolve_parameters;
use super::resource::{Generated, SamResource, is_intrinsic};
use super::transform_error::TransformError;

/// The properties that the plane expands. `Auth`, `Domain` and `DefinitionUri` are refused by name.
pub(super) const PROPERTIES: &[&str] = &[
    "Name",
    "StageName",
    "Tags",
    "PropagateTags",
    "DefinitionBody",
    "StageVariables",
    "CorsConfiguration",
    "AccessLogSettings",
    "DefaultRouteSettings",
    "RouteSettings",
    "FailOnWarnings",
    "Description",
    "DisableExecuteApiEndpoint",
];

const CORS: [(&str, &str); 6] = [
    ("AllowOrigins", "allowOrigins"),
    ("AllowHeaders", "allowHeaders"),
    ("AllowMethods", "allowMethods"),
    ("ExposeHeaders", "exposeHeaders"),
    ("MaxAge", "maxAge"),
    ("AllowCredentials", "allowCredentials"),
];

/// The tag that SAM puts on every API it makes.
const CREATED_BY: &str = "httpapi:createdBy";

pub(super) fn expand(expansion: &mut Expansion<'_>, api: &SamResource) -> Result<Vec<Generated>, TransformError> {
    let mut body = api.property("DefinitionBody");
    if !openapi::is_valid(&body) {
        return Err(api.fault("DefinitionBody must be an OpenAPI 3 document"));
    }
    add_cors(expansion, api, &mut body)?;
    let mut tags = api.object("Tags")?.cloned().unwrap_or_default();
    tags.insert(CREATED_BY.to_owned(), json!("SAM"));
    tags.iter().for_each(|(name, value)| openapi::add_tag(&mut body, name, value));
    add_endpoint_configuration(api, &mut body);
    add_information(api, &mut body)?;

    let mut made = Generated::new(api.logical_id.clone(), "AWS::ApiGatewayV2::Api", api.attributes.clone());
    made.depends_on = api.depends_on.clone();
    let fail_on_warnings = api.property("FailOnWarnings");
    if fail_on_warnings != json!(false) {
        if !fail_on_warnings.is_null() {
            rename_default_path(&mut body);
        }
        made.set("FailOnWarnings", fail_on_warnings);
    }
    made.set("Body", body);
    let stage = stage(api, tags);
    expansion.links.add(&api.logical_id, "Stage", &stage.logical_id);
    Ok(vec![made, stage])
}

fn stage(api: &SamResource, tags: Map<String, Value>) -> Generated {
    let name = match api.property("StageName") {
        Value::Null => json!("$default"),
        name => name,
    };
    let id = &api.logical_id;
    let logical_id = match name.as_str().unwrap_or_default() {
        "$default" => format!("{id}ApiGatewayDefaultStage"),
        "" => format!("{id}Stage"),
        plain if plain.chars().all(char::is_alphanumeric) => format!("{id}{plain}Stage"),
        other => format!("{id}Stage{}", hash_of(&json!(other))),
    };
    let mut stage = Generated::new(logical_id, "AWS::ApiGatewayV2::Stage", api.passed_on());
    stage.set("ApiId", json!({ "Ref": id }));
    stage.set("StageName", name);
    for name in ["StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings"] {
        stage.set(name, api.property(name));
    }
    stage.set("Tags", Value::Object(tags));
    stage.set("AutoDeploy", json!(true));
    stage
}

fn add_cors(expansion: &Expansion<'_>, api: &SamResource, body: &mut Value) -> Result<(), TransformError> {
    let mut written = api.property("CorsConfiguration");
    resolve_parameters(&mut written, &expansion.parameters);
    let mut cors = body.get("x-amazon-apigateway-cors").and_then(Value::as_object).cloned().unwrap_or_default();
    match &written {
        Value::Null | Value::Bool(false) => return Ok(()),
        Value::Bool(true) => {
            cors.insert("allowOrigins".to_owned(), json!(["*"]));
        }
        intrinsic if is_intrinsic(intrinsic) => {
            return Err(api.fault("an intrinsic function as CorsConfiguration is not supported by the local plane"));
        }
        Value::Object(members) => {
            for (name, value) in members {
                let Some((_, member)) = CORS.iter().find(|(property, _)| property == name) else {
                    return Err(api.fault(format!("Invalid key '{name}' for 'Cors' property.")));
                };
                // Credentials are written only when they are allowed.
                if name != "AllowCredentials" || *value == json!(true) {
                    cors.insert((*member).to_owned(), value.clone());
                }
            }
        }
        _ => return Err(api.fault("Invalid value for 'Cors' property.")),
    }
    if cors.get("allowCredentials") == Some(&json!(true)) && cors.get("allowOrigins") == Some(&json!(["*"])) {
        let message = "'AllowCredentials' can not be true when 'AllowOrigin' is \"'*'\" or not set.";
        return Err(api.fault(format!("Unable to add Cors configuration because {message}")));
    }
    body["x-amazon-apigateway-cors"] = Value::Object(cors);
    Ok(())
}

fn add_endpoint_configuration(api: &SamResource, body: &mut Value) {
    let disabled = api.property("DisableExecuteApiEndpoint");
    if disabled.is_null() {
        return;
    }
    let mut servers = body.get("servers").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![json!({})]);
    for server in &mut servers {
        server["x-amazon-apigateway-endpoint-configuration"]["disableExecuteApiEndpoint"] = disabled.clone();
    }
    body["servers"] = Value::Array(servers);
}

fn add_information(api: &SamResource, body: &mut Value) -> Result<(), TransformError> {
    let (name, description) = (api.property("Name"), api.property("Description"));
    if !name.is_null() {
        if body.pointer("/info/title") != Some(&openapi::default_title()) {
            return Err(api.fault("Unable to set Name because it is already defined within 'DefinitionBody'."));
        }
        body["info"]["title"] = name;
    }
    if !description.is_null() {
        if body.pointer("/info/description").is_some() {
            return Err(api.fault("Unable to set Description because it is already defined within 'DefinitionBody'."));
        }
        body["info"]["description"] = description;
    }
    Ok(())
}

/// With `FailOnWarnings` the import must not warn that `$default` has no leading slash.
fn rename_default_path(body: &mut Value) {
    if let Some(paths) = body.get_mut("paths").and_then(Value::as_object_mut)
        && let Some(item) = paths.shift_remove(openapi::DEFAULT_PATH)
    {
        paths.insert(format!("/{}", openapi::DEFAULT_PATH), item);
    }
}
