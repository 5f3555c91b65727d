//! `slipway plan`: the guard that a release adds to the template, as a difference of what the template expands to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use similar::TextDiff;
use slipway_local::sam;
use slipway_shared::guard::{Guarded, guard, shifted_aliases, together};
use slipway_shared::manifest::{HookNames, Manifest};
use slipway_shared::template;

use crate::cli::PlanOptions;
use crate::console;
use crate::failure::Failure;
use crate::manifest::{Read, counted, read};

/// The unchanged lines around a change.
const CONTEXT_LINES: usize = 3;

/// Prints the difference, and on stderr what it leaves alone.
///
/// # Errors
/// Fails if the manifest has faults, or if the template cannot be read, guarded or expanded.
pub fn run(options: &PlanOptions) -> Result<(), Failure> {
    let Read { manifest, .. } = read(&options.file)?;
    let path = options.file.parent().unwrap_or(Path::new("")).join(&manifest.template);
    let template = template_at(&path)?;
    let Some(Guarded { template: guarded, remarks }) = guarded(&manifest, &template, options)? else {
        console::note(&format!("{} asks for no guard: a release takes the template as it is", options.file.display()));
        return Ok(());
    };
    remarks.iter().for_each(|remark| console::note(&remark.to_string()));
    let parameters: BTreeMap<String, String> = options.parameters.iter().cloned().collect();
    let [before, after] = [&template, &guarded].map(|template| expanded(template, &parameters));
    let after = after?;
    say_together(&after, options);
    let difference = difference(&manifest.template, &before?, &after)?;
    if difference.is_empty() {
        console::note("nothing is added");
    } else {
        console::result(difference.trim_end());
    }
    Ok(())
}

fn template_at(path: &Path) -> Result<Value, Failure> {
    let unreadable =
        |error: &dyn std::fmt::Display| Failure::environment(format!("{} cannot be read", path.display()), error);
    let text = fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    template::parse(&text).map(|template| template.to_json()).map_err(|error| unreadable(&error))
}

/// Says which functions of the expanded template are released as one, if they are several, and which are not.
fn say_together(template: &Value, options: &PlanOptions) {
    let (aliases, slipway) = (shifted_aliases(template), slipway(options));
    let sorted = together(template, &aliases, &HookNames::of_stack(&slipway).pre_traffic, &slipway);
    if aliases.len() < 2 {
        return;
    }
    if sorted.aliases.len() > 1 {
        let listed = sorted.aliases.join(", ");
        console::note(&format!("{listed} are released as one: none shifts before the suites of all have passed"));
    }
    sorted.apart.iter().for_each(|apart| console::note(&apart.to_string()));
}

/// The stack whose hooks judge.
fn slipway(options: &PlanOptions) -> String {
    options.slipway.clone().unwrap_or_else(|| format!("slipway-{}", options.stage))
}

/// The guarded template; none if the manifest asks for no guard.
fn guarded(manifest: &Manifest, template: &Value, options: &PlanOptions) -> Result<Option<Guarded>, Failure> {
    let hooks = HookNames::of_stack(&slipway(options));
    let Some(mut wishes) = manifest.guard(&options.stage, hooks) else { return Ok(None) };
    wishes.parameters = options.parameters.iter().cloned().collect();
    guard(template, manifest.functions.keys().map(String::as_str), &wishes).map(Some).map_err(|faults| {
        faults.iter().for_each(|fault| console::result(&fault.to_string()));
        Failure::SaidNo(format!("{} cannot be guarded", counted(faults.len(), "function")))
    })
}

/// The plain CloudFormation that SAM makes of a template whose code a release has uploaded.
fn expanded(template: &Value, parameters: &BTreeMap<String, String>) -> Result<Value, Failure> {
    let mut template = template.clone();
    upload(&mut template);
    sam::expand(&template, parameters).map_err(|errors| {
        let listed: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::SaidNo(listed.join("\n"))
    })
}

/// Puts a place in S3 where the template names a folder: CloudFormation takes no folder, and a release uploads it before.
fn upload(template: &mut Value) {
    let Some(resources) = template["Resources"].as_object_mut() else { return };
    for resource in resources.values_mut().filter(|resource| resource["Type"] == "AWS::Lambda::Function") {
        if let Some(path) = resource.pointer("/Properties/Code").and_then(Value::as_str) {
            resource["Properties"]["Code"] = json!({ "S3Bucket": "release", "S3Key": path.trim_end_matches('/') });
        }
    }
    for code in resources.values_mut().filter_map(|resource| resource.pointer_mut("/Properties/CodeUri")) {
        if let Value::String(path) = code
            && !path.starts_with("s3://")
        {
            *path = format!("s3://release/{}", path.trim_end_matches('/'));
        }
    }
}

/// The two as unified text; empty if they are the same.
fn difference(name: &str, before: &Value, after: &Value) -> Result<String, Failure> {
    let written = |template: &Value| {
        serde_json::to_string_pretty(template)
            .map(|text| text + "\n")
            .map_err(|error| Failure::environment("the expanded template cannot be written", error))
    };
    let (before, after) = (written(before)?, written(after)?);
    let differences = TextDiff::from_lines(&before, &after);
    let mut unified = differences.unified_diff();
    unified
        .context_radius(CONTEXT_LINES)
        .header(&format!("{name}, expanded"), &format!("{name}, guarded and expanded"));
    Ok(unified.to_string())
}
