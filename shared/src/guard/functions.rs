//! A function of a SAM template, as its guard sees it.

use serde_json::Value;

use super::GuardFault;

const SERVERLESS_FUNCTION: &str = "AWS::Serverless::Function";

/// A function that can be guarded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guardable<'a> {
    /// The logical id.
    pub(super) logical_id: &'a str,
    template: &'a Value,
    resource: &'a Value,
}

impl<'a> Guardable<'a> {
    /// Fails if the template has no such function, or one that SAM does not make.
    pub(super) fn find(template: &'a Value, logical_id: &'a str) -> Result<Self, GuardFault> {
        let resource = template.get("Resources").and_then(|resources| resources.get(logical_id));
        let function = || logical_id.to_owned();
        let resource = resource.ok_or_else(|| GuardFault::Missing { function: function() })?;
        match resource["Type"].as_str().unwrap_or("a resource without a type") {
            SERVERLESS_FUNCTION => Ok(Self { logical_id, template, resource }),
            kind => Err(GuardFault::Kind { function: function(), kind: kind.to_owned() }),
        }
    }

    /// A property of the function, or the one that `Globals` gives to every function.
    pub(super) fn property(&self, name: &str) -> Option<&'a Value> {
        let own = self.resource.get("Properties").and_then(|properties| properties.get(name));
        own.or_else(|| self.template.pointer("/Globals/Function")?.get(name))
    }

    /// The alias that the template publishes.
    pub(super) fn alias(&self) -> Option<&'a Value> {
        self.property("AutoPublishAlias")
    }

    /// True if the template says how versions are shifted, even if it says that they are not.
    pub(super) fn has_preference(&self) -> bool {
        self.property("DeploymentPreference").is_some()
    }

    /// The condition under which the function exists.
    pub(super) fn condition(&self) -> Option<&'a Value> {
        self.resource.get("Condition")
    }

    /// True if the template has a resource of that name.
    pub(super) fn is_taken(&self, logical_id: &str) -> bool {
        self.template["Resources"].get(logical_id).is_some()
    }
}
