//! The global condition keys of a call.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use crate::authorization::Context;
use crate::core::{Hub, Principal, Question};

/// The context of a question: what is known of the caller and the moment, and the service's own keys.
pub(super) fn context<'a>(hub: &'a Hub, question: &'a Question<'_>, tags: &'a [(String, String)]) -> Context<'a> {
    let mut context = Context::default();
    let (caller, account) = (question.caller, hub.identity.account.as_str());
    let now = hub.now();
    context.set("aws:CurrentTime", now.iso8601());
    context.set("aws:EpochTime", (now.as_millis() / 1000).to_string());
    context.set("aws:RequestedRegion", hub.identity.region.as_str());
    // Assumed: what is plain HTTP on loopback stands for AWS's TLS.
    context.set("aws:SecureTransport", "true");
    context.set("aws:ViaAWSService", if caller.through.is_some() { "true" } else { "false" });
    if let Some(service) = caller.through {
        context.set_many("aws:CalledVia", vec![service.into()]);
        context.set("aws:CalledViaFirst", service);
        context.set("aws:CalledViaLast", service);
    } else if caller.access_key.is_some() || caller.principal == Principal::Anonymous {
        context.set("aws:SourceIp", "127.0.0.1");
    }
    principal(&mut context, &caller.principal, account);
    context.set("aws:userid", caller.user_id(account));
    for (key, value) in tags {
        context.set(format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    if let Principal::Session(session) = &caller.principal {
        for (key, value) in &session.tags {
            context.set(format!("aws:PrincipalTag/{key}"), value.as_str());
        }
    }
    for (key, values) in &question.context {
        match values.as_slice() {
            [one] => context.set(key.as_str(), one.as_str()),
            many => context.set_many(key.as_str(), many.iter().map(|value| value.as_str().into()).collect()),
        }
    }
    context
}

fn principal<'a>(context: &mut Context<'a>, principal: &'a Principal, account: &'a str) {
    let (kind, arn) = match principal {
        Principal::Root | Principal::Plane => ("Account", format!("arn:aws:iam::{account}:root")),
        Principal::User(user) => {
            context.set("aws:username", user.name.as_str());
            ("User", user.arn.clone())
        }
        Principal::Session(session) => {
            context.set("aws:MultiFactorAuthPresent", "false");
            ("AssumedRole", session.role.clone())
        }
        Principal::Service(service) => {
            context.set("aws:PrincipalIsAWSService", "true");
            context.set("aws:PrincipalServiceName", service.name);
            if let Some(source) = &service.source {
                context.set("aws:SourceArn", source.as_str());
                context.set("aws:SourceAccount", account);
            }
            return;
        }
        Principal::Anonymous => {
            context.set("aws:PrincipalType", "Anonymous");
            return;
        }
    };
    context.set("aws:PrincipalType", kind);
    context.set("aws:PrincipalArn", arn);
    context.set("aws:PrincipalAccount", account);
    context.set("aws:PrincipalIsAWSService", "false");
}
