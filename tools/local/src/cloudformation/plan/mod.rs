//! The step from a request to the stack's new form: the template read, transformed, checked and bound to its values.
//!
//! Everything that can be refused is refused here, before anything is done.

mod attributes;
mod draft;
mod fixed;
mod names;
mod policies;
mod prepared;
mod refusal;
mod rules;
mod ssm;
mod support;
mod transform;
mod values;

use std::sync::Arc;

use super::graph::Graph;
use super::intrinsics::Fixed;
use super::parameters;
use super::provider::ProviderLookup;
use super::template::{self, Template};
use crate::core::{Hub, ServiceError};

pub use draft::{Draft, Settings, StackIdentity};
pub use names::check as check_names;
pub use prepared::Prepared;
pub use refusal::Refusal;
pub use support::check_types;

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
            // Faults of the template itself are said before those of the parameters.
            let template = Template::read(&json, &draft.source)?;
            support::check_types(&template, &draft.source, lookup)?;
            names::check(&template)?;
        }
        let declarations = template::parameters(&json)?;
        let mut values = parameters::assign(&declarations, &draft.given, &draft.previous)?;
        parameters::check_existence(&declarations, &values, &hub.identity.region)?;
        ssm::check_names(hub, &draft.caller, &parameters::ssm_keys(&declarations, &values)).await?;
        let held = ssm::of_parameters(hub, &draft, &parameters::ssm_names(&declarations, &values)).await?;
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
        prepared.check_policies().map_err(late)?;
        prepared.check_values().map_err(late)?;
        prepared.check_properties(lookup, &draft.live).map_err(late)?;
        Ok(Arc::new(prepared))
    }

    /// The values of intrinsics while dynamic references stay as they stand.
    pub fn undisturbed(&self) -> Fixed {
        Fixed { dynamic: None, ..self.fixed.clone() }
    }
}
