//! A policy document, compiled once: what is left to do for a decision allocates nothing.

use serde_json::Value;

use super::condition::{self, Condition};
use super::context::Context;
use super::pattern::{Pattern, Syntax};
use super::principal::{Caller, Principals, Reach};
use crate::jackson::{self, Json};

/// The effect of a statement that applies: it gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// A compiled policy under a name: an inline policy's name, or a managed policy's ARN. The default one allows nothing.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Policy {
    name: Box<str>,
    statements: Box<[Statement]>,
    /// The statements' places in the document's text, where it was compiled from one.
    places: Box<[Place]>,
}

/// The place of a statement in its document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The line and the column after the opening brace, both from one.
    pub(crate) start: (usize, usize),
    /// The line and the column after the closing brace.
    pub(crate) end: (usize, usize),
}

/// A compiled statement, with its elements in the form in which they are matched.
#[derive(Debug, PartialEq)]
pub(crate) struct Statement {
    sid: Option<Box<str>>,
    effect: Effect,
    principals: Option<Principals>,
    actions: Selection,
    /// Trust policies have no resources: they are about their own role.
    resources: Option<Selection>,
    conditions: Box<[Condition]>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, PartialEq)]
struct Selection {
    patterns: Box<[Pattern]>,
    negated: bool,
}

impl Selection {
    fn of(statement: &Value, element: &str, negated_element: &str, syntax: Syntax) -> Option<Self> {
        let (value, negated) = match statement.get(element) {
            Some(value) => (value, false),
            None => (statement.get(negated_element)?, true),
        };
        let texts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter();
        let patterns = texts.filter_map(Value::as_str).map(|text| Pattern::compile(text, syntax)).collect();
        Some(Self { patterns, negated })
    }

    fn matches(&self, text: &str, context: &Context<'_>) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(text, context)) != self.negated
    }
}

/// A document that cannot be compiled. IAM's own texts come from [`super::validate`]; this is for a document that slipped through.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a policy document")]
pub(crate) struct NotAPolicy;

impl Policy {
    /// Compiles a document's text.
    ///
    /// # Errors
    /// Fails if it is no JSON object with statements.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, NotAPolicy> {
        let compiled = Self::compile(name, &serde_json::from_str(text).map_err(|_| NotAPolicy)?)?;
        Ok(Self { places: places(text).into(), ..compiled })
    }

    /// Compiles a document.
    ///
    /// # Errors
    /// Fails if it is no object with statements.
    pub(crate) fn compile(name: &str, document: &Value) -> Result<Self, NotAPolicy> {
        let variables = document.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        let statements = document.get("Statement").ok_or(NotAPolicy)?;
        let statements = statements.as_array().map_or(std::slice::from_ref(statements), Vec::as_slice);
        let statements: Option<Vec<Statement>> =
            statements.iter().map(|statement| Statement::compile(statement, variables)).collect();
        let statements = statements.ok_or(NotAPolicy)?.into();
        Ok(Self { name: name.into(), statements, places: Box::default() })
    }

    /// The policy's name, or its ARN.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The statements, in order.
    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The place of a statement in the document's text.
    pub(crate) fn place(&self, statement: usize) -> Option<Place> {
        self.places.get(statement).copied()
    }

    /// The keys that the statements' conditions ask about.
    pub(crate) fn condition_keys(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(Statement::keys)
    }

    /// The first statement with an effect that applies to the question, by its number.
    pub(super) fn first(&self, effect: Effect, question: &Asked<'_>) -> Option<usize> {
        self.statements.iter().position(|statement| statement.effect == effect && statement.applies(question))
    }
}

/// The places of a document's statements, as the reader of AWS's simulator tells them.
fn places(text: &str) -> Vec<Place> {
    let Ok(jackson::Node { json: Json::Object(members), .. }) = jackson::read(text) else { return Vec::new() };
    // Of two equal members the later counts.
    let Some((_, statement)) = members.into_iter().rfind(|(name, _)| name == "Statement") else { return Vec::new() };
    let statements = match statement.json {
        Json::List(statements) => statements,
        _ => vec![statement],
    };
    let at = |place| jackson::position(text, place);
    statements.iter().map(|node| Place { start: at(node.begun), end: at(node.ended) }).collect()
}

/// The part of a question that a statement is matched with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) context: &'a Context<'a>,
}

impl Statement {
    fn compile(statement: &Value, variables: bool) -> Option<Self> {
        let effect = match statement.get("Effect")?.as_str()? {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            _ => return None,
        };
        let principals = match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(element), _) => Some(Principals::compile(element, false)),
            (None, Some(element)) => Some(Principals::compile(element, true)),
            (None, None) => None,
        };
        let wildcards = Syntax { wildcards: true, variables: false, ignore_case: true };
        let resources = Syntax { wildcards: true, variables, ignore_case: false };
        Some(Self {
            sid: statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()).map(Into::into),
            effect,
            principals,
            actions: Selection::of(statement, "Action", "NotAction", wildcards)?,
            resources: Selection::of(statement, "Resource", "NotResource", resources),
            conditions: conditions(statement.get("Condition"), variables)?.into(),
        })
    }

    /// The statement's own name.
    pub(crate) fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// The actions that it names, as they are written; none when it names those that it leaves out.
    pub(crate) fn named_actions(&self) -> impl Iterator<Item = String> {
        let named = if self.actions.negated { &[][..] } else { &self.actions.patterns[..] };
        named.iter().map(ToString::to_string)
    }

    /// The effect of the statement, if it applies.
    pub(crate) fn effect(&self) -> Effect {
        self.effect
    }

    /// The keys that its conditions ask about.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(Condition::key)
    }

    /// True if action and resource match, whatever the conditions.
    pub(super) fn covers(&self, question: &Asked<'_>) -> bool {
        self.actions.matches(question.action, question.context)
            && self.resources.as_ref().is_none_or(|resources| resources.matches(question.resource, question.context))
    }

    /// True if action, resource and conditions match. The caller is matched by [`Statement::reach`].
    pub(super) fn applies(&self, question: &Asked<'_>) -> bool {
        self.covers(question) && self.conditions.iter().all(|condition| condition.holds(question.context))
    }

    /// The reach of the statement to a caller. One without principals is of an identity policy and reaches its owner.
    pub(super) fn reach(&self, caller: &Caller<'_>) -> Option<Reach> {
        self.principals.as_ref().and_then(|principals| principals.reach(caller))
    }
}

/// True if an action as a policy has it (`ssm:Get*`) means an action that was called.
pub(crate) fn action_matches(written: &str, called: &str) -> bool {
    let syntax = Syntax { wildcards: true, variables: false, ignore_case: true };
    Pattern::compile(written, syntax).matches(called, &Context::default())
}

fn conditions(element: Option<&Value>, variables: bool) -> Option<Vec<Condition>> {
    let Some(Value::Object(operators)) = element else { return Some(Vec::new()) };
    let mut compiled = Vec::new();
    for (operator, keys) in operators {
        for (key, values) in keys.as_object()? {
            compiled.push(condition::compile(operator, key, values, variables)?);
        }
    }
    Some(compiled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applies(statement: Value, action: &str, resource: &str) -> bool {
        let policy = Policy::compile("p", &json!({ "Version": "2012-10-17", "Statement": statement })).unwrap();
        let asked = Asked { action, resource, context: &Context::default() };
        policy.statements()[0].applies(&asked)
    }

    #[test]
    fn actions_have_no_case_and_resources_have() {
        let statement = json!({ "Effect": "Allow", "Action": "s3:get*", "Resource": "arn:aws:s3:::b/K" });
        assert!(applies(statement.clone(), "s3:GetObject", "arn:aws:s3:::b/K"));
        assert!(!applies(statement.clone(), "s3:PutObject", "arn:aws:s3:::b/K"));
        assert!(!applies(statement, "s3:GetObject", "arn:aws:s3:::b/k"));
    }

    #[test]
    fn what_is_left_out_does_not_match() {
        let statement = json!({ "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "NotResource": "arn:aws:s3:::b/*" });
        assert!(applies(statement.clone(), "s3:GetObject", "arn:aws:s3:::c/k"));
        assert!(!applies(statement.clone(), "s3:GetObject", "arn:aws:s3:::b/k"));
        assert!(!applies(statement, "iam:GetRole", "arn:aws:s3:::c/k"));
    }

    #[test]
    fn a_resource_stands_for_itself_and_a_star_for_all() {
        let statement = |resource: &str| json!({ "Effect": "Allow", "Action": "*", "Resource": resource });
        assert!(applies(statement("*"), "ssm:DescribeParameters", "*"));
        assert!(!applies(statement("arn:aws:ssm:*:*:parameter/*"), "ssm:DescribeParameters", "*"));
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        assert_eq!(Policy::parse("p", "[]").unwrap_err(), NotAPolicy);
        assert_eq!(Policy::parse("p", r#"{"Statement":[{"Effect":"Alow","Action":"*"}]}"#).unwrap_err(), NotAPolicy);
    }
}
