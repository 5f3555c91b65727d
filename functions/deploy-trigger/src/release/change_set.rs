//! The change set of a release: made once, waited for, executed once.

use std::collections::BTreeMap;
use std::time::Duration;

use slipway_shared::call::CallError;
use slipway_shared::clock::Clock;
use slipway_shared::objects::ObjectUrl;
use slipway_shared::release::{Content, ReleaseRecord, ReleaseState};
use slipway_shared::stack_events::StackStanding;
use slipway_shared::stacks::{
    ChangeError, ChangeSet, ChangeSetKind, ChangeSetRequest, CreateChangeSet, DeleteChangeSet, DescribeChangeSet,
    ExecuteChangeSet, ResourceChange, Stack, TEMPLATE_BODY_BYTES, TemplateSource,
};

use super::halt::Halt;
use crate::attempt::Attempt;
use crate::package::Packaged;
use crate::ports::Ports;
use crate::settings::Settings;

/// The template's parameter that takes the key of the release's manifest.
const MANIFEST_PARAMETER: &str = "Manifest";
/// Its value for a release without a manifest. The key of an earlier release must not stay.
const NO_MANIFEST: &str = "none";

/// First pause between two looks at a change set; doubled up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The progress of a change set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// CloudFormation is making it, or has refused it.
    Making,
    /// It can be executed.
    Ready,
    /// It is being executed, or has been.
    Executed,
    /// It is of no use any more: the stack has changed since it was made, or it is being deleted.
    Useless,
}

/// A change set that can be executed.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) changes: Vec<ResourceChange>,
}

/// The request of a release's change set.
///
/// Its name is made of the release and its content, so that one which exists already is the same one.
pub(super) fn request<P: Ports>(
    attempt: &Attempt<'_, P>,
    record: &ReleaseRecord,
    packaged: &Packaged,
    stack: Option<&Stack>,
) -> ChangeSetRequest {
    let settings = attempt.settings;
    let exists = stack.is_some_and(|stack| stack.status.standing() != StackStanding::Empty);
    let template = if packaged.template.len() <= TEMPLATE_BODY_BYTES {
        TemplateSource::Body(packaged.template.clone())
    } else {
        TemplateSource::Url(attempt.ports.objects().object_url(&packaged.template_location))
    };
    let digest = packaged.digest.to_string();
    ChangeSetRequest {
        stack: record.stack.clone(),
        name: format!("slipway-{}-{}", record.execution_id, &digest[..8]),
        kind: if exists { ChangeSetKind::Update } else { ChangeSetKind::Create },
        template,
        role_arn: settings.execution_role_arn.clone(),
        parameters: parameters(settings, record.content.as_ref(), packaged, stack),
        tags: tags(settings),
        client_token: format!("{}-{}", record.execution_id, &digest[..8]),
    }
}

/// Starts making the change set, unless it exists.
pub(super) async fn create<P: Ports>(attempt: &Attempt<'_, P>, request: &ChangeSetRequest) -> Result<(), Halt> {
    match attempt.ports.stacks().create_change_set(request).await {
        Ok(_) => Ok(()),
        Err(ChangeError::Call(error)) if error.is_already_exists() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Waits until the change set is ready, within the deadline; one without changes closes the release.
pub(super) async fn settle<P: Ports>(attempt: &Attempt<'_, P>, request: &ChangeSetRequest) -> Result<Made, Halt> {
    let (ports, ChangeSetRequest { stack, name, .. }) = (attempt.ports, request);
    let mut pause = FIRST_PAUSE;
    loop {
        let Some(change_set) = ports.stacks().describe_change_set(stack, name).await? else {
            return Err(Halt::Later("the change set has disappeared and will be made again".to_owned()));
        };
        match progress_of(&change_set) {
            Progress::Ready => return Ok(Made { id: change_set.id, changes: change_set.changes }),
            Progress::Making if change_set.status == "FAILED" => {
                return Err(refusal(attempt, request, &change_set).await?);
            }
            Progress::Making => {
                if !attempt.deadline.allows(attempt.now(), pause) {
                    return Err(Halt::Later(format!("the change set is still {}", change_set.status)));
                }
                ports.clock().sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Progress::Useless | Progress::Executed => {
                ports.stacks().delete_change_set(stack, name).await?;
                return Err(Halt::Later(
                    "the stack has changed since the change set was made: it is made again".to_owned(),
                ));
            }
        }
    }
}

/// The progress of the change set that a release has written down; none if it is gone.
pub(crate) async fn progress<P: Ports>(
    attempt: &Attempt<'_, P>,
    record: &ReleaseRecord,
) -> Result<Option<Progress>, CallError> {
    let Some(id) = &record.change_set_id else { return Ok(None) };
    let found = attempt.ports.stacks().describe_change_set(&record.stack, id).await?;
    Ok(found.as_ref().map(progress_of))
}

/// Starts the execution. Its token is the pipeline execution's id, by which the stack's events find the release.
pub(crate) async fn execute<P: Ports>(attempt: &Attempt<'_, P>, record: &ReleaseRecord) -> Result<(), Halt> {
    let Some(id) = &record.change_set_id else { return Err(Halt::Later("there is no change set yet".to_owned())) };
    match attempt.ports.stacks().execute_change_set(&record.stack, id, &record.execution_id).await {
        Err(ChangeError::Call(error)) if error.is_not_found() => {
            Err(Halt::Later("the change set has disappeared and will be made again".to_owned()))
        }
        // Somebody changed the stack in between: not the release's fault.
        Err(ChangeError::Refused { .. }) if progress(attempt, record).await? != Some(Progress::Ready) => {
            Err(Halt::Later("the stack has changed since the change set was made: it is made again".to_owned()))
        }
        answer => Ok(answer?),
    }
}

fn progress_of(change_set: &ChangeSet) -> Progress {
    match (change_set.status.as_str(), change_set.execution_status.as_str()) {
        (_, "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE" | "EXECUTE_FAILED") => Progress::Executed,
        (_, "OBSOLETE") => Progress::Useless,
        (status, _) if status.starts_with("DELETE_") => Progress::Useless,
        ("CREATE_COMPLETE", "AVAILABLE") => Progress::Ready,
        _ => Progress::Making,
    }
}

/// The end of a release whose change set CloudFormation could not make.
///
/// `Ok` carries the end, `Err` what prevented reaching it.
async fn refusal<P: Ports>(
    attempt: &Attempt<'_, P>,
    request: &ChangeSetRequest,
    change_set: &ChangeSet,
) -> Result<Halt, Halt> {
    let reason = change_set.status_reason.clone().unwrap_or_else(|| "CloudFormation gives no reason".to_owned());
    attempt.ports.stacks().delete_change_set(&request.stack, &request.name).await?;
    Ok(if says_unchanged(&reason) {
        Halt::Close(ReleaseState::Unchanged, "the stack has this content already".to_owned())
    } else {
        Halt::Close(ReleaseState::Failed, format!("the change set could not be made: {reason}"))
    })
}

/// CloudFormation has no code for it: with a plain template it says "The submitted information didn't contain changes. …",
/// with a transform "No updates are to be performed."
fn says_unchanged(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// The values of the template's parameters: the ones Slipway knows, the configured ones, and for an update whatever the
/// stack has; a parameter that is new and not known gets its default.
fn parameters(
    settings: &Settings,
    content: Option<&Content>,
    packaged: &Packaged,
    stack: Option<&Stack>,
) -> BTreeMap<String, Option<String>> {
    let of_release = |name: &str| match name {
        "Commit" => content.map(|content| content.commit.clone()),
        "Release" => content.map(|content| content.release.clone()),
        MANIFEST_PARAMETER => {
            Some(content.and_then(|content| content.manifest.clone()).unwrap_or_else(|| NO_MANIFEST.to_owned()))
        }
        _ => None,
    };
    let value = |name: &String| settings.parameter(name).or_else(|| of_release(name));
    let has = |name: &String| stack.is_some_and(|stack| stack.parameters.contains_key(name));
    let declared = packaged.parameters.iter();
    declared.map(|name| (name.clone(), value(name))).filter(|(name, value)| value.is_some() || has(name)).collect()
}

/// The same for every release: CloudFormation puts a stack's tags on all its resources, and a changed tag would change them all.
fn tags(settings: &Settings) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("slipway:application".to_owned(), settings.application.to_string()),
        ("slipway:stage".to_owned(), settings.stage.to_string()),
    ])
}
