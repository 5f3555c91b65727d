//! Labels: names that a person gives to versions and moves from one to another.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html>

use serde_json::{Value, json};

use super::name::{self, Reference, Selector, not_found};
use super::parameter::Parameter;
use super::state::{ParameterService, ParameterStore, named};
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

type Op = Operation<ParameterService>;

/// The operations that put labels on versions and take them off.
pub(super) const OPERATIONS: &[Op] = &[
    Op::later("LabelParameterVersion", "Name ParameterVersion Labels", |service, request| {
        Box::pin(service.store.label(&request.input))
    })
    .on_found(named),
    Op::now("UnlabelParameterVersion", "Name ParameterVersion Labels", |service, request| {
        service.store.unlabel(&request.input)
    })
    .on_found(named),
];

/// The most labels of a version.
const LABELS: usize = 10;

fn is_label(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let reserved = lower.starts_with("aws") || lower.starts_with("ssm");
    let legal = text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    legal && !reserved && !text.starts_with(|first: char| first.is_ascii_digit())
}

impl ParameterStore {
    /// `LabelParameterVersion`: a label that another version has is moved.
    pub(super) async fn label(&self, input: &Input) -> Reply {
        let asked = input.strings("Labels");
        let (labels, invalid): (Vec<String>, Vec<String>) = asked.into_iter().partition(|label| is_label(label));
        let (number, event) = self.on_version(input, |parameter, number| {
            attach(parameter, number, &labels)?;
            Ok((number, parameter.event("LabelParameterVersion")))
        })?;
        if !labels.is_empty() {
            self.hub.publish(event).await;
        }
        Ok(json!({ "InvalidLabels": invalid, "ParameterVersion": number }))
    }

    /// `UnlabelParameterVersion`.
    pub(super) fn unlabel(&self, input: &Input) -> Reply {
        let asked = input.strings("Labels");
        self.on_version(input, |parameter, number| {
            let Some(version) = parameter.versions_mut().find(|version| version.number == number) else {
                return Ok(Value::Null);
            };
            let (removed, invalid): (Vec<_>, Vec<_>) = asked.iter().partition(|label| version.labels.contains(label));
            version.labels.retain(|label| !removed.contains(&label));
            Ok(json!({ "RemovedLabels": removed, "InvalidLabels": invalid }))
        })
    }

    /// Acts on a parameter and the version that the request names: the latest unless it says otherwise.
    fn on_version<T>(
        &self,
        input: &Input,
        act: impl FnOnce(&mut Parameter, u64) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let asked = input.str("Name")?;
        let mut reference = Reference::read(&self.hub.identity, asked)?;
        if let Some(number) = input.opt_i64("ParameterVersion") {
            reference.selector = Selector::Version(u64::try_from(number).unwrap_or_default());
        }
        let mut parameters = self.parameters();
        let parameter = parameters.get_mut(name::key(&reference.name)).ok_or_else(|| not_found(asked))?;
        let number = parameter.version(&reference.selector).ok_or_else(|| reference.no_version())?.number;
        act(parameter, number)
    }
}

fn attach(parameter: &mut Parameter, number: u64, labels: &[String]) -> Result<(), ServiceError> {
    let held = parameter.version(&Selector::Version(number)).map_or(&[][..], |version| &version.labels);
    let new: Vec<String> = labels.iter().filter(|label| !held.contains(label)).cloned().collect();
    if held.len() + new.len() > LABELS {
        let message =
            "A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.";
        return Err(ServiceError::new("ParameterVersionLabelLimitExceeded", message));
    }
    for version in parameter.versions_mut() {
        if version.number == number {
            version.labels.extend(new.iter().cloned());
        } else {
            version.labels.retain(|label| !labels.contains(label));
        }
    }
    Ok(())
}
