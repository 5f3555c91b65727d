//! The step from a request to the stack's new form: the template read, transformed, checked and bound to its values.
//!
//! Everything that can be refused is refused here, before anything is done.

mod attributes;
mod fixed;
mod names;
mod rules;
mod ssm;
mod support;
mod transform;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::graph::Graph;
use super::intrinsics::Fixed;
use super::parameters::{self, Given, ParameterValue};
use super::provider::ProviderLookup;
use super::template::{self, Source, Template};
use crate::core::{Caller, Hub, ServiceError};

pub use names::check as check_names;
pub use support::check_types;

/// The name and the ARN of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackIdentity {
    /// The name, unique among the stacks that are not deleted.
    pub name: String,
    /// The ARN, which stays when the stack is deleted.
    pub id: String,
}

/// The form that a stack is to take, or has taken.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The template as it was handed in.
    pub source: Source,
    /// The template after its transform.
    pub processed: Value,
    /// The declarations of the processed template.
    pub template: Template,
    /// The values of the parameters, defaults included.
    pub parameters: Vec<ParameterValue>,
    /// The values that its intrinsics resolve to, resources apart.
    pub fixed: Fixed,
    /// The resources and what they wait for.
    pub graph: Graph,
    /// The settings that come with the template.
    pub settings: Settings,
}

/// The members of a request beside template and parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The tags of the stack.
    pub tags: Vec<(String, String)>,
    /// The capabilities that were acknowledged last.
    pub capabilities: Vec<String>,
    /// The stack's service role, which acts in the caller's place.
    pub role_arn: Option<String>,
    /// The topics that hear of every event.
    pub notification_arns: Vec<String>,
}

/// A request, before it is prepared.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The identity of the stack, for `AWS::StackName` and `AWS::StackId`.
    pub stack: StackIdentity,
    /// The template as it was handed in.
    pub source: Source,
    /// The parameters of the request.
    pub given: Vec<Given>,
    /// The parameters that the stack has.
    pub previous: Vec<ParameterValue>,
    /// The members beside template and parameters.
    pub settings: Settings,
    /// The capabilities that the request itself acknowledges.
    pub acknowledged: Vec<String>,
    /// The exports of all stacks, by name.
    pub exports: BTreeMap<String, String>,
    /// The properties of the resources that exist, by logical id.
    pub live: BTreeMap<String, Value>,
    /// The only resource types that the request allows, with stars; any when empty.
    pub allowed_types: Vec<String>,
    /// The caller for which the template's Parameter Store values are read.
    pub caller: Caller,
    /// True if a transform must be acknowledged: a change set shows first what it gives, and needs none.
    pub direct: bool,
}

/// The reason why something cannot be prepared.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The error that the request or the change set gets.
    pub error: ServiceError,
    /// True if it only showed when the transform was done. CloudFormation transforms in the background, so that a
    /// change set then fails instead of the request.
    pub transforming: bool,
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self { error, transforming: false }
    }
}

impl Prepared {
    /// Reads, transforms and checks.
    ///
    /// # Errors
    /// Everything that the caller must know before anything is done.
    pub async fn of(hub: &Arc<Hub>, lookup: ProviderLookup, draft: Draft) -> Result<Arc<Self>, Refusal> {
        let json = draft.source.tree.to_json();
        transform::check(&draft)?;
        let transforming = !draft.source.transforms().is_empty();
        if !transforming {
            // What is wrong with the template itself is said before what is wrong with the parameters.
            let template = Template::read(&json, &draft.source)?;
            support::check_types(&template, &draft.source, lookup)?;
            names::check(&template)?;
        }
        let declarations = template::parameters(&json)?;
        let mut values = parameters::assign(&declarations, &draft.given, &draft.previous)?;
        parameters::check_existence(&declarations, &values, &hub.identity.region)?;
        ssm::check_names(hub, &draft.caller, &parameters::ssm_keys(&declarations, &values)).await?;
        let held = ssm::read(hub, &draft.caller, &parameters::ssm_names(&declarations, &values)).await?;
        parameters::fill_from_ssm(&declarations, &mut values, &held);
        let processed = transform::run(&draft.source, json, &values)?;
        let late = |error: ServiceError| Refusal { error, transforming };
        let template = Template::read(&processed, &draft.source).map_err(late)?;
        support::check_types(&template, &draft.source, lookup).map_err(late)?;
        support::check_allowed(&template, &draft.allowed_types).map_err(late)?;
        support::check_properties(&template, &draft.source, lookup).map_err(late)?;
        names::check(&template).map_err(late)?;
        template::check_capabilities(&template, &draft.acknowledged)?;
        let fixed = fixed::of(hub, &draft, &template, &values).map_err(late)?;
        rules::check(&template, &fixed)?;
        let graph = Graph::of(&template, &fixed.conditions).map_err(late)?;
        let (source, settings) = (draft.source, draft.settings);
        let mut prepared = Self { source, processed, template, parameters: values, fixed, graph, settings };
        let names = prepared.dynamic_names();
        prepared.fixed.dynamic = Some(ssm::read(hub, &draft.caller, &names).await.map_err(late)?);
        prepared.check_attributes(lookup).map_err(late)?;
        prepared.check_values().map_err(late)?;
        prepared.check_properties(lookup, &draft.live).map_err(late)?;
        Ok(Arc::new(prepared))
    }

    /// The values of intrinsics while dynamic references stay as they stand.
    pub fn undisturbed(&self) -> Fixed {
        Fixed { dynamic: None, ..self.fixed.clone() }
    }
}
