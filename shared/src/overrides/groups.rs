//! Leaving overridden alarms out of a template's deployment groups. Pure.
//!
//! The alarms themselves stay: they go on to tell people. Two places name the alarms that CodeDeploy reads: `DeploymentPreference` of a
//! SAM function (or of `Globals`), and `AlarmConfiguration` of an `AWS::CodeDeploy::DeploymentGroup`.

use serde_json::{Value, json};

use super::AlarmOverride;

/// Leaves every alarm that is overridden out of the deployment groups of `stack`'s template.
///
/// Returns the overrides that had an effect. A list that has no alarm left is taken away, since CodeDeploy refuses an alarm
/// configuration that is enabled and empty
/// (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html>, `InvalidAlarmConfigException`).
/// Assumed: CloudFormation empties the group's configuration when the template has none any more.
pub fn leave_out<'a>(template: &mut Value, stack: &str, overrides: &'a [AlarmOverride]) -> Vec<&'a AlarmOverride> {
    let alarms = Alarms { resources: template["Resources"].clone(), stack };
    let effective = |one: &&AlarmOverride| {
        let is_meant = |named: &Value| alarms.is(named, one);
        let mut is_named = strip_preference(template.pointer_mut("/Globals/Function/DeploymentPreference"), &is_meant);
        let resources = template.get_mut("Resources").and_then(Value::as_object_mut);
        for resource in resources.into_iter().flat_map(|resources| resources.values_mut()) {
            is_named |= match resource["Type"].as_str() {
                Some("AWS::Serverless::Function") => {
                    strip_preference(resource.pointer_mut("/Properties/DeploymentPreference"), &is_meant)
                }
                Some("AWS::CodeDeploy::DeploymentGroup") => {
                    strip_group(resource.pointer_mut("/Properties/AlarmConfiguration"), &is_meant)
                }
                _ => false,
            };
        }
        is_named
    };
    overrides.iter().filter(effective).collect()
}

fn strip_preference(preference: Option<&mut Value>, is_meant: &impl Fn(&Value) -> bool) -> bool {
    let Some(Value::Object(preference)) = preference else { return false };
    let Some(alarms) = preference.get_mut("Alarms") else { return false };
    let is_named = strip(alarms, is_meant);
    if is_named && is_empty(alarms) {
        preference.remove("Alarms");
    }
    is_named
}

fn strip_group(configuration: Option<&mut Value>, is_meant: &impl Fn(&Value) -> bool) -> bool {
    let Some(configuration) = configuration else { return false };
    let Some(alarms) = configuration.get_mut("Alarms") else { return false };
    let is_named = strip(alarms, &|alarm: &Value| alarm.get("Name").is_some_and(is_meant));
    if is_named && is_empty(alarms) {
        *configuration = json!({ "Enabled": false });
    }
    is_named
}

/// Takes what is meant out of a list, and out of the branches of `Fn::If`. Returns true if anything was there.
fn strip(list: &mut Value, is_meant: &impl Fn(&Value) -> bool) -> bool {
    if let Some(branches) = list.get_mut("Fn::If").and_then(Value::as_array_mut) {
        return branches.iter_mut().skip(1).fold(false, |is_named, branch| {
            if is_meant(branch) {
                *branch = json!({ "Ref": "AWS::NoValue" });
                return true;
            }
            strip(branch, is_meant) || is_named
        });
    }
    let Value::Array(items) = list else { return false };
    let before = items.len();
    items.retain(|item| !is_meant(item));
    let is_named = items.len() < before;
    items.iter_mut().fold(is_named, |is_named, item| strip(item, is_meant) || is_named)
}

fn is_empty(list: &Value) -> bool {
    list.as_array().is_some_and(Vec::is_empty)
}

/// The template's alarms, by the ways in which one may be named.
struct Alarms<'a> {
    resources: Value,
    stack: &'a str,
}

impl Alarms<'_> {
    /// True if this part of the template stands for the alarm that is overridden.
    fn is(&self, named: &Value, one: &AlarmOverride) -> bool {
        if self.text(named).is_some_and(|name| name == one.alarm) {
            return true;
        }
        let Some(logical_id) = named.get("Ref").and_then(Value::as_str) else { return false };
        let own = one.resource.as_ref().filter(|resource| resource.stack == self.stack);
        own.is_some_and(|resource| resource.logical_id == logical_id)
            || self.text(&self.resources[logical_id]["Properties"]["AlarmName"]).is_some_and(|name| name == one.alarm)
    }

    /// The text of a literal, or of a substitution that takes the stack's name alone.
    fn text(&self, value: &Value) -> Option<String> {
        let text = value.as_str().map(str::to_owned);
        text.or_else(|| Some(value.get("Fn::Sub")?.as_str()?.replace("${AWS::StackName}", self.stack)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::AlarmResource;
    use super::*;
    use jiff::Timestamp;
    use test_case::test_case;

    fn of(alarm: &str, logical_id: Option<&str>) -> AlarmOverride {
        AlarmOverride {
            alarm: alarm.into(),
            resource: logical_id.map(|id| AlarmResource { stack: "shop-prod".into(), logical_id: id.into() }),
            until: Timestamp::MAX,
            reason: "the fix".into(),
            by: "arn:aws:iam::111122223333:root".into(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn preference(alarms: Value) -> Value {
        let alarm = json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": { "AlarmName": { "Fn::Sub": "${AWS::StackName}-errors" } } });
        json!({ "Resources": {
            "Errors": alarm,
            "Orders": { "Type": "AWS::Serverless::Function", "Properties": { "DeploymentPreference": { "Type": "AllAtOnce", "Alarms": alarms } } },
        } })
    }

    const ALARMS: &str = "/Resources/Orders/Properties/DeploymentPreference/Alarms";

    #[test_case(json!([{ "Ref": "Errors" }, "other"]), json!(["other"]); "a reference to an alarm with that name")]
    #[test_case(json!(["shop-prod-errors", { "Ref": "Slow" }]), json!([{ "Ref": "Slow" }]); "a name")]
    #[test_case(json!([{ "Fn::Sub": "${AWS::StackName}-errors" }, "other"]), json!(["other"]); "a name that is made of the stack's")]
    #[test_case(json!({ "Fn::If": ["Live", [{ "Ref": "Errors" }, "a"], ["b"]] }), json!({ "Fn::If": ["Live", ["a"], ["b"]] }); "a list under a condition")]
    #[test_case(json!([{ "Fn::If": ["Live", { "Ref": "Errors" }, "b"] }]), json!([{ "Fn::If": ["Live", { "Ref": "AWS::NoValue" }, "b"] }]); "an alarm under a condition")]
    fn an_overridden_alarm_is_left_out(alarms: Value, left: Value) {
        let (mut template, overrides) = (preference(alarms), [of("shop-prod-errors", None)]);
        assert_eq!(leave_out(&mut template, "shop-prod", &overrides).len(), 1);
        assert_eq!(template.pointer(ALARMS), Some(&left));
        assert!(template["Resources"]["Errors"].is_object());
    }

    #[test]
    fn an_alarm_whose_name_cloudformation_chose_is_known_by_its_place() {
        let (mut template, overrides) =
            (preference(json!([{ "Ref": "Slow" }, "a"])), [of("shop-prod-Slow-1X2", Some("Slow"))]);
        assert_eq!(leave_out(&mut template.clone(), "shop-dev", &overrides), Vec::<&AlarmOverride>::new());
        assert_eq!(leave_out(&mut template, "shop-prod", &overrides), [&overrides[0]]);
        assert_eq!(template.pointer(ALARMS), Some(&json!(["a"])));
    }

    #[test]
    fn a_list_without_alarms_is_taken_away() {
        let (mut template, overrides) = (preference(json!(["a", "b"])), [of("a", None), of("b", None), of("c", None)]);
        assert_eq!(leave_out(&mut template, "shop-prod", &overrides), [&overrides[0], &overrides[1]]);
        assert_eq!(template.pointer(ALARMS), None);
    }

    #[test]
    fn a_deployment_group_of_the_template_is_served_alike() {
        let group = |configuration: Value| {
            json!({ "Resources": { "Group": {
            "Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": { "AlarmConfiguration": configuration } } } })
        };
        let mut two = group(json!({ "Enabled": true, "Alarms": [{ "Name": "a" }, { "Name": "b" }] }));
        leave_out(&mut two, "shop-prod", &[of("a", None)]);
        assert_eq!(two, group(json!({ "Enabled": true, "Alarms": [{ "Name": "b" }] })));
        leave_out(&mut two, "shop-prod", &[of("b", None)]);
        assert_eq!(two, group(json!({ "Enabled": false })));
    }

    #[test]
    fn the_preference_of_all_functions_is_served_too() {
        let mut template =
            json!({ "Globals": { "Function": { "DeploymentPreference": { "Alarms": ["a", "b"] } } }, "Resources": {} });
        leave_out(&mut template, "shop-prod", &[of("a", None)]);
        assert_eq!(template.pointer("/Globals/Function/DeploymentPreference/Alarms"), Some(&json!(["b"])));
    }
}
