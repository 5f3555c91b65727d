//! CodePipeline's EventBridge events, read tolerantly.
//!
//! `aws_lambda_events` refuses events that CodePipeline really sends: a pipeline `version` that is a float or a
//! string, an action whose `type.version` is a string, and action events without a version at all (measured with
//! 1.2.1). These types take what delivery needs and let everything else be missing.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use thiserror::Error;

/// The `source` of every event in this module.
pub const SOURCE: &str = "aws.codepipeline";
/// A whole execution changed state.
pub const PIPELINE_STATE_CHANGE: &str = "CodePipeline Pipeline Execution State Change";
/// A stage of an execution changed state.
pub const STAGE_STATE_CHANGE: &str = "CodePipeline Stage Execution State Change";
/// An action of an execution changed state.
pub const ACTION_STATE_CHANGE: &str = "CodePipeline Action Execution State Change";

/// One of CodePipeline's three kinds of event.
#[derive(Debug, Clone, PartialEq)]
pub enum PipelineEvent {
    /// `CodePipeline Pipeline Execution State Change`
    Pipeline(PipelineStateChange),
    /// `CodePipeline Stage Execution State Change`
    Stage(StageStateChange),
    /// `CodePipeline Action Execution State Change`
    Action(ActionStateChange),
}

/// The reason why an event could not be read.
#[derive(Debug, Error)]
pub enum PipelineEventError {
    /// The `detail-type` is none of CodePipeline's three.
    #[error("detail-type {0:?} is not one of CodePipeline's state changes")]
    UnknownDetailType(String),
    /// A member without which the event means nothing is missing or has another type.
    #[error("the detail of a {detail_type} event could not be read")]
    Detail {
        /// The kind of event, by its `detail-type`.
        detail_type: String,
        /// The finding of serde.
        #[source]
        source: serde_json::Error,
    },
}

/// State of an execution, a stage or an action, as the events spell it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum ExecutionState {
    /// `STARTED`
    Started,
    /// `SUCCEEDED`
    Succeeded,
    /// `RESUMED`
    Resumed,
    /// `FAILED`
    Failed,
    /// `CANCELED`
    Canceled,
    /// `SUPERSEDED`
    Superseded,
    /// Any other word (`STOPPING`, `STOPPED`, `ABANDONED`, or one AWS adds later).
    Other(String),
}

impl From<String> for ExecutionState {
    fn from(text: String) -> Self {
        match text.as_str() {
            "STARTED" => Self::Started,
            "SUCCEEDED" => Self::Succeeded,
            "RESUMED" => Self::Resumed,
            "FAILED" => Self::Failed,
            "CANCELED" => Self::Canceled,
            "SUPERSEDED" => Self::Superseded,
            _ => Self::Other(text),
        }
    }
}

/// The trigger of an execution.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExecutionTrigger {
    /// `StartPipelineExecution`, `CloudWatchEvent`, `ManualRollback`, `AutomatedRollback` …
    #[serde(default)]
    pub trigger_type: Option<String>,
    /// The ARN or text that goes with it.
    #[serde(default)]
    pub trigger_detail: Option<String>,
}

/// The detail of a pipeline event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PipelineStateChange {
    /// Name of the pipeline. The `resources` ARN has two spellings in AWS's samples, so this is what to match on.
    pub pipeline: String,
    /// The pipeline execution's id.
    pub execution_id: String,
    /// The new state of the execution.
    pub state: ExecutionState,
    /// Version of the pipeline's structure; the wire has it as an integer, a float or a string.
    #[serde(default, deserialize_with = "whole_number")]
    pub version: Option<u64>,
    /// The trigger of the execution, where the event says so.
    #[serde(default)]
    pub execution_trigger: Option<ExecutionTrigger>,
    /// The time at which the event was made (the envelope's `time`).
    #[serde(skip)]
    pub time: Option<Timestamp>,
}

/// The detail of a stage event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StageStateChange {
    /// Name of the pipeline.
    pub pipeline: String,
    /// The pipeline execution's id.
    pub execution_id: String,
    /// Name of the stage; missing in AWS's own sample.
    #[serde(default)]
    pub stage: Option<String>,
    /// The new state of the stage.
    pub state: ExecutionState,
    /// Version of the pipeline's structure.
    #[serde(default, deserialize_with = "whole_number")]
    pub version: Option<u64>,
}

/// The detail of an action event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ActionStateChange {
    /// Name of the pipeline.
    pub pipeline: String,
    /// The pipeline execution's id.
    pub execution_id: String,
    /// Name of the stage.
    pub stage: String,
    /// Name of the action.
    pub action: String,
    /// The new state of the action.
    pub state: ExecutionState,
    /// Version of the pipeline's structure; missing in AWS's own sample.
    #[serde(default, deserialize_with = "whole_number")]
    pub version: Option<u64>,
    /// Category, owner, provider and version of the action.
    #[serde(default, rename = "type")]
    pub action_type: Option<ActionType>,
    /// The result of the action, where the event says so.
    #[serde(default)]
    pub execution_result: Option<ExecutionResult>,
}

/// The type of an action, as CodePipeline names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ActionType {
    /// `Source`, `Build`, `Deploy` …
    pub category: String,
    /// `AWS`, `ThirdParty`, `Custom`.
    #[serde(default)]
    pub owner: Option<String>,
    /// `CodeBuild`, `CodeCommit` …
    #[serde(default)]
    pub provider: Option<String>,
    /// A string on AWS (`"1"`), a number in some samples.
    #[serde(default, deserialize_with = "text_of_scalar")]
    pub version: Option<String>,
}

/// The result of an action.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExecutionResult {
    /// The word of the action's provider, in a line.
    #[serde(default)]
    pub external_execution_summary: Option<String>,
    /// The provider's id, such as a build's.
    #[serde(default)]
    pub external_execution_id: Option<String>,
    /// `JobFailed`, `ConfigurationError` …
    #[serde(default)]
    pub error_code: Option<String>,
}

impl PipelineEvent {
    /// Reads an EventBridge envelope whose source is [`SOURCE`].
    ///
    /// # Errors
    /// The `detail-type` is unknown, or the detail lacks the pipeline, the execution or the state.
    pub fn from_envelope(envelope: &Value) -> Result<Self, PipelineEventError> {
        let detail_type = envelope["detail-type"].as_str().unwrap_or_default().to_owned();
        let detail = &envelope["detail"];
        let failed = |source| PipelineEventError::Detail { detail_type: detail_type.clone(), source };
        match detail_type.as_str() {
            PIPELINE_STATE_CHANGE => {
                let mut change = PipelineStateChange::deserialize(detail).map_err(failed)?;
                change.time = envelope["time"].as_str().and_then(|time| time.parse().ok());
                Ok(Self::Pipeline(change))
            }
            STAGE_STATE_CHANGE => StageStateChange::deserialize(detail).map(Self::Stage).map_err(failed),
            ACTION_STATE_CHANGE => ActionStateChange::deserialize(detail).map(Self::Action).map_err(failed),
            _ => Err(PipelineEventError::UnknownDetailType(detail_type)),
        }
    }
}

/// An integer, a float without a fraction, or either as text; anything else is taken as absent.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    let number = match value {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "guarded by the range and fraction test"
    )]
    Ok(number.filter(|number| number.fract() == 0.0 && (0.0..1e15).contains(number)).map(|number| number as u64))
}

/// A string as it is, a number as text.
fn text_of_scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<Value>::deserialize(deserializer)? {
        Some(Value::String(text)) => Some(text),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    fn envelope(detail_type: &str, detail: Value) -> Value {
        json!({"source": SOURCE, "detail-type": detail_type, "time": "2026-11-20T10:00:00Z", "detail": detail})
    }

    #[test_case(json!(3), Some(3); "an integer")]
    #[test_case(json!(3.0), Some(3); "a float")]
    #[test_case(json!("1"), Some(1); "a string")]
    #[test_case(json!("2.0"), Some(2); "a float in a string")]
    #[test_case(json!(null), None; "null")]
    #[test_case(json!(1.5), None; "a fraction")]
    #[test_case(json!("latest"), None; "a word")]
    fn a_version_is_read_from(version: Value, expected: Option<u64>) {
        let detail = json!({"pipeline": "p", "execution-id": "e", "state": "SUCCEEDED", "version": version});
        let event = PipelineEvent::from_envelope(&envelope(PIPELINE_STATE_CHANGE, detail)).unwrap();
        let PipelineEvent::Pipeline(change) = event else { panic!("a pipeline event was expected") };
        assert_eq!(change.version, expected);
        assert_eq!(change.state, ExecutionState::Succeeded);
        assert_eq!(change.time, Some("2026-11-20T10:00:00Z".parse().unwrap()));
    }

    #[test_case(json!("1"), "1"; "a string")]
    #[test_case(json!(1), "1"; "a number")]
    fn an_action_type_version_is_read_from(version: Value, expected: &str) {
        let detail = json!({"pipeline": "p", "execution-id": "e", "stage": "Build", "action": "Compile",
            "state": "FAILED", "type": {"owner": "AWS", "category": "Build", "provider": "CodeBuild", "version": version}});
        let event = PipelineEvent::from_envelope(&envelope(ACTION_STATE_CHANGE, detail)).unwrap();
        let PipelineEvent::Action(change) = event else { panic!("an action event was expected") };
        assert_eq!(change.action_type.unwrap().version.unwrap(), expected);
        assert_eq!(change.version, None);
    }

    #[test]
    fn a_state_that_aws_adds_later_is_kept_as_text() {
        let detail = json!({"pipeline": "p", "execution-id": "e", "stage": "Build", "state": "STOPPING"});
        let event = PipelineEvent::from_envelope(&envelope(STAGE_STATE_CHANGE, detail)).unwrap();
        let PipelineEvent::Stage(change) = event else { panic!("a stage event was expected") };
        assert_eq!(change.state, ExecutionState::Other("STOPPING".into()));
    }

    #[test]
    fn an_event_without_its_execution_is_an_error_that_names_the_kind() {
        let error =
            PipelineEvent::from_envelope(&envelope(PIPELINE_STATE_CHANGE, json!({"pipeline": "p"}))).unwrap_err();
        assert!(error.to_string().contains(PIPELINE_STATE_CHANGE), "{error}");
    }

    #[test]
    fn another_detail_type_is_an_error_that_names_it() {
        let error = PipelineEvent::from_envelope(&envelope("Scheduled Event", json!({}))).unwrap_err();
        assert!(error.to_string().contains("Scheduled Event"), "{error}");
    }
}
