//! The contents of a release: packages, template, digest.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;
use slipway_shared::artifact::{Bundle, BundleError, PackageError, SHA256SUMS, Sha256Digest, SumsError, verify_sums};
use slipway_shared::guard::{Bounds, Guarded, Remark, guard};
use slipway_shared::manifest::{self, HookNames, Manifest, ReadFile, ReadFileError};
use slipway_shared::objects::{Content, ObjectLocation};
use slipway_shared::overrides::{AlarmOverride, leave_out};
use slipway_shared::reading::Faults;
use slipway_shared::telemetry::Chain;
use slipway_shared::template::{TemplateError, parse};
use thiserror::Error;

use super::machine::{self, MachineFault, Program, Unchecked};
use super::zipped::Packages;
use super::{Circumstances, CodeReferenceError, code_references, point_to};
use crate::settings::{Checksums, Settings};

/// The manifest's path inside the build artifact.
const MANIFEST: &str = "slipway.yaml";

/// Something to be stored under its address: a zip, or a text.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) location: ObjectLocation,
    pub(crate) content: Content,
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
    #[error("{owner}'s code {path} has {bytes} bytes unpacked, and Lambda takes {most}")]
    Heavy { owner: String, path: String, bytes: u64, most: u64 },
    #[error("the artifact has more than {0} bytes")]
    TooLarge(u64),
    #[error("the code is for another machine than the stack's")]
    Machine(#[from] MachineFault),
    #[error("a file for the artifact or a package cannot be used")]
    Spool(#[source] std::io::Error),
    #[error("a package could not be written")]
    Package(#[from] PackageError),
    #[error("the template could not be written as JSON")]
    Json(#[source] serde_json::Error),
}

/// Verifies the artifact and makes of it what is released, with the functions whose machine is not known yet.
pub(super) fn package(
    bundle: &mut Bundle,
    circumstances: Circumstances<'_>,
) -> Result<(Packaged, Vec<Unchecked>), PackageFault> {
    let settings = circumstances.settings;
    if settings.checksums == Checksums::Required || bundle.file(SHA256SUMS).is_some() {
        verify_sums(bundle)?;
    }
    let mut template = read_template(bundle, &settings.template)?;
    if let Some(bounds) =
        settings.execution_role_arn.as_deref().and_then(|role| Bounds::of(&settings.application, role))
    {
        bounds.give(&mut template);
    }
    let manifest = read_manifest(bundle)?;
    // The identity is made of what the template says and what its code is, not of where either is stored.
    let source = guarded(&template, manifest.as_ref(), settings)?.template;
    let source = serde_json::to_string(&source).map_err(PackageFault::Json)?;
    let mut identity = format!("template {}\n", Sha256Digest::of(source.as_bytes()));
    let manifest_text = manifest.as_ref().map(|manifest| manifest.to_canonical().into_bytes());
    let kept = manifest_text.map(|text| {
        let digest = Sha256Digest::of(&text);
        identity += &format!("manifest {digest}\n");
        let location = ObjectLocation::new(&settings.artifact_bucket, format!("manifests/{digest}.json"));
        Package { location, content: text.into() }
    });
    let code = code_references(&template)?;
    let (mut zipped, mut programs) = (Packages::default(), Vec::new());
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for code in &code {
        let package = zipped.of(bundle, code)?;
        let address = package.digest;
        identity += &format!("{} {address}\n", code.pointer);
        let location = ObjectLocation::new(&settings.artifact_bucket, format!("functions/{address}.zip"));
        point_to(&mut template, code, &location);
        let content = || package.zip.content(address);
        packages.entry(location.key.clone()).or_insert_with(|| Package { location, content: content() });
        let (pointer, path) = (code.pointer.clone(), code.path.clone());
        programs.extend(package.machine.map(|machine| Program { pointer, path, machine }));
    }
    let unchecked = machine::check(&template, &programs, &|name| parameter(&template, circumstances, name))?;
    // Once more, since the version of a plain function is named after the place of its code.
    let Guarded { mut template, remarks } = guarded(&template, manifest.as_ref(), settings)?;
    let overridden = leave_out(&mut template, &settings.stack, circumstances.overrides).into_iter().cloned().collect();
    let parameters = template["Parameters"].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
    let template = serde_json::to_string(&template).map_err(PackageFault::Json)?;
    let key = format!("templates/{}.json", Sha256Digest::of(template.as_bytes()));
    let packaged = Packaged {
        packages: packages.into_values().collect(),
        manifest: kept,
        template,
        template_location: ObjectLocation::new(&settings.artifact_bucket, key),
        parameters,
        digest: Sha256Digest::of(identity.as_bytes()),
        overridden,
        remarks,
    };
    Ok((packaged, unchecked))
}

/// The value that a parameter of the template will have, as far as it is known: the one that is configured, else the stack's, else its
/// default. What Parameter Store says is not known.
fn parameter(template: &Value, circumstances: Circumstances<'_>, name: &str) -> Option<String> {
    let declared = template["Parameters"].get(name)?;
    if declared["Type"].as_str().is_some_and(|kind| kind.starts_with("AWS::SSM::")) {
        return None;
    }
    let of_stack = || circumstances.stack?.parameters.get(name).cloned();
    let default = || declared["Default"].as_str().map(str::to_owned);
    circumstances.settings.parameter(name).or_else(of_stack).or_else(default)
}

/// The manifest with all that it names. An artifact need not have one.
fn read_manifest(bundle: &mut Bundle) -> Result<Option<Manifest>, PackageFault> {
    if bundle.file(MANIFEST).is_none() {
        return Ok(None);
    }
    Ok(Some(manifest::load(&Files(RefCell::new(bundle)), MANIFEST).manifest?))
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
struct Files<'b>(RefCell<&'b mut Bundle>);

impl ReadFile for Files<'_> {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, ReadFileError> {
        self.0.borrow_mut().text(path).map_err(|error| match error {
            BundleError::NoFile(path) => ReadFileError::Missing(path),
            error => ReadFileError::Unreadable { path: path.to_owned(), reason: Chain(&error).to_string() },
        })
    }
}

fn read_template(bundle: &mut Bundle, path: &str) -> Result<Value, PackageFault> {
    let content = bundle.text(path).map_err(|error| match error {
        BundleError::NoFile(path) => PackageFault::NoTemplate(path),
        error => error.into(),
    })?;
    let text = std::str::from_utf8(&content).map_err(|_| PackageFault::NotText(path.to_owned()))?;
    let template = parse(text).map_err(|source| PackageFault::Template { path: path.to_owned(), source })?;
    Ok(template.to_json())
}
