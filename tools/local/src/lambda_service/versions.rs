//! Publishing: freezing code and settings under a number.

use std::sync::Arc;

use super::errors::invalid;
use super::functions::{REVISION_API, unqualified};
use super::paging::page;
use super::registry::{Function, Moment, Version, check_revision};
use super::state::Lambda;
use crate::core::{Input, Reply};
use crate::operations::Operation;

/// Operations on versions.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[
    Operation::now(
        "PublishVersion",
        "FunctionName CodeSha256 Description RevisionId",
        |lambda: &Arc<Lambda>, request| lambda.publish_version(&request.input),
    )
    .on_found(Lambda::resource),
    Operation::now("ListVersionsByFunction", "*", |lambda: &Arc<Lambda>, request| {
        lambda.list_versions_by_function(&request.input)
    })
    .on_found(Lambda::resource),
];

impl Lambda {
    fn publish_version(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        let mut registry = self.registry();
        let function = registry.function_mut(&self.hub, &named)?;
        check_revision(input, &function.latest.revision, REVISION_API)?;
        let current = &function.latest.runnable.program.code.sha256;
        if let Some(expected) = input.opt_str("CodeSha256").filter(|expected| !expected.is_empty())
            && expected != current
        {
            return Err(invalid(format!(
                "CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST ({current}). Please try again with the CodeSHA256 in $LATEST."
            )));
        }
        function.refuse_while_updating(&self.hub)?;
        Ok(self.publish(function, input.opt_str("Description")).describe_itself(&self.hub, Moment::Settled))
    }

    /// Publishes `$LATEST`, which gets another revision by that, or finds the last version when nothing has changed since it
    /// was published and it still exists. `description` replaces that of `$LATEST` in the version.
    pub(super) fn publish(&self, function: &mut Function, description: Option<&str>) -> Version {
        let latest = &function.latest.runnable.program;
        let content = (latest.code.sha256.clone(), latest.settings.clone());
        if function.last_published.as_ref() == Some(&content)
            && let Some(version) = function.versions.get(&function.last_number)
        {
            return version.clone();
        }
        let mut settings = latest.settings.clone();
        if let Some(description) = description.filter(|description| !description.is_empty()) {
            description.clone_into(&mut settings.description);
        }
        let number = function.last_number + 1;
        let version = self.version(&function.name, &number.to_string(), settings, Arc::clone(&latest.code));
        function.last_number = number;
        function.latest.revision = self.hub.ids.uuid();
        function.last_published = Some(content);
        function.versions.insert(number, version.clone());
        version
    }

    fn list_versions_by_function(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        let registry = self.registry();
        let versions = registry.function(&self.hub, &named)?.all_versions().map(|version| {
            let number = &version.runnable.program.version;
            (version.place(), version.describe(&self.hub, Some(number), Moment::Listed))
        });
        page("Versions", versions.collect(), input)
    }
}
