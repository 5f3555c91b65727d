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
    DescribeStackEvents, ExecuteChangeSet, Stack, TEMPLATE_BODY_BYTES, TemplateSource,
};

use super::attempt::Halt;
use crate::deadline::Deadline;
use crate::outcome::Operation;
use crate::package::Packaged;
use crate::ports::Ports;
use crate::settings::Settings;

/// Tag of the stack with the release's digest.
pub(super) const RELEASE_TAG: &str = "slipway:release";
/// Tag of the stack with the release's commit.
pub(super) const COMMIT_TAG: &str = "slipway:commit";

/// The template's parameter that takes the key of the release's manifest.
pub(super) const MANIFEST_PARAMETER: &str = "Manifest";
/// Its value for a release without a manifest. The key of an earlier release must not stay.
pub(super) const NO_MANIFEST: &str = "none";

/// First pause between two looks at a change set; doubled up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The progress of a change set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is none, or none of use.
    Absent,
    /// CloudFormation is making it, or has refused it.
    Making,
    /// It can be executed.
    Ready,
    /// It is being executed, or has been.
    Executed,
}

/// The name of a release's change set.
pub(super) fn name(record: &ReleaseRecord) -> String {
    format!("slipway-{}", record.execution_id)
}

/// The change set of an earlier attempt. One that is of no use any more is deleted, so that it can be made anew.
pub(super) async fn find<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &mut ReleaseRecord,
) -> Result<Progress, Halt> {
    let found = ports.stacks().describe_change_set(&settings.stack, &name(record)).await?;
    let Some(change_set) = found else {
        // An id was written down before anything was executed. If the change set is gone, it may be so because it was executed.
        let executed = record.change_set_id.is_some() && has_executed(ports, settings, record).await?;
        return Ok(if executed { Progress::Executed } else { Progress::Absent });
    };
    if change_set.execution_status == "OBSOLETE" || change_set.status.starts_with("DELETE_") {
        ports.stacks().delete_change_set(&settings.stack, &name(record)).await?;
        return Ok(Progress::Absent);
    }
    let progress = progress_of(&change_set);
    record.change_set_id = Some(change_set.id);
    Ok(progress)
}

/// Starts making the change set; one that exists already is the same one, because its name is the execution's.
pub(super) async fn create<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &ReleaseRecord,
    packaged: &Packaged,
    stack: Option<&Stack>,
) -> Result<String, Halt> {
    let exists = stack.is_some_and(|stack| stack.status.standing() != StackStanding::Empty);
    let template = if packaged.template.len() <= TEMPLATE_BODY_BYTES {
        TemplateSource::Body(packaged.template.clone())
    } else {
        TemplateSource::Url(ports.objects().object_url(&packaged.template_location))
    };
    let request = ChangeSetRequest {
        stack: settings.stack.clone(),
        name: name(record),
        kind: if exists { ChangeSetKind::Update } else { ChangeSetKind::Create },
        template,
        role_arn: settings.execution_role_arn.clone(),
        parameters: parameters(settings, record.content.as_ref(), packaged, stack),
        tags: tags(settings, record.content.as_ref()),
        client_token: record.execution_id.clone(),
    };
    match ports.stacks().create_change_set(&request).await {
        Ok(id) => Ok(id),
        Err(ChangeError::Call(error)) if error.is_already_exists() => Ok(request.name),
        Err(error) => Err(error.into()),
    }
}

/// Waits until the change set is ready or was executed, within the deadline; one without changes closes the release.
pub(super) async fn settle<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &ReleaseRecord,
    deadline: Deadline,
) -> Result<Progress, Halt> {
    let mut pause = FIRST_PAUSE;
    loop {
        let Some(change_set) = ports.stacks().describe_change_set(&settings.stack, &name(record)).await? else {
            return if has_executed(ports, settings, record).await? {
                Ok(Progress::Executed)
            } else {
                Err(Halt::Later("the change set has disappeared and will be made again".to_owned()))
            };
        };
        match progress_of(&change_set) {
            Progress::Making if change_set.status == "FAILED" => {
                return Err(refusal(ports, settings, record, &change_set).await?);
            }
            Progress::Making | Progress::Absent => {
                if !deadline.allows(ports.clock().now(), pause) {
                    return Err(Halt::Later(format!("the change set is still {}", change_set.status)));
                }
                ports.clock().sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            done => return Ok(done),
        }
    }
}

/// Starts the execution. Its token is the pipeline execution's id, by which the stack's events find the release.
pub(super) async fn execute<P: Ports>(ports: &P, settings: &Settings, record: &ReleaseRecord) -> Result<(), Halt> {
    Ok(ports.stacks().execute_change_set(&settings.stack, &name(record), &record.execution_id).await?)
}

fn progress_of(change_set: &ChangeSet) -> Progress {
    match (change_set.status.as_str(), change_set.execution_status.as_str()) {
        (_, "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE" | "EXECUTE_FAILED") => Progress::Executed,
        ("CREATE_COMPLETE", "AVAILABLE") => Progress::Ready,
        _ => Progress::Making,
    }
}

async fn has_executed<P: Ports>(ports: &P, settings: &Settings, record: &ReleaseRecord) -> Result<bool, CallError> {
    match ports.stacks().describe_stack_events(&settings.stack, &record.execution_id).await {
        Ok(events) => Ok(Operation::with_token(&events, &record.execution_id).is_some()),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// The end of a release whose change set CloudFormation could not make.
///
/// `Ok` carries the end, `Err` what prevented reaching it.
async fn refusal<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &ReleaseRecord,
    change_set: &ChangeSet,
) -> Result<Halt, Halt> {
    let reason = change_set.status_reason.clone().unwrap_or_else(|| "CloudFormation gives no reason".to_owned());
    let unchanged = says_unchanged(&reason);
    // A failed change set is of no use to anybody, and a stack may hold only so many.
    ports.stacks().delete_change_set(&settings.stack, &name(record)).await?;
    Ok(if unchanged {
        Halt::Close(ReleaseState::Unchanged, "the stack already has this content".to_owned())
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

fn tags(settings: &Settings, content: Option<&Content>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        ("slipway:application".to_owned(), settings.application.to_string()),
        ("slipway:stage".to_owned(), settings.stage.to_string()),
    ]);
    if let Some(content) = content {
        tags.insert(RELEASE_TAG.to_owned(), content.release.clone());
        tags.insert(COMMIT_TAG.to_owned(), content.commit.clone());
    }
    tags
}
