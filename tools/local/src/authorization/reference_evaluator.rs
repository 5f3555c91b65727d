//! A second evaluator, written without the first: slow, and over the documents as they are. Both must say the same of
//! generated policies and calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Caller, Context, Decision, Policies, Policy, Question, Source, decide};

const ACCOUNT: &str = "123456789012";
const OTHER_ACCOUNT: &str = "999999999999";

type Keys = BTreeMap<&'static str, Vec<&'static str>>;

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

/// True if a text is like a pattern, after its variables were put in.
fn like(pattern: &str, text: &str, keys: &Keys, ignore_case: bool) -> bool {
    let mut filled = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(end) = rest.strip_prefix("${").and_then(|inner| inner.find('}')) {
            let Some([value]) = keys.get(&rest[2..2 + end]).map(Vec::as_slice) else { return false };
            filled.extend(value.chars().map(Sign::Letter));
            rest = &rest[end + 3..];
            continue;
        }
        filled.push(match first {
            '*' => Sign::Many,
            '?' => Sign::One,
            letter => Sign::Letter(letter),
        });
        rest = &rest[first.len_utf8()..];
    }
    let text: Vec<char> = text.chars().collect();
    goes_on(&filled, &text, ignore_case)
}

/// One sign of a pattern.
#[derive(Clone, Copy)]
enum Sign {
    Letter(char),
    One,
    Many,
}

fn goes_on(pattern: &[Sign], text: &[char], ignore_case: bool) -> bool {
    let Some((sign, pattern)) = pattern.split_first() else { return text.is_empty() };
    match (sign, text.split_first()) {
        (Sign::Many, _) => (0..=text.len()).any(|skipped| goes_on(pattern, &text[skipped..], ignore_case)),
        (_, None) => false,
        (Sign::One, Some((_, text))) => goes_on(pattern, text, ignore_case),
        (Sign::Letter(wanted), Some((letter, text))) => {
            let same = if ignore_case { wanted.eq_ignore_ascii_case(letter) } else { wanted == letter };
            same && goes_on(pattern, text, ignore_case)
        }
    }
}

fn any_like(patterns: &Value, text: &str, keys: &Keys, ignore_case: bool) -> bool {
    list(patterns).iter().any(|pattern| like(pattern.as_str().unwrap(), text, keys, ignore_case))
}

fn condition(operator: &str, key: &str, constants: &Value, keys: &Keys) -> bool {
    let (quantifier, name) = operator.split_once(':').unwrap_or(("", operator));
    let (name, lenient) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
    let present = keys.get(key);
    if name == "Null" {
        return list(constants).iter().any(|constant| (constant == "true") == present.is_none());
    }
    let negative = name.contains("Not");
    let Some(values) = present.filter(|values| !values.is_empty()) else {
        return match quantifier {
            "ForAllValues" => true,
            "ForAnyValue" => lenient,
            _ => lenient || negative,
        };
    };
    let one = |value: &str, constant: &str| match name {
        "StringEquals" | "StringNotEquals" => value == constant,
        "StringLike" | "StringNotLike" => like(constant, value, keys, false),
        "NumericLessThan" => value.parse::<i64>().is_ok_and(|number| number < constant.parse().unwrap()),
        "Bool" => value == constant,
        other => panic!("{other}"),
    };
    let matched =
        |value: &&str| list(constants).iter().any(|constant| one(value, constant.as_str().unwrap())) != negative;
    match (quantifier, negative) {
        ("ForAllValues", _) | ("", true) => values.iter().all(matched),
        _ => values.iter().any(matched),
    }
}

fn applies(statement: &Value, action: &str, resource: &str, keys: &Keys) -> bool {
    let action_fits = match statement.get("Action") {
        Some(patterns) => any_like(patterns, action, keys, true),
        None => !any_like(&statement["NotAction"], action, keys, true),
    };
    let resource_fits = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(patterns), _) => any_like(patterns, resource, keys, false),
        (None, Some(patterns)) => !any_like(patterns, resource, keys, false),
        (None, None) => true,
    };
    let empty = serde_json::Map::new();
    let conditions = statement.get("Condition").and_then(Value::as_object).unwrap_or(&empty);
    action_fits
        && resource_fits
        && conditions.iter().all(|(operator, tests)| {
            tests.as_object().unwrap().iter().all(|(key, constants)| condition(operator, key, constants, keys))
        })
}

/// The names of a caller in a principal element, and the way in which each reaches it.
fn names(caller: &Caller<'_>) -> Vec<(String, &'static str)> {
    let star = ("*".to_owned(), "direct");
    match *caller {
        Caller::Root { account } => vec![star, (account.to_owned(), "account")],
        Caller::User { arn, account } | Caller::FederatedUser { arn, account } => {
            vec![star, (arn.to_owned(), "direct"), (account.to_owned(), "account")]
        }
        Caller::RoleSession { session, role, account } => {
            vec![star, (session.to_owned(), "direct"), (role.to_owned(), "role"), (account.to_owned(), "account")]
        }
        Caller::Service(name) => vec![star, (name.to_owned(), "direct")],
        Caller::Anonymous => vec![star],
    }
}

fn reached(statement: &Value, caller: &Caller<'_>) -> Vec<&'static str> {
    let mut named: Vec<String> = Vec::new();
    match &statement["Principal"] {
        Value::String(star) => named.push(star.clone()),
        Value::Object(kinds) => {
            named.extend(kinds.values().flat_map(list).map(|value| value.as_str().unwrap().to_owned()));
        }
        _ => {}
    }
    names(caller).into_iter().filter(|(name, _)| named.contains(name)).map(|(_, way)| way).collect()
}

/// One call and the documents that bear on it.
#[derive(Clone, Debug)]
struct Scenario {
    caller: usize,
    action: &'static str,
    resource: &'static str,
    foreign: bool,
    keys: Keys,
    identity: Vec<Value>,
    boundary: Option<Value>,
    session: Option<Value>,
    resource_policy: Option<Value>,
}

const CALLERS: [Caller<'static>; 5] = [
    Caller::Root { account: ACCOUNT },
    Caller::User { arn: "arn:aws:iam::123456789012:user/ana", account: ACCOUNT },
    Caller::RoleSession {
        session: "arn:aws:sts::123456789012:assumed-role/app/one",
        role: "arn:aws:iam::123456789012:role/app",
        account: ACCOUNT,
    },
    Caller::Service("lambda.amazonaws.com"),
    Caller::Anonymous,
];

/// The answer of the second evaluator: `allow`, `deny`, or the kind of policy that does not allow.
fn second_opinion(scenario: &Scenario) -> String {
    let caller = CALLERS[scenario.caller];
    let has = |documents: &[Value], effect: &str| {
        documents.iter().flat_map(|document| list(&document["Statement"])).any(|statement| {
            statement["Effect"] == effect && applies(&statement, scenario.action, scenario.resource, &scenario.keys)
        })
    };
    let boundary: Vec<Value> = scenario.boundary.iter().cloned().collect();
    let session: Vec<Value> = scenario.session.iter().cloned().collect();
    let resource: Vec<Value> = scenario.resource_policy.iter().flat_map(|policy| list(&policy["Statement"])).collect();
    let ways = |effect: &str| -> Vec<&'static str> {
        let fits =
            |one: &&Value| one["Effect"] == effect && applies(one, scenario.action, scenario.resource, &scenario.keys);
        resource.iter().filter(fits).flat_map(|statement| reached(statement, &caller)).collect()
    };
    if has(&scenario.identity, "Deny") || has(&boundary, "Deny") || has(&session, "Deny") || !ways("Deny").is_empty() {
        return "deny".to_owned();
    }
    let granted = ways("Allow");
    let outsider = matches!(caller, Caller::Service(_) | Caller::Anonymous);
    if outsider || (scenario.foreign && granted.is_empty()) {
        return if granted.is_empty() { "resource" } else { "allow" }.to_owned();
    }
    if !scenario.foreign && granted.contains(&"direct") {
        return "allow".to_owned();
    }
    let own = has(&scenario.identity, "Allow") || matches!(caller, Caller::Root { .. });
    if !own && (scenario.foreign || !granted.contains(&"role")) {
        return "identity".to_owned();
    }
    if !boundary.is_empty() && !has(&boundary, "Allow") {
        return "boundary".to_owned();
    }
    if !session.is_empty() && !has(&session, "Allow") {
        return "session".to_owned();
    }
    "allow".to_owned()
}

/// The answer of the plane's evaluator, in the same words.
fn first_opinion(scenario: &Scenario) -> String {
    let compile = |document: &Value| Arc::new(Policy::compile("p", document).unwrap());
    let identity: Vec<Arc<Policy>> = scenario.identity.iter().map(compile).collect();
    let session: Vec<Arc<Policy>> = scenario.session.iter().map(compile).collect();
    let boundary = scenario.boundary.as_ref().map(compile);
    let resource = scenario.resource_policy.as_ref().map(compile);
    let mut context = Context::default();
    for (key, values) in &scenario.keys {
        match values.as_slice() {
            [one] => context.set(*key, *one),
            many => context.set_many(*key, many.iter().map(|value| (*value).into()).collect()),
        }
    }
    let policies = Policies {
        identity: &identity,
        boundary: boundary.as_deref(),
        session: &session,
        resource: resource.as_deref(),
        trust: false,
    };
    let question = Question {
        caller: CALLERS[scenario.caller],
        action: scenario.action,
        resource: scenario.resource,
        owner: if scenario.foreign { OTHER_ACCOUNT } else { ACCOUNT },
        context: &context,
    };
    match decide(&question, &policies) {
        Decision::Allowed(_) => "allow",
        Decision::ExplicitlyDenied(_) => "deny",
        Decision::NotAllowed(Source::Identity) => "identity",
        Decision::NotAllowed(Source::Boundary) => "boundary",
        Decision::NotAllowed(Source::Session) => "session",
        Decision::NotAllowed(Source::Resource | Source::Trust) => "resource",
    }
    .to_owned()
}

fn some_of(texts: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => proptest::sample::select(texts).prop_map(|text| json!(text)),
        1 => proptest::sample::subsequence(texts, 1..=2.min(texts.len())).prop_map(|texts| json!(texts)),
    ]
}

fn conditions() -> impl Strategy<Value = Option<Value>> {
    let operator = proptest::sample::select(
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIfExists",
            "StringNotLikeIfExists",
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringLike",
            "ForAnyValue:StringNotEquals",
            "ForAnyValue:StringLikeIfExists",
        ][..],
    );
    let key = proptest::sample::select(&["aws:username", "aws:TagKeys", "aws:PrincipalTag/team", "aws:SourceArn"][..]);
    let text = (operator, key, some_of(&["ana", "blue", "b*", "team", "*", "cost"]))
        .prop_map(|(operator, key, constants)| json!({ operator: { key: constants } }));
    let other = prop_oneof![
        Just(json!({ "Null": { "aws:username": "true" } })),
        Just(json!({ "Null": { "aws:TagKeys": "false" } })),
        Just(json!({ "NumericLessThan": { "s3:max-keys": "10" } })),
        Just(json!({ "Bool": { "aws:SecureTransport": "true" } })),
        Just(json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } })),
        Just(json!({ "StringEquals": { "aws:username": "ana" }, "StringLike": { "aws:PrincipalTag/team": "bl?e" } })),
    ];
    proptest::option::weighted(0.4, prop_oneof![3 => text, 1 => other])
}

const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "ssm:GetParameter"];
const ACTION_PATTERNS: &[&str] = &["*", "s3:*", "S3:get*", "s3:?etObject", "ssm:GetParameter", "s3:*Object", "iam:*"];
const RESOURCES: &[&str] =
    &["arn:aws:s3:::b/ana/x", "arn:aws:s3:::b/bob/x", "arn:aws:ssm:us-east-1:123456789012:parameter/p", "*"];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::?/bob/x",
    "arn:aws:ssm:*:*:parameter/*",
];

fn statement(with_principal: bool) -> impl Strategy<Value = Value> {
    let principal = prop_oneof![
        Just(json!("*")),
        Just(json!({ "AWS": ACCOUNT })),
        Just(json!({ "AWS": OTHER_ACCOUNT })),
        Just(json!({ "AWS": "arn:aws:iam::123456789012:role/app" })),
        Just(json!({ "AWS": "arn:aws:sts::123456789012:assumed-role/app/one" })),
        Just(json!({ "AWS": ["arn:aws:iam::123456789012:user/ana"], "Service": "lambda.amazonaws.com" })),
        Just(json!({ "Service": "sns.amazonaws.com" })),
    ];
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    (effect, some_of(ACTION_PATTERNS), some_of(RESOURCE_PATTERNS), conditions(), any::<(u8, u8)>(), principal).prop_map(
        move |(effect, action, resource, condition, (not_action, not_resource), principal)| {
            let action_element = if not_action < 40 { "NotAction" } else { "Action" };
            let resource_element = if not_resource < 40 { "NotResource" } else { "Resource" };
            let mut made = json!({ "Effect": effect, action_element: action, resource_element: resource });
            if let Some(condition) = condition {
                made["Condition"] = condition;
            }
            if with_principal {
                made["Principal"] = principal;
            }
            made
        },
    )
}

fn document(with_principal: bool) -> impl Strategy<Value = Value> {
    proptest::collection::vec(statement(with_principal), 1..4)
        .prop_map(|statements| json!({ "Version": "2012-10-17", "Statement": statements }))
}

fn keys() -> impl Strategy<Value = Keys> {
    let maybe = |key: &'static str, values: &'static [&'static [&'static str]]| {
        proptest::option::of(proptest::sample::select(values)).prop_map(move |chosen| chosen.map(|v| (key, v.to_vec())))
    };
    (
        maybe("aws:username", &[&["ana"], &["bob"]]),
        maybe("aws:TagKeys", &[&["team", "cost"], &["team", "blue"], &[]]),
        maybe("aws:PrincipalTag/team", &[&["blue"], &["red"]]),
        maybe("s3:max-keys", &[&["5"], &["50"]]),
        maybe("aws:SecureTransport", &[&["true"], &["false"]]),
        maybe("aws:SourceArn", &[&["arn:aws:sns:us-east-1:123456789012:t"]]),
    )
        .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].into_iter().flatten().collect())
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let documents = (
        proptest::collection::vec(document(false), 0..3),
        proptest::option::weighted(0.3, document(false)),
        proptest::option::weighted(0.3, document(false)),
        proptest::option::weighted(0.5, document(true)),
    );
    let call = (
        0..CALLERS.len(),
        proptest::sample::select(ACTIONS),
        proptest::sample::select(RESOURCES),
        proptest::bool::weighted(0.15),
        keys(),
    );
    (call, documents).prop_map(
        |((caller, action, resource, foreign, keys), (identity, boundary, session, resource_policy))| {
            // Only users and sessions have policies of their own, and only sessions have session policies.
            let owns = matches!(CALLERS[caller], Caller::User { .. } | Caller::RoleSession { .. });
            let is_session = matches!(CALLERS[caller], Caller::RoleSession { .. });
            Scenario {
                caller,
                action,
                resource,
                foreign,
                keys,
                identity: if owns { identity } else { Vec::new() },
                boundary: boundary.filter(|_| owns),
                session: session.filter(|_| is_session),
                resource_policy,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_evaluators_say_the_same(scenario in scenario()) {
        prop_assert_eq!(first_opinion(&scenario), second_opinion(&scenario));
    }
}
