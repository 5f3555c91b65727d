//! The policy simulator: what the evaluator says of actions that nobody takes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::directory::Effective;
use super::errors::{invalid, missing, no_such};
use super::pages::listing;
use super::service::Iam;
use super::state::Kind;
use crate::authorization::{
    Caller, Context, Deciding, Decision, Effect, Policies, Policy, Question, Source, decide, matched, validate,
};
use crate::core::{Arn, Input, Reply, Request, ServiceError};
use crate::operations::Operation;

const COMMON: &str = "PolicyInputList PermissionsBoundaryPolicyInputList ActionNames ResourceArns ResourcePolicy \
                      ResourceOwner CallerArn ContextEntries MaxItems Marker";

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("SimulateCustomPolicy", COMMON, |iam, request| {
        let subject = Subject { arn: iam.caller_arn(request), effective: Arc::default() };
        iam.simulate(request, &subject)
    }),
    Operation::<Iam>::now(
        "SimulatePrincipalPolicy",
        "PolicySourceArn PolicyInputList PermissionsBoundaryPolicyInputList ActionNames ResourceArns ResourcePolicy \
         ResourceOwner CallerArn ContextEntries MaxItems Marker",
        |iam, request| {
            let subject = iam.subject(request.input.str("PolicySourceArn")?)?;
            let mut answer = iam.simulate(request, &subject)?;
            // The account of the plane is in no organisation that could forbid anything.
            for result in answer["EvaluationResults"].as_array_mut().into_iter().flatten() {
                result["OrganizationsDecisionDetail"] = json!({ "AllowedByOrganizations": true });
            }
            Ok(answer)
        },
    )
    .on_found(|_, input| vec![input.opt_str("PolicySourceArn").unwrap_or("*").to_owned()]),
    Operation::<Iam>::now("GetContextKeysForCustomPolicy", "PolicyInputList", |_, request| {
        Ok(context_keys(&given(&request.input, "PolicyInputList")?))
    }),
    Operation::<Iam>::now("GetContextKeysForPrincipalPolicy", "PolicySourceArn PolicyInputList", |iam, request| {
        let mut policies = iam.subject(request.input.str("PolicySourceArn")?)?.effective.identity.clone();
        policies.extend(given(&request.input, "PolicyInputList")?);
        Ok(context_keys(&policies))
    })
    .on_found(|_, input| vec![input.opt_str("PolicySourceArn").unwrap_or("*").to_owned()]),
];

/// The holder of the policies that are simulated.
struct Subject {
    arn: String,
    effective: Arc<Effective>,
}

/// Everything that one simulation asks with.
struct Simulation<'a> {
    caller: Caller<'a>,
    owner: &'a str,
    policies: Policies<'a>,
    context: Context<'a>,
}

/// The policies of a list, compiled under the names by which the simulator calls them.
fn given(input: &Input, list: &str) -> Result<Vec<Arc<Policy>>, ServiceError> {
    let named = input.strings(list).into_iter().enumerate();
    named
        .map(|(at, text)| {
            let name = format!("{list}.{}", at + 1);
            validate::inline(&text).map_err(|fault| invalid(fault.0))?;
            Policy::parse(&name, &text).map(Arc::new).map_err(|_| invalid("Syntax errors in policy."))
        })
        .collect()
}

fn context_keys(policies: &[Arc<Policy>]) -> Value {
    let mut keys: Vec<&str> = Vec::new();
    for key in policies.iter().flat_map(|policy| policy.condition_keys()) {
        if !keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            keys.push(key);
        }
    }
    json!({ "ContextKeyNames": keys })
}

/// The entries as a context.
fn context(input: &Input) -> Context<'_> {
    let mut context = Context::default();
    for entry in input.list("ContextEntries") {
        let key = entry["ContextKeyName"].as_str().unwrap_or_default();
        let values = entry["ContextKeyValues"].as_array().map_or(&[][..], Vec::as_slice);
        let mut values = values.iter().filter_map(Value::as_str);
        if entry["ContextKeyType"].as_str().is_some_and(|kind| kind.ends_with("List")) {
            context.set_many(key, values.map(Into::into).collect());
        } else if let Some(value) = values.next_back() {
            context.set(key, value);
        }
    }
    context
}

/// A principal's ARN as a caller.
fn caller<'a>(arn: &'a str, parsed: &'a Arn, role: &'a str) -> Caller<'a> {
    let account = parsed.account.as_str();
    if parsed.resource == "root" {
        return Caller::Root { account };
    }
    if parsed.of_kind("role").is_some() {
        return Caller::RoleSession { session: arn, role: arn, account };
    }
    if parsed.of_kind("assumed-role").is_some() {
        return Caller::RoleSession { session: arn, role, account };
    }
    Caller::User { arn, account }
}

/// The role behind a session's ARN. Assumed: it has no path.
fn role_of(parsed: &Arn) -> String {
    let name = parsed.of_kind("assumed-role").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    format!("arn:aws:iam::{}:role/{name}", parsed.account)
}

impl Iam {
    fn caller_arn(&self, request: &Request) -> String {
        let account = &self.hub.identity.account;
        let given = request.input.opt_str("CallerArn").map(str::to_owned);
        given.unwrap_or_else(|| format!("arn:aws:iam::{account}:user/simulated"))
    }

    /// The user, group or role whose policies are simulated.
    fn subject(&self, arn: &str) -> Result<Subject, ServiceError> {
        let parsed = Arn::parse(arn).filter(|parsed| parsed.service == "iam");
        let refused = || invalid(format!("Invalid Entity Arn: {arn} does not clearly define entity type and name."));
        let parsed = parsed.ok_or_else(refused)?;
        let kinds = [("user", Kind::User), ("group", Kind::Group), ("role", Kind::Role)];
        let found = kinds.into_iter().find(|(word, _)| parsed.of_kind(word).is_some());
        let (word, kind) = found.ok_or_else(refused)?;
        self.directory.read(|state| {
            let own = state.identity(kind, parsed.name()).map_err(|_| no_such(word, parsed.name()))?;
            if own.arn != arn {
                return Err(missing(format!("The {word} with name {} cannot be found.", parsed.name())));
            }
            Ok(Subject { arn: arn.to_owned(), effective: Arc::new(Effective::of(state, arn)) })
        })
    }

    fn simulate(&self, request: &Request, subject: &Subject) -> Reply {
        let input = &request.input;
        let caller_arn = input.opt_str("CallerArn").unwrap_or(&subject.arn);
        let parsed = Arn::parse(caller_arn).ok_or_else(|| invalid(format!("Invalid caller ARN: {caller_arn}")))?;
        let role = role_of(&parsed);
        let mut identity = subject.effective.identity.clone();
        identity.extend(given(input, "PolicyInputList")?);
        let boundary = given(input, "PermissionsBoundaryPolicyInputList")?.into_iter().next();
        let boundary = boundary.or_else(|| subject.effective.boundary.clone());
        let resource = input.opt_str("ResourcePolicy").map(|text| Policy::parse("ResourcePolicy", text));
        let resource = resource.transpose().map_err(|_| invalid("Syntax errors in policy."))?;
        let owner = input.opt_str("ResourceOwner").and_then(Arn::parse).map(|owner| owner.account);
        let simulation = Simulation {
            caller: caller(caller_arn, &parsed, &role),
            owner: owner.as_deref().unwrap_or(&parsed.account),
            policies: Policies {
                identity: &identity,
                boundary: boundary.as_deref(),
                resource: resource.as_ref(),
                ..Policies::default()
            },
            context: context(input),
        };
        let mut resources = input.strings("ResourceArns");
        if resources.is_empty() {
            resources.push("*".to_owned());
        }
        let mut results = Vec::new();
        for action in input.strings("ActionNames") {
            let form = action.split_once(':').is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty());
            if !form {
                return Err(invalid(format!("Invalid action: {action}")));
            }
            for resource in &resources {
                results.push((format!("{:05}", results.len()), simulation.result(&action, resource)));
            }
        }
        listing(request, "EvaluationResults", results)
    }
}

impl Simulation<'_> {
    fn result(&self, action: &str, resource: &str) -> Value {
        let question = Question { caller: self.caller, action, resource, owner: self.owner, context: &self.context };
        let decision = decide(&question, &self.policies);
        let (statements, missing) = matched(&question, &self.policies);
        let word = match decision {
            Decision::Allowed(_) => "allowed",
            Decision::ExplicitlyDenied(_) => "explicitDeny",
            Decision::NotAllowed(_) => "implicitDeny",
        };
        let statements: Vec<Value> = statements.iter().map(described).collect();
        let mut result = json!({
            "EvalActionName": action, "EvalResourceName": resource, "EvalDecision": word,
            "MatchedStatements": statements, "MissingContextValues": missing, "EvalDecisionDetails": {},
        });
        if resource != "*" {
            result["ResourceSpecificResults"] = json!([{
                "EvalResourceName": resource, "EvalResourceDecision": word,
                "MatchedStatements": statements, "MissingContextValues": missing,
            }]);
        }
        if let Some(boundary) = self.policies.boundary {
            let only = Policies { boundary: Some(boundary), ..Policies::default() };
            let by_boundary = within(&question, &only);
            result["PermissionsBoundaryDecisionDetail"] = json!({ "AllowedByPermissionsBoundary": by_boundary });
        }
        result
    }
}

/// True if the boundary by itself would let the question pass.
fn within(question: &Question<'_>, policies: &Policies<'_>) -> bool {
    let (statements, _) = matched(question, policies);
    let effects = statements.iter().map(|deciding| deciding.policy.statements()[deciding.statement].effect());
    let mut allowed = false;
    for effect in effects {
        match effect {
            Effect::Deny => return false,
            Effect::Allow => allowed = true,
        }
    }
    allowed
}

/// A matched statement, with its place in the text of its policy.
fn described(deciding: &Deciding<'_>) -> Value {
    let name = deciding.policy.name();
    let kind = match deciding.source {
        Source::Resource | Source::Trust => "Resource Policy",
        Source::Boundary => "IAM Permissions Boundary Policy",
        Source::Identity | Source::Session => "IAM Policy",
    };
    let mut described = json!({ "SourcePolicyId": name.rsplit('/').next().unwrap_or(name), "SourcePolicyType": kind });
    if let Some(place) = deciding.policy.place(deciding.statement) {
        let position = |(line, column): (usize, usize)| json!({ "Line": line, "Column": column });
        described["StartPosition"] = position(place.start);
        described["EndPosition"] = position(place.end);
    }
    described
}
