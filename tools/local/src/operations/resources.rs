//! The ARNs of what an operation is done to.

use crate::core::{Arn, Input, PlaneIdentity};

/// `parameter{Name}` with the members filled in, as an ARN of `vendor`. A `/` that the template and the member both have is one.
/// A member that holds an ARN already is the answer. A member that is not there is `*`.
pub(super) fn fill(identity: &PlaneIdentity, vendor: &str, template: &str, input: &Input) -> String {
    let mut resource = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        resource.push_str(before);
        let value = input.opt_str(name).unwrap_or("*");
        if Arn::parse(value).is_some() {
            return value.to_owned();
        }
        resource.push_str(if resource.ends_with('/') { value.trim_start_matches('/') } else { value });
        rest = after;
    }
    resource.push_str(rest);
    let (region, account) = match vendor {
        "iam" => ("", identity.account.as_str()),
        "s3" => ("", ""),
        "apigateway" => (identity.region.as_str(), ""),
        _ => (identity.region.as_str(), identity.account.as_str()),
    };
    format!("arn:aws:{vendor}:{region}:{account}:{resource}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_fill_the_template_and_arns_stand_for_themselves() {
        let identity = PlaneIdentity::default();
        let fill = |vendor, template, input| fill(&identity, vendor, template, &Input::from(input));
        let parameter = "arn:aws:ssm:us-east-1:000000000000:parameter/a/b";
        assert_eq!(fill("ssm", "parameter/{Name}", json!({ "Name": "/a/b" })), parameter);
        assert_eq!(fill("ssm", "parameter/{Name}", json!({ "Name": "a/b" })), parameter);
        assert_eq!(fill("ssm", "parameter/{Name}", json!({ "Name": parameter })), parameter);
        assert_eq!(fill("iam", "role/{RoleName}", json!({})), "arn:aws:iam::000000000000:role/*");
    }
}
