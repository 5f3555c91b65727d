//! A function of a template, as its guard sees it.

use serde_json::{Value, json};

use super::GuardFault;

const SERVERLESS_FUNCTION: &str = "AWS::Serverless::Function";
const LAMBDA_FUNCTION: &str = "AWS::Lambda::Function";

/// The two kinds of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// SAM makes it, with its version, its alias and its group.
    Serverless,
    /// CloudFormation makes it, and nothing else.
    Plain,
}

/// A function that can be guarded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guardable<'a> {
    /// The logical id.
    pub(super) logical_id: &'a str,
    pub(super) kind: Kind,
    template: &'a Value,
    resource: &'a Value,
}

/// The alias that a guard shifts, and the version that a release points it to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shifted {
    /// The alias's name, or the expression of which CloudFormation makes it.
    pub(super) alias: Value,
    /// The expression of which CloudFormation makes the version's number.
    pub(super) version: Value,
}

impl<'a> Guardable<'a> {
    /// Fails if the template has no such function.
    pub(super) fn find(template: &'a Value, logical_id: &'a str) -> Result<Self, GuardFault> {
        let resource = template.get("Resources").and_then(|resources| resources.get(logical_id));
        let function = || logical_id.to_owned();
        let resource = resource.ok_or_else(|| GuardFault::Missing { function: function() })?;
        let kind = match resource["Type"].as_str().unwrap_or("a resource without a type") {
            SERVERLESS_FUNCTION => Kind::Serverless,
            LAMBDA_FUNCTION => Kind::Plain,
            kind => return Err(GuardFault::Kind { function: function(), kind: kind.to_owned() }),
        };
        match &resource["Properties"] {
            Value::Null | Value::Object(_) => Ok(Self { logical_id, kind, template, resource }),
            _ => Err(GuardFault::Properties { function: function() }),
        }
    }

    /// Every function of SAM's.
    pub(super) fn serverless(template: &'a Value) -> impl Iterator<Item = Self> {
        let resources = template["Resources"].as_object().into_iter().flatten();
        let serverless = resources.filter(|(_, resource)| resource["Type"] == SERVERLESS_FUNCTION);
        serverless.map(move |(logical_id, resource)| Self { logical_id, kind: Kind::Serverless, template, resource })
    }

    /// A property of the function, or the one that `Globals` gives to every function of SAM's.
    pub(super) fn property(&self, name: &str) -> Option<&'a Value> {
        self.properties(name).next()
    }

    /// A member of a property; `Globals` gives the members that the function does not have.
    pub(super) fn member(&self, property: &str, name: &str) -> Option<&'a Value> {
        self.properties(property).find_map(|value| value.get(name))
    }

    fn properties(&self, name: &str) -> impl Iterator<Item = &'a Value> {
        let own = self.resource.get("Properties").and_then(|properties| properties.get(name));
        let global = self.template.pointer("/Globals/Function").filter(|_| self.kind == Kind::Serverless);
        own.into_iter().chain(global.and_then(|global| global.get(name)))
    }

    /// The whole template.
    pub(super) fn template(&self) -> &'a Value {
        self.template
    }

    /// An attribute beside the properties, such as `Condition`.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a Value> {
        self.resource.get(name)
    }

    /// The condition under which the function exists.
    pub(super) fn condition(&self) -> Option<&'a Value> {
        self.attribute("Condition")
    }

    /// The logical id, unless the template has a resource of that name.
    pub(super) fn free(&self, logical_id: String) -> Result<String, GuardFault> {
        match self.template["Resources"].get(&logical_id) {
            None => Ok(logical_id),
            Some(_) => Err(GuardFault::Taken { function: self.logical_id.to_owned(), resource: logical_id }),
        }
    }

    /// `{"Ref": <function>}`: its name.
    pub(super) fn name(&self) -> Value {
        json!({ "Ref": self.logical_id })
    }
}
