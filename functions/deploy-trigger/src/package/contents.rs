//! The contents of a release: packages, template, digest.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_shared::artifact::{
    Bundle, BundleError, PackageError, PackageFile, SHA256SUMS, Sha256Digest, SumsError, reproducible_zip, verify_sums,
};
use slipway_shared::guard::{Bounds, Guarded, Remark, guard};
use slipway_shared::manifest::{self, HookNames, Manifest, ReadFile, ReadFileError};
use slipway_shared::objects::ObjectLocation;
use slipway_shared::overrides::{AlarmOverride, leave_out};
use slipway_shared::reading::Faults;
use slipway_shared::template::{TemplateError, parse};
use thiserror::Error;

use super::{CodeReferenceError, LocalCode, code_references, point_to};
use crate::settings::{Checksums, Settings};

/// The manifest's path inside the build artifact.
const MANIFEST: &str = "slipway.yaml";

/// Something to be stored under its address: a zip, or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) location: ObjectLocation,
    pub(crate) content: Vec<u8>,
}

/// Everything a release consists of.
#[derive(Debug)]
pub(crate) struct Packaged {
    /// The zips, each once.
    pub(crate) packages: Vec<Package>,
    /// The manifest in its canonical form, if the artifact has one.
    pub(crate) manifest: Option<Package>,
    /// The template with every reference pointing to a package, as JSON.
    pub(crate) template: String,
    /// The place of the template in S3.
    pub(crate) template_location: ObjectLocation,
    /// The names of the template's parameters.
    pub(crate) parameters: Vec<String>,
    /// The release's identity: the sum over the template, the manifest and every package.
    pub(crate) digest: Sha256Digest,
    /// The overrides that left an alarm out of a deployment group.
    pub(crate) overridden: Vec<AlarmOverride>,
    /// Remarks for people on the template's guard.
    pub(crate) remarks: Vec<Remark>,
}

/// An artifact that cannot be released.
#[derive(Debug, Error)]
pub(crate) enum PackageFault {
    #[error("the artifact cannot be read")]
    Bundle(#[from] BundleError),
    #[error("the artifact is not what the build made")]
    Sums(#[from] SumsError),
    #[error("the artifact has no template {0}")]
    NoTemplate(String),
    #[error("the template {0} is not UTF-8")]
    NotText(String),
    #[error("the template {path} cannot be read")]
    Template {
        path: String,
        #[source]
        source: TemplateError,
    },
    #[error("the manifest {MANIFEST} cannot be used")]
    Manifest(#[from] Faults),
    #[error("the template cannot be guarded: {0}")]
    Guard(String),
    #[error("the template's code cannot be released")]
    Reference(#[from] CodeReferenceError),
    #[error("{owner} refers to {path}, which the artifact does not hold")]
    NoCode { owner: String, path: String },
    #[error("{owner}'s folder {path} has no bootstrap")]
    NoBootstrap { owner: String, path: String },
    #[error("a package could not be written")]
    Package(#[from] PackageError),
    #[error("the template could not be written as JSON")]
    Json(#[source] serde_json::Error),
}

/// Verifies the artifact's bytes and makes of them what is released. Pure: the same bytes always give the same release, whichever
/// alarms are overridden meanwhile.
pub(crate) fn package(
    artifact: &[u8],
    settings: &Settings,
    overrides: &[AlarmOverride],
) -> Result<Packaged, PackageFault> {
    let bundle = Bundle::from_zip(artifact)?;
    if settings.checksums == Checksums::Required || bundle.file(SHA256SUMS).is_some() {
        verify_sums(&bundle)?;
    }
    let mut template = read_template(&bundle, &settings.template)?;
    if let Some(bounds) =
        settings.execution_role_arn.as_deref().and_then(|role| Bounds::of(&settings.application, role))
    {
        bounds.give(&mut template);
    }
    let manifest = read_manifest(&bundle)?;
    // The identity is made of what the template says and what its code is, not of where either is stored.
    let source = guarded(&template, manifest.as_ref(), settings)?.template;
    let source = serde_json::to_string(&source).map_err(PackageFault::Json)?;
    let mut identity = format!("template {}\n", Sha256Digest::of(source.as_bytes()));
    let kept = manifest.as_ref().map(|manifest| stored(manifest, settings));
    if let Some(manifest) = &kept {
        identity += &format!("manifest {}\n", Sha256Digest::of(&manifest.content));
    }
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for code in code_references(&template)? {
        let content = content_of(&bundle, &code)?;
        let address = Sha256Digest::of(&content);
        identity += &format!("{} {address}\n", code.pointer);
        let location = ObjectLocation::new(&settings.artifact_bucket, format!("functions/{address}.zip"));
        point_to(&mut template, &code, &location);
        packages.entry(location.key.clone()).or_insert(Package { location, content });
    }
    // Once more, since the version of a plain function is named after the place of its code.
    let Guarded { mut template, remarks } = guarded(&template, manifest.as_ref(), settings)?;
    let overridden = leave_out(&mut template, &settings.stack, overrides).into_iter().cloned().collect();
    let parameters = template["Parameters"].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
    let template = serde_json::to_string(&template).map_err(PackageFault::Json)?;
    let key = format!("templates/{}.json", Sha256Digest::of(template.as_bytes()));
    Ok(Packaged {
        packages: packages.into_values().collect(),
        manifest: kept,
        template,
        template_location: ObjectLocation::new(&settings.artifact_bucket, key),
        parameters,
        digest: Sha256Digest::of(identity.as_bytes()),
        overridden,
        remarks,
    })
}

/// The manifest with all that it names. An artifact need not have one.
fn read_manifest(bundle: &Bundle) -> Result<Option<Manifest>, PackageFault> {
    if bundle.file(MANIFEST).is_none() {
        return Ok(None);
    }
    Ok(Some(manifest::load(&Files(bundle), MANIFEST).manifest?))
}

/// The manifest as one text, under its address.
fn stored(manifest: &Manifest, settings: &Settings) -> Package {
    let content = manifest.to_canonical().into_bytes();
    let key = format!("manifests/{}.json", Sha256Digest::of(&content));
    Package { location: ObjectLocation::new(&settings.artifact_bucket, key), content }
}

/// The template with the guard that the manifest asks for; the hooks are those of this trigger's own stack.
fn guarded(template: &Value, manifest: Option<&Manifest>, settings: &Settings) -> Result<Guarded, PackageFault> {
    let Some((manifest, guarding)) = manifest.and_then(|manifest| Some((manifest, manifest.guard.as_ref()?))) else {
        return Ok(Guarded { template: template.clone(), remarks: Vec::new() });
    };
    let mut wishes = guarding.guard(&settings.stage, HookNames::of_stack(&settings.stack));
    let declared = template["Parameters"].as_object().into_iter().flatten();
    wishes.parameters = declared.filter_map(|(name, _)| Some((name.clone(), settings.parameter(name)?))).collect();
    let functions = manifest.functions.keys().map(String::as_str);
    guard(template, functions, &wishes).map_err(|faults| {
        let listed: Vec<String> = faults.iter().map(ToString::to_string).collect();
        PackageFault::Guard(listed.join("; "))
    })
}

/// The files of an artifact, for a manifest that names some of them.
struct Files<'b>(&'b Bundle);

impl ReadFile for Files<'_> {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, ReadFileError> {
        let file = self.0.file(path).ok_or_else(|| ReadFileError::Missing(path.to_owned()))?;
        Ok(file.content.clone())
    }
}

fn read_template(bundle: &Bundle, path: &str) -> Result<Value, PackageFault> {
    let file = bundle.file(path).ok_or_else(|| PackageFault::NoTemplate(path.to_owned()))?;
    let text = std::str::from_utf8(&file.content).map_err(|_| PackageFault::NotText(path.to_owned()))?;
    let template = parse(text).map_err(|source| PackageFault::Template { path: path.to_owned(), source })?;
    Ok(template.to_json())
}

/// The zip for one reference: a file that is a zip already, or the folder's files.
fn content_of(bundle: &Bundle, code: &LocalCode) -> Result<Vec<u8>, PackageFault> {
    let LocalCode { owner, path, .. } = code;
    if let Some(file) = bundle.file(path) {
        return Ok(file.content.clone());
    }
    let files: Vec<PackageFile<'_>> = bundle
        .below(path)
        .map(|(path, file)| PackageFile {
            path,
            content: &file.content,
            executable: file.executable || path == "bootstrap",
        })
        .collect();
    if files.is_empty() {
        return Err(PackageFault::NoCode { owner: owner.clone(), path: path.clone() });
    }
    if code.needs_bootstrap && !files.iter().any(|file| file.path == "bootstrap") {
        return Err(PackageFault::NoBootstrap { owner: owner.clone(), path: path.clone() });
    }
    Ok(reproducible_zip(files)?)
}
