//! `AWS::Serverless::Function`: the function, its role, version, alias, destinations and event sources.

use serde_json::{Value, json};

use super::asynchronous::{dead_letters, event_invoke_config};
use super::code::code;
use super::events;
use super::expansion::Expansion;
use super::http_event;
use super::references::resolve_parameters;
use super::resource::{Generated, SamResource, tag_list};
use super::role::{execution_role, traced};
use super::target::{PublishedAlias, Target};
use super::transform_error::TransformError;
use super::version::{alias, resolved_text, version};

/// The properties that the plane expands. The rest (`VpcConfig`, `FunctionUrlConfig`, `SnapStart` …) is refused by name.
pub(super) const PROPERTIES: &[&str] = &[
    "FunctionName",
    "Handler",
    "Runtime",
    "CodeUri",
    "InlineCode",
    "PackageType",
    "Description",
    "MemorySize",
    "Timeout",
    "Role",
    "AssumeRolePolicyDocument",
    "Policies",
    "RolePath",
    "PermissionsBoundary",
    "Environment",
    "Events",
    "Tags",
    "PropagateTags",
    "Tracing",
    "DeadLetterQueue",
    "DeploymentPreference",
    "ReservedConcurrentExecutions",
    "EventInvokeConfig",
    "EphemeralStorage",
    "AutoPublishAlias",
    "AutoPublishCodeSha256",
    "AutoPublishAliasAllProperties",
    "VersionDescription",
    "VersionDeletionPolicy",
    "Architectures",
    "LoggingConfig",
    "RuntimeManagementConfig",
    "RecursiveLoop",
    "KmsKeyArn",
    "Layers",
];

/// Properties that go to the function as they are.
const PLAIN: [&str; 15] = [
    "FunctionName",
    "Handler",
    "Runtime",
    "Description",
    "MemorySize",
    "Timeout",
    "Role",
    "Environment",
    "ReservedConcurrentExecutions",
    "Architectures",
    "EphemeralStorage",
    "Layers",
    "LoggingConfig",
    "RuntimeManagementConfig",
    "RecursiveLoop",
];

const RESERVED_TAGS: [&str; 3] = ["lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"];

/// Expands one function: its role, its alias and version, its event sources and the function itself.
pub(super) fn expand(expansion: &mut Expansion<'_>, function: &SamResource) -> Result<Vec<Generated>, TransformError> {
    let tags = tags(function)?;
    let mut lambda = lambda_function(function, &tags)?;
    let mut resources = Vec::new();
    let alias = publish(expansion, function, &mut lambda, &mut resources)?;

    let preference = function.object("DeploymentPreference")?;
    if let Some(preference) = preference {
        let policy = expansion.deployments.add(function, preference, &expansion.parameters, &expansion.mappings)?;
        match (policy, resources.iter_mut().find(|r| r.kind == "AWS::Lambda::Alias")) {
            (Some(policy), Some(alias)) => {
                alias.attributes.insert("UpdatePolicy".to_owned(), policy);
            }
            (Some(_), None) => {
                let message = "'DeploymentPreference' requires AutoPublishAlias property to be specified.";
                return Err(function.fault(message));
            }
            (None, _) => {}
        }
    }

    let mut inline = dead_letters(function, &mut lambda)?;
    inline.extend(event_invoke_config(expansion, function, alias.as_ref(), &mut resources)?);
    let role = execution_role(function, tags, inline)?;
    if !lambda.properties.contains_key("Role") {
        lambda.set("Role", json!({ "Fn::GetAtt": [role.logical_id, "Arn"] }));
        resources.push(role);
    }
    let passed_on = function.passed_on();
    let target = match alias {
        Some(alias) => Target { logical_id: alias.logical_id, is_alias: true, attributes: passed_on },
        None => Target { logical_id: function.logical_id.clone(), is_alias: false, attributes: passed_on },
    };
    resources.insert(0, lambda);
    resources.extend(event_sources(expansion, function, &target)?);
    propagate_tags(function, &mut resources)?;
    Ok(resources)
}

fn lambda_function(function: &SamResource, tags: &[Value]) -> Result<Generated, TransformError> {
    match function.property("PackageType") {
        Value::Null => {}
        zip if zip == json!("Zip") => {}
        _ => return Err(function.fault("only PackageType Zip is supported by the local plane")),
    }
    let mut lambda = Generated::new(function.logical_id.clone(), "AWS::Lambda::Function", function.attributes.clone());
    lambda.depends_on = function.depends_on.clone();
    lambda.set("Code", code(function)?);
    for name in PLAIN {
        lambda.set(name, function.property(name));
    }
    lambda.set("PackageType", function.property("PackageType"));
    lambda.set("KmsKeyArn", function.property("KmsKeyArn"));
    lambda.set("Tags", Value::Array(tags.to_vec()));
    if traced(function) {
        lambda.set("TracingConfig", json!({ "Mode": function.property("Tracing") }));
    }
    if lambda.properties.get("Runtime").is_none() || lambda.properties.get("Handler").is_none() {
        return Err(function.fault("Runtime and Handler needs to be present when PackageType is of type `Zip`"));
    }
    Ok(lambda)
}

/// `AutoPublishAlias`: a version and an alias on it.
fn publish(
    expansion: &mut Expansion<'_>,
    function: &SamResource,
    lambda: &mut Generated,
    resources: &mut Vec<Generated>,
) -> Result<Option<PublishedAlias>, TransformError> {
    let Some(name) = resolved_text(function, "AutoPublishAlias", &expansion.parameters)? else {
        let needs = ["VersionDeletionPolicy", "AutoPublishCodeSha256"];
        return match needs.into_iter().find(|name| function.properties.contains_key(*name)) {
            Some(property) => Err(function.fault(format!("'{property}' requires 'AutoPublishAlias'."))),
            None => Ok(None),
        };
    };
    let code_sha256 = resolved_text(function, "AutoPublishCodeSha256", &expansion.parameters)?;
    if let Some(hash) = &code_sha256 {
        describe_code(expansion, lambda, hash);
    }
    if let Some(code) = lambda.properties.get_mut("Code") {
        // The translator resolves in place, so the function's own code comes out resolved, too.
        resolve_parameters(code, &expansion.parameters);
    }
    let version = version(function, lambda, code_sha256.as_deref())?;
    let alias = alias(function, &name, &version)?;
    expansion.links.add(&function.logical_id, "Version", &version.logical_id);
    expansion.links.add(&function.logical_id, "Alias", &alias.logical_id);
    let published = PublishedAlias { logical_id: alias.logical_id.clone(), name };
    resources.extend([version, alias]);
    Ok(Some(published))
}

/// Lambda publishes no version when code and configuration are the same, so the hash goes to the description.
fn describe_code(expansion: &Expansion<'_>, lambda: &mut Generated, hash: &str) {
    let mut description = lambda.properties.get("Description").cloned().unwrap_or_default();
    resolve_parameters(&mut description, &expansion.parameters);
    let described = match &description {
        Value::Null => json!(hash),
        Value::String(text) if text.is_empty() => json!(hash),
        Value::String(text) => json!(format!("{text} {hash}")),
        other => json!({ "Fn::Join": [" ", [other, hash]] }),
    };
    lambda.set("Description", described);
}

fn event_sources(
    expansion: &mut Expansion<'_>,
    function: &SamResource,
    target: &Target,
) -> Result<Vec<Generated>, TransformError> {
    let Some(written) = function.object("Events")? else { return Ok(Vec::new()) };
    let mut sources: Vec<(&String, &Value)> = written.iter().collect();
    // By path, so that `$default` comes before the paths that it makes permissions redundant for.
    sources.sort_by_key(|(name, event)| {
        event.pointer("/Properties/Path").and_then(Value::as_str).unwrap_or(name).to_owned()
    });
    let mut resources = Vec::new();
    for (name, event) in sources {
        let source = events::Source::read(function, name, event)?;
        if source.kind == "HttpApi" {
            resources.extend(http_event::connect(expansion, &source, target)?);
        } else {
            resources.extend(events::expand(&source, target)?);
        }
    }
    Ok(resources)
}

fn tags(function: &SamResource) -> Result<Vec<Value>, TransformError> {
    let own = function.object("Tags")?;
    if let Some(reserved) = RESERVED_TAGS.into_iter().find(|tag| own.is_some_and(|own| own.contains_key(*tag))) {
        return Err(function.fault(format!("{reserved} is a reserved Tag key name and cannot be set")));
    }
    let mut tags = vec![json!({ "Key": "lambda:createdBy", "Value": "SAM" })];
    tags.extend(own.map(tag_list).unwrap_or_default());
    Ok(tags)
}

/// `PropagateTags`: the function's own tags, and only those, on everything it generates that has tags.
fn propagate_tags(function: &SamResource, resources: &mut [Generated]) -> Result<(), TransformError> {
    let wanted = function.property("PropagateTags") == json!(true);
    let Some(tags) = function.object("Tags")?.filter(|tags| wanted && !tags.is_empty()) else { return Ok(()) };
    for resource in resources {
        if matches!(resource.kind, "AWS::Lambda::Function" | "AWS::IAM::Role") {
            resource.set("Tags", Value::Array(tag_list(tags)));
        }
    }
    Ok(())
}
