//! The caller that a function is told of.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::core::Caller;

/// The caller that the function is told of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Identity {
    /// No particular caller: the route is open.
    #[default]
    Anybody,
    /// The signer of the request.
    Iam { account: String, caller: Caller },
    /// The caller that the token names. The scopes are those that the route asks for; none when it asks for none.
    Jwt { claims: BTreeMap<String, String>, scopes: Option<Vec<String>> },
    /// The answer of the authorizer's function.
    Lambda { principal: Option<String>, context: Value },
}

impl Identity {
    /// `requestContext.authorizer` of payload format 2.0; none for anybody.
    pub(super) fn in_version_2(&self) -> Option<Value> {
        match self {
            Self::Anybody => None,
            Self::Jwt { claims, scopes } => Some(json!({ "jwt": { "claims": claims, "scopes": scopes } })),
            Self::Lambda { context, .. } => Some(json!({ "lambda": context })),
            Self::Iam { account, caller } => Some(json!({ "iam": {
                "accessKey": caller.access_key, "accountId": account, "callerId": caller.user_id(account),
                "cognitoIdentity": null, "principalOrgId": null, "userArn": caller.arn(account),
                "userId": caller.user_id(account),
            } })),
        }
    }

    /// `requestContext.authorizer` of payload format 1.0.
    pub(super) fn in_version_1(&self) -> Value {
        match self {
            Self::Jwt { claims, scopes } => json!({ "claims": claims, "scopes": scopes }),
            Self::Anybody | Self::Iam { .. } => json!({ "claims": null, "scopes": null }),
            Self::Lambda { principal, context } => {
                let mut all = context.as_object().cloned().unwrap_or_default();
                all.extend(principal.iter().map(|principal| ("principalId".to_owned(), json!(principal))));
                Value::Object(all)
            }
        }
    }

    /// The members that payload format 1.0 has in `requestContext.identity`, and `$context.identity`.
    pub(super) fn signer_in_version_1(&self) -> Value {
        let mut signer = json!({
            "accessKey": null, "accountId": null, "caller": null, "cognitoAuthenticationProvider": null,
            "cognitoAuthenticationType": null, "cognitoIdentityId": null, "cognitoIdentityPoolId": null,
            "principalOrgId": null, "user": null, "userArn": null,
        });
        if let Self::Iam { account, caller } = self {
            signer["accessKey"] = json!(caller.access_key);
            signer["accountId"] = json!(account);
            signer["caller"] = json!(caller.user_id(account));
            signer["user"] = json!(caller.user_id(account));
            signer["userArn"] = json!(caller.arn(account));
        }
        signer
    }
}
