//! Operations on functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::code::{self, Code};
use super::credentials::check_role;
use super::download::location;
use super::errors::{conflict, invalid};
use super::execution::{Pool, Program, Runnable};
use super::names::{FunctionRef, LATEST, check_new_name};
use super::paging::page;
use super::registry::{Function, Moment, Version, check_revision};
use super::settings::Settings;
use super::state::Lambda;
use super::tags::{check_tags, tags_of};
use crate::core::{Input, Reply, Request, ServiceError};
use crate::operations::Operation;

/// The operations by which a caller finds the revision of a function, for the text of an error.
pub(super) const REVISION_API: &str = "GetFunction/GetAlias";

/// Operations on functions.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[
    Operation::later("CreateFunction", "FunctionName Runtime Role Handler Description Timeout MemorySize DeadLetterConfig Environment TracingConfig EphemeralStorage SnapStart{ApplyOn=None} LoggingConfig Code{ZipFile S3Bucket S3Key} Publish PackageType=Zip Architectures Tags", |lambda: &Arc<Lambda>, request| Box::pin(lambda.create_function(request)))
    .on_found(Lambda::resource),
    Operation::now("GetFunction", "*", |lambda: &Arc<Lambda>, request| lambda.get_function(&request.input))
    .on_found(Lambda::resource),
    Operation::now("GetFunctionConfiguration", "*", |lambda: &Arc<Lambda>, request| lambda.get_function_configuration(&request.input))
    .on_found(Lambda::resource),
    Operation::later("UpdateFunctionCode", "FunctionName ZipFile S3Bucket S3Key ImageUri Architectures Publish DryRun RevisionId", |lambda: &Arc<Lambda>, request| Box::pin(lambda.update_function_code(request)))
    .on_found(Lambda::resource),
    Operation::later("UpdateFunctionConfiguration", "FunctionName Runtime Role Handler Description Timeout MemorySize DeadLetterConfig Environment TracingConfig EphemeralStorage SnapStart{ApplyOn=None} LoggingConfig RevisionId", |lambda: &Arc<Lambda>, request| Box::pin(lambda.update_function_configuration(request)))
    .on_found(Lambda::resource),
    Operation::now("DeleteFunction", "*", |lambda: &Arc<Lambda>, request| lambda.delete_function(&request.input))
    .on_found(Lambda::resource),
    Operation::now("ListFunctions", "FunctionVersion Marker MaxItems", |lambda: &Arc<Lambda>, request| lambda.list_functions(&request.input)),
];

impl Lambda {
    async fn create_function(&self, request: &Request) -> Reply {
        let input = &request.input;
        let named = FunctionRef::of(input, &self.hub.identity)?;
        check_new_name(&named.name)?;
        let tags = tags_of(input);
        check_tags(&tags, &[])?;
        self.refuse_existing(&named)?;
        let settings = Settings::create(&named.name, input)?;
        check_role(&self.hub, &request.caller, &settings.role).await?;
        let zip = code::receive(&self.hub, &request.caller, &input.object("Code"), "CreateFunction").await?;
        let code = self.code.unpack(&named.name, zip).await?;
        let latest = self.version(&named.name, LATEST, settings, code);
        let function = Function {
            name: named.name.clone(),
            latest,
            versions: BTreeMap::new(),
            last_number: 0,
            last_published: None,
            aliases: BTreeMap::new(),
            policies: BTreeMap::new(),
            event_invoke: BTreeMap::new(),
            reserved: None,
            running: Arc::default(),
            tags,
            updating: false,
        };
        let mut registry = self.registry();
        if registry.functions.contains_key(&named.name) {
            return Err(exists(&named));
        }
        let function = registry.functions.entry(named.name.clone()).or_insert(function);
        let mut created = function.latest.clone();
        if input.opt_bool("Publish") == Some(true) {
            created = self.publish(function, None);
        }
        // The answer has the number of the version that was published, and the ARN of the function itself.
        Ok(created.describe(&self.hub, None, Moment::Created))
    }

    fn refuse_existing(&self, named: &FunctionRef) -> Result<(), ServiceError> {
        if self.registry().functions.contains_key(&named.name) { Err(exists(named)) } else { Ok(()) }
    }

    /// A version that the machine can run.
    pub(super) fn version(&self, function: &str, number: &str, settings: Settings, code: Arc<Code>) -> Version {
        let program = Program { function: function.to_owned(), version: number.to_owned(), settings, code };
        let runnable = Runnable { program, pool: Pool::default() };
        Version {
            runnable: self.host.adopt(runnable),
            revision: self.hub.ids.uuid(),
            revision_at_work: self.hub.ids.uuid(),
            modified: self.hub.now(),
        }
    }

    fn get_function(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        let registry = self.registry();
        let version = registry.named_version(&self.hub, &named)?;
        let function = registry.function(&self.hub, &named)?;
        let mut reply = json!({
            "Configuration": version.describe(&self.hub, named.qualifier.as_deref(), Moment::Settled),
            "Code": { "RepositoryType": "S3", "Location": location(&self.hub, &version.runnable.program.code) },
        });
        if !function.tags.is_empty() {
            reply["Tags"] = json!(function.tags);
        }
        if let Some(reserved) = function.reserved {
            reply["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
        }
        Ok(reply)
    }

    fn get_function_configuration(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        let registry = self.registry();
        let version = registry.named_version(&self.hub, &named)?;
        Ok(version.describe(&self.hub, named.qualifier.as_deref(), Moment::Settled))
    }

    async fn update_function_code(&self, request: &Request) -> Reply {
        let input = &request.input;
        let named = unqualified(input, self)?;
        if input.get("ImageUri").is_some() {
            return Err(invalid("Please don't provide ImageUri when updating a function with packageType Zip."));
        }
        {
            let mut registry = self.registry();
            let function = registry.function_mut(&self.hub, &named)?;
            check_revision(input, &function.latest.revision, REVISION_API)?;
            function.refuse_while_updating(&self.hub)?;
            function.updating = true;
        }
        let fetched = self.fetch_code(&named, request).await;
        let mut registry = self.registry();
        let function = registry.function_mut(&self.hub, &named)?;
        function.updating = false;
        let mut settings = function.latest.runnable.program.settings.clone();
        if input.get("Architectures").is_some() {
            settings.apply(&json!({ "Architectures": input.strings("Architectures") }).into())?;
        }
        let latest = self.version(&named.name, LATEST, settings, fetched?);
        if input.opt_bool("DryRun") == Some(true) {
            return Ok(latest.describe_itself(&self.hub, Moment::Updated));
        }
        self.replace_latest(function, latest);
        if input.opt_bool("Publish") == Some(true) {
            // It is the version that is told of, and that is new.
            return Ok(self.publish(function, None).describe_itself(&self.hub, Moment::Created));
        }
        Ok(function.latest.describe_itself(&self.hub, Moment::Updated))
    }

    async fn fetch_code(&self, named: &FunctionRef, request: &Request) -> Result<Arc<Code>, ServiceError> {
        let zip = code::receive(&self.hub, &request.caller, &request.input, "UpdateFunctionCode").await?;
        self.code.unpack(&named.name, zip).await
    }

    async fn update_function_configuration(&self, request: &Request) -> Reply {
        let input = &request.input;
        let named = unqualified(input, self)?;
        if let Some(role) = input.opt_str("Role") {
            check_role(&self.hub, &request.caller, role).await?;
        }
        let mut registry = self.registry();
        let function = registry.function_mut(&self.hub, &named)?;
        check_revision(input, &function.latest.revision, REVISION_API)?;
        function.refuse_while_updating(&self.hub)?;
        let mut settings = function.latest.runnable.program.settings.clone();
        settings.apply(input)?;
        let code = Arc::clone(&function.latest.runnable.program.code);
        let latest = self.version(&named.name, LATEST, settings, code);
        self.replace_latest(function, latest);
        Ok(function.latest.describe_itself(&self.hub, Moment::Updated))
    }

    fn replace_latest(&self, function: &mut Function, latest: Version) {
        let replaced = std::mem::replace(&mut function.latest, latest);
        self.host.retire(&replaced.runnable);
    }

    fn delete_function(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        if named.qualifier.as_deref() == Some(LATEST) {
            return Err(invalid("$LATEST version cannot be deleted without deleting the function."));
        }
        let mut registry = self.registry();
        let function = registry.function_mut(&self.hub, &named)?;
        match named.qualifier.as_deref() {
            None => {
                function.all_versions().for_each(|version| self.host.retire(&version.runnable));
                registry.functions.remove(&named.name);
            }
            Some(number) if function.aliases.contains_key(number) => {
                return Err(invalid("Deletion of aliases is not currently supported. Please use DeleteAlias."));
            }
            Some(number) => {
                refuse_referenced(function, number)?;
                // A version that is not there is deleted without a word.
                if let Some(version) = number.parse().ok().and_then(|key: u64| function.versions.remove(&key)) {
                    self.host.retire(&version.runnable);
                    function.policies.remove(number);
                    function.event_invoke.remove(number);
                }
            }
        }
        Ok(json!({ "StatusCode": 204 }))
    }

    fn list_functions(&self, input: &Input) -> Reply {
        let registry = self.registry();
        let all = input.opt_str("FunctionVersion") == Some("ALL");
        let versions = registry
            .functions
            .values()
            .flat_map(|function| function.all_versions().take(if all { usize::MAX } else { 1 }))
            .map(|version| {
                let described = match all {
                    true => version.describe(&self.hub, Some(&version.runnable.program.version), Moment::Listed),
                    false => version.describe_itself(&self.hub, Moment::Listed),
                };
                (format!("{}/{}", version.runnable.program.function, version.place()), described)
            });
        page("Functions", versions.collect(), input)
    }
}

/// A function that is changed as a whole: `$LATEST` or no qualifier.
pub(super) fn unqualified(input: &Input, lambda: &Lambda) -> Result<FunctionRef, ServiceError> {
    let named = FunctionRef::of(input, &lambda.hub.identity)?;
    match named.qualifier.as_deref() {
        None | Some(LATEST) => Ok(named),
        Some(_) => Err(functions_only()),
    }
}

/// The refusal of a version or an alias where only a function will do.
pub(super) fn functions_only() -> ServiceError {
    invalid(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
    )
}

fn refuse_referenced(function: &Function, number: &str) -> Result<(), ServiceError> {
    let referring: Vec<&str> = function
        .aliases
        .values()
        .filter(|alias| alias.version == number || alias.additional.as_ref().is_some_and(|(other, _)| other == number))
        .map(|alias| alias.name.as_str())
        .collect();
    if referring.is_empty() {
        return Ok(());
    }
    Err(conflict(format!(
        "Version {number} cannot be deleted because the following aliases point to it: [{}]",
        referring.join(", ")
    )))
}

fn exists(named: &FunctionRef) -> ServiceError {
    conflict(format!("Function already exist: {}", named.name))
}
