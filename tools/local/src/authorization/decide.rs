//! The decision, as AWS documents its evaluation logic.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>: an explicit deny ends
//! it; within an account an identity's policies or the resource's own may allow; a boundary and session policies limit
//! what identity policies allow, and what a resource's policy grants to a *role*, but not what it grants to a user or to
//! the session itself. Services and strangers are let in by the resource's policy alone.

use std::sync::Arc;

use super::context::Context;
use super::policy::{Asked, Effect, Policy};
use super::principal::{Caller, Reach};

/// One call to decide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    /// The caller who asks.
    pub(crate) caller: Caller<'a>,
    /// The action, such as `ssm:GetParameter`.
    pub(crate) action: &'a str,
    /// The resource's ARN, or `*` for an action without resources.
    pub(crate) resource: &'a str,
    /// The account that owns the resource.
    pub(crate) owner: &'a str,
    /// The values of the condition keys.
    pub(crate) context: &'a Context<'a>,
}

/// The policies that bear on a question.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Policies<'p> {
    /// The policies of the user or the role, inline and managed.
    pub(crate) identity: &'p [Arc<Policy>],
    /// The permissions boundary of the user or the role; none sets no bound.
    pub(crate) boundary: Option<&'p Policy>,
    /// The session's own policies, which limit it together; empty when it was made without.
    pub(crate) session: &'p [Arc<Policy>],
    /// The resource's own policy, or a role's trust policy.
    pub(crate) resource: Option<&'p Policy>,
    /// The resource is a role and its policy says who is trusted: without its grant nobody is let in.
    pub(crate) trust: bool,
}

/// The place of a policy among those that bear on a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Source {
    Identity,
    Boundary,
    Session,
    Resource,
    Trust,
}

/// A statement that decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Deciding<'p> {
    /// The place of its policy.
    pub(crate) source: Source,
    /// The policy that has the statement.
    pub(crate) policy: &'p Policy,
    /// The statement's number in it, from 0.
    pub(crate) statement: usize,
}

/// The answer to a question, with the statement that decided or the kind of policy that allows nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Decision<'p> {
    /// Allowed by a statement; by none for the account's root user.
    Allowed(Option<Deciding<'p>>),
    /// A statement denies it.
    ExplicitlyDenied(Deciding<'p>),
    /// No policy of this kind allows it.
    NotAllowed(Source),
}

/// Decides a question.
pub(crate) fn decide<'p>(question: &Question<'_>, policies: &Policies<'p>) -> Decision<'p> {
    let asked = Asked { action: question.action, resource: question.resource, context: question.context };
    let evaluation = Evaluation { asked, caller: &question.caller, policies };
    match evaluation.denied() {
        Some(deciding) => Decision::ExplicitlyDenied(deciding),
        None => evaluation.allowed(question.caller.account() == Some(question.owner)),
    }
}

struct Evaluation<'q, 'p> {
    asked: Asked<'q>,
    caller: &'q Caller<'q>,
    policies: &'q Policies<'p>,
}

impl<'p> Evaluation<'_, 'p> {
    fn first(&self, source: Source, policies: &'p [Arc<Policy>], effect: Effect) -> Option<Deciding<'p>> {
        policies.iter().find_map(|policy| self.first_of(source, policy, effect))
    }

    fn first_of(&self, source: Source, policy: &'p Policy, effect: Effect) -> Option<Deciding<'p>> {
        policy.first(effect, &self.asked).map(|statement| Deciding { source, policy, statement })
    }

    fn resource_source(&self) -> Source {
        if self.policies.trust { Source::Trust } else { Source::Resource }
    }

    /// The statements of the resource's policy that apply and reach the caller.
    fn resource(&self, effect: Effect) -> Option<(Reach, Deciding<'p>)> {
        let policy = self.policies.resource?;
        let mut best: Option<(Reach, usize)> = None;
        for (number, statement) in policy.statements().iter().enumerate() {
            if statement.effect() != effect || !statement.applies(&self.asked) {
                continue;
            }
            if let Some(reach) = statement.reach(self.caller)
                && best.is_none_or(|(known, _)| reach > known)
            {
                best = Some((reach, number));
            }
        }
        best.map(|(reach, statement)| (reach, Deciding { source: self.resource_source(), policy, statement }))
    }

    fn denied(&self) -> Option<Deciding<'p>> {
        let Policies { identity, boundary, session, .. } = *self.policies;
        self.first(Source::Identity, identity, Effect::Deny)
            .or_else(|| self.first_of(Source::Boundary, boundary?, Effect::Deny))
            .or_else(|| self.first(Source::Session, session, Effect::Deny))
            .or_else(|| self.resource(Effect::Deny).map(|(_, deciding)| deciding))
    }

    fn allowed(&self, same_account: bool) -> Decision<'p> {
        let granted = self.resource(Effect::Allow);
        let Some(_) = self.caller.account() else {
            return granted.map_or(Decision::NotAllowed(self.resource_source()), |(_, by)| Decision::Allowed(Some(by)));
        };
        if granted.is_none() && (self.policies.trust || !same_account) {
            return Decision::NotAllowed(self.resource_source());
        }
        match granted {
            Some((Reach::Direct, by)) if same_account => Decision::Allowed(Some(by)),
            Some((Reach::Role, by)) if same_account => self.limited(Some(by)),
            _ => match self.identity() {
                Ok(by) => self.limited(by),
                Err(source) => Decision::NotAllowed(source),
            },
        }
    }

    /// The grant of the caller's own policies. The root user has none and needs none.
    fn identity(&self) -> Result<Option<Deciding<'p>>, Source> {
        if matches!(self.caller, Caller::Root { .. }) {
            return Ok(None);
        }
        self.first(Source::Identity, self.policies.identity, Effect::Allow).map(Some).ok_or(Source::Identity)
    }

    /// The rest of a grant under the boundary and the session's policies.
    fn limited(&self, by: Option<Deciding<'p>>) -> Decision<'p> {
        let Policies { boundary, session, .. } = *self.policies;
        if boundary.is_some_and(|policy| policy.first(Effect::Allow, &self.asked).is_none()) {
            return Decision::NotAllowed(Source::Boundary);
        }
        if !session.is_empty() && self.first(Source::Session, session, Effect::Allow).is_none() {
            return Decision::NotAllowed(Source::Session);
        }
        Decision::Allowed(by)
    }
}

/// Every statement that applies, and the condition keys that some statement asks for and the request lacks: what the
/// policy simulator shows beside a decision.
pub(crate) fn matched<'p>(question: &Question<'_>, policies: &Policies<'p>) -> (Vec<Deciding<'p>>, Vec<&'p str>) {
    let asked = Asked { action: question.action, resource: question.resource, context: question.context };
    let (mut statements, mut missing) = (Vec::new(), Vec::new());
    let identity = policies.identity.iter().map(|policy| (Source::Identity, &**policy));
    let boundary = policies.boundary.map(|policy| (Source::Boundary, policy));
    let resource = policies.resource.map(|policy| (Source::Resource, policy));
    for (source, policy) in identity.chain(boundary).chain(resource) {
        for (number, statement) in policy.statements().iter().enumerate() {
            let reached = source != Source::Resource || statement.reach(&question.caller).is_some();
            if !reached || !statement.covers(&asked) {
                continue;
            }
            let lacking = statement.keys().filter(|key| question.context.values(key).is_none());
            for key in lacking {
                if !missing.iter().any(|known: &&str| known.eq_ignore_ascii_case(key)) {
                    missing.push(key);
                }
            }
            if statement.applies(&asked) {
                statements.push(Deciding { source, policy, statement: number });
            }
        }
    }
    (statements, missing)
}
