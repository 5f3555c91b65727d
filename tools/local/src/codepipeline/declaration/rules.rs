//! The rules that stages, actions and artifacts keep among each other.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Checked, action_error, structure};
use super::{Action, Provider, Stage};

/// Checks the numbers of artifacts that each provider takes and makes (CodePipeline user guide, action structure reference).
pub(super) fn check_action(action: &Action) -> Checked<()> {
    let name = &action.name;
    if !(1..=999).contains(&action.run_order) {
        return action_error(format!("runOrder of the action {name} must be between 1 and 999"));
    }
    let (inputs, outputs) = match action.provider {
        Provider::CodeCommit | Provider::S3Source => (0..=0, 1..=1),
        Provider::CodeBuild => (1..=5, 0..=5),
        Provider::Manual => (0..=0, 0..=0),
        Provider::Lambda => (0..=5, 0..=5),
    };
    if !inputs.contains(&action.inputs.len()) || !outputs.contains(&action.outputs.len()) {
        return action_error(format!(
            "the action {name} takes {} to {} input and {} to {} output artifacts",
            inputs.start(),
            inputs.end(),
            outputs.start(),
            outputs.end()
        ));
    }
    Ok(())
}

pub(super) fn check_stages(stages: &[Stage]) -> Checked<()> {
    if stages.len() < 2 {
        let count = stages.len();
        return structure(format!(
            "Pipeline has only {count} stage(s). There should be a minimum of 2 stages in a pipeline"
        ));
    }
    let names: BTreeSet<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    if names.len() < stages.len() {
        return structure("each stage needs a name of its own");
    }
    let is_source = |action: &Action| action.kind["category"] == "Source";
    for (index, stage) in stages.iter().enumerate() {
        if let Some(action) = stage.actions.iter().find(|action| is_source(action) != (index == 0)) {
            return structure(format!(
                "sources belong into the first stage and nothing else does: {} of {}",
                action.name, stage.name
            ));
        }
    }
    Ok(())
}

/// Every input artifact must come from an action that is over by then, and every output have a name of its own.
pub(super) fn check_artifacts(stages: &[Stage]) -> Checked<()> {
    let mut made: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for (index, stage) in stages.iter().enumerate() {
        for action in &stage.actions {
            for output in &action.outputs {
                let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                if output.is_empty() || output.len() > 100 || !output.chars().all(allowed) {
                    return action_error(format!("{output:?} is no name for an artifact"));
                }
                if made.insert(output, (index, action.run_order)).is_some() {
                    return structure(format!("two actions make the artifact {output}"));
                }
            }
        }
    }
    for (index, stage) in stages.iter().enumerate() {
        for action in &stage.actions {
            for input in &action.inputs {
                if made.get(input.as_str()).is_none_or(|place| *place >= (index, action.run_order)) {
                    return structure(format!("no action before {} makes the artifact {input}", action.name));
                }
            }
        }
    }
    Ok(())
}
