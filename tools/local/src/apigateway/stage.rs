//! A stage: which deployment it serves, its variables, its log, and how many requests it takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::definition::Definition;
use super::errors::{bad_request, not_found, not_run};
use super::members::{Members, kept, lengths, tags};
use super::throttle::{Bucket, Limit};
use crate::core::{Input, ServiceError, Timestamp};

/// Members of a stage that are kept as they come.
const KEPT: &[&str] =
    &["AccessLogSettings", "AutoDeploy", "DefaultRouteSettings", "Description", "RouteSettings", "StageVariables"];

/// The quotas of a stage's variables.
const VARIABLES: usize = 100;
const VARIABLE_NAME: usize = 64;
const VARIABLE_VALUE: usize = 512;

/// A stage: its variables and settings, and the deployment that it serves.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) tags: Members,
    pub(super) variables: BTreeMap<String, String>,
    /// The definition that it serves, with the id of its deployment.
    served: Option<(String, Arc<Definition>)>,
    members: Members,
    created: Timestamp,
    updated: Timestamp,
    deployment_message: Option<String>,
    /// True if quick creation made it.
    managed: bool,
    /// The throttling buckets, by route key.
    buckets: BTreeMap<String, Bucket>,
}

/// `NotFoundException` for a stage, which is not named in it.
pub(super) fn no_such_stage() -> ServiceError {
    not_found("Invalid stage identifier specified")
}

impl Stage {
    /// The stage that quick creation makes.
    pub(super) fn automatic(now: Timestamp) -> Self {
        let members = Members::from_iter([("AutoDeploy".to_owned(), json!(true))]);
        Self { managed: true, ..Self::of(members, Members::new(), now) }
    }

    fn of(members: Members, tags: Members, now: Timestamp) -> Self {
        let mut stage = Self {
            tags,
            variables: BTreeMap::new(),
            served: None,
            members: Members::new(),
            created: now,
            updated: now,
            deployment_message: None,
            managed: false,
            buckets: BTreeMap::new(),
        };
        stage.set(members);
        stage
    }

    /// Reads `CreateStage`. The routes of the API are what route settings may be for.
    pub(super) fn read(input: &Input, definition: &Definition, now: Timestamp) -> Result<Self, ServiceError> {
        let members = checked(input, definition)?;
        Ok(Self::of(members, tags(input)?, now))
    }

    /// Reads `UpdateStage`, where what is not named stays as it is.
    pub(super) fn update(
        &mut self,
        input: &Input,
        definition: &Definition,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let members = checked(input, definition)?;
        self.set(members);
        self.updated = now;
        Ok(())
    }

    fn set(&mut self, changes: Members) {
        self.members.extend(changes);
        // An access log without members is none.
        if self.members.get("AccessLogSettings").is_some_and(|log| log.as_object().is_none_or(Map::is_empty)) {
            self.members.shift_remove("AccessLogSettings");
        }
        let variables = self.members.get("StageVariables").and_then(Value::as_object).into_iter().flatten();
        self.variables =
            variables.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
        self.buckets.clear();
    }

    /// Forgets a member, or the settings of one route.
    pub(super) fn forget(&mut self, member: &str, route_key: Option<&str>, now: Timestamp) -> Result<(), ServiceError> {
        match (self.members.get_mut(member).and_then(Value::as_object_mut), route_key) {
            (Some(by_route), Some(key)) if by_route.contains_key(key) => drop(by_route.shift_remove(key)),
            (_, Some(key)) => return Err(no_route_settings(key)),
            (_, None) => drop(self.members.shift_remove(member)),
        }
        self.updated = now;
        self.buckets.clear();
        Ok(())
    }

    /// True if changes of the API are deployed to it by themselves.
    pub(super) fn auto_deploy(&self) -> bool {
        self.members.get("AutoDeploy") == Some(&Value::Bool(true))
    }

    /// The definition that it serves; none before the first deployment.
    pub(super) fn served(&self) -> Option<&Arc<Definition>> {
        self.served.as_ref().map(|(_, definition)| definition)
    }

    /// The id of the deployment that it serves.
    pub(super) fn deployment_id(&self) -> Option<&str> {
        self.served.as_ref().map(|(id, _)| id.as_str())
    }

    /// Serves a deployment from now on.
    pub(super) fn serve(&mut self, id: &str, definition: Arc<Definition>, now: Timestamp) {
        self.served = Some((id.to_owned(), definition));
        self.updated = now;
        if self.auto_deploy() {
            self.deployment_message = Some(format!("Successfully deployed stage with deployment ID '{id}'"));
        }
    }

    /// Keeps why a deployment that it made by itself failed.
    pub(super) fn note_failure(&mut self, why: &str) {
        self.deployment_message = Some(format!("Deployment attempt failed: {why}"));
    }

    /// `DestinationArn` and `Format` of its access log.
    pub(super) fn access_log(&self) -> Option<(&str, &str)> {
        let log = self.members.get("AccessLogSettings")?;
        Some((log["DestinationArn"].as_str()?, log["Format"].as_str()?))
    }

    /// True if metrics of each route are wanted.
    pub(super) fn detailed_metrics(&self, route_key: &str) -> bool {
        self.setting(route_key, "DetailedMetricsEnabled").and_then(Value::as_bool).unwrap_or_default()
    }

    /// True if a request on a route is within the limits. A limit of the route comes before the stage's default, which is
    /// counted for each route by itself; a stage without either has none here (on AWS the account's is left).
    pub(super) fn admits(&mut self, route_key: &str, now: Instant) -> bool {
        let setting = |name: &str| self.setting(route_key, name).and_then(Value::as_f64);
        let (rate, burst) = (setting("ThrottlingRateLimit"), setting("ThrottlingBurstLimit"));
        let Some(limit) = Limit::of(rate, burst) else { return true };
        match self.buckets.get_mut(route_key) {
            Some(bucket) => bucket.take(limit, now),
            None => {
                self.buckets.entry(route_key.to_owned()).or_insert_with(|| Bucket::full(limit, now)).take(limit, now)
            }
        }
    }

    fn setting(&self, route_key: &str, name: &str) -> Option<&Value> {
        let own = self.members.get("RouteSettings").and_then(|settings| settings.get(route_key)?.get(name));
        own.or_else(|| self.members.get("DefaultRouteSettings")?.get(name))
    }

    pub(super) fn describe(&self, name: &str) -> Value {
        let mut described = self.members.clone();
        described.entry("StageVariables").or_insert_with(|| json!({}));
        described.entry("RouteSettings").or_insert_with(|| json!({}));
        let defaults = described.entry("DefaultRouteSettings").or_insert_with(|| json!({}));
        if let Some(defaults) = defaults.as_object_mut() {
            defaults.entry("DetailedMetricsEnabled").or_insert(Value::Bool(false));
        }
        described.extend([
            ("StageName".to_owned(), json!(name)),
            ("CreatedDate".to_owned(), json!(self.created.as_millis() / 1000)),
            ("LastUpdatedDate".to_owned(), json!(self.updated.as_millis() / 1000)),
            ("Tags".to_owned(), json!(self.tags)),
        ]);
        let optional = [
            ("DeploymentId", self.deployment_id().map(|id| json!(id))),
            ("LastDeploymentStatusMessage", self.deployment_message.as_ref().map(|text| json!(text))),
            ("ApiGatewayManaged", self.managed.then_some(Value::Bool(true))),
        ];
        described.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        Value::Object(described)
    }
}

fn no_route_settings(key: &str) -> ServiceError {
    not_found(format!("Unable to find Route by key {key} within the provided RouteSettings"))
}

/// The members of a request, if they are what they may be.
fn checked(input: &Input, definition: &Definition) -> Result<Members, ServiceError> {
    lengths(input, &[("Description", 0, 1024)])?;
    let object = |name: &str| input.get(name).and_then(Value::as_object);
    object("StageVariables").into_iter().flatten().try_for_each(|(name, value)| variable(name, value))?;
    if object("StageVariables").is_some_and(|variables| variables.len() > VARIABLES) {
        return Err(bad_request(format!("A stage may have at most {VARIABLES} stage variables")));
    }
    for (key, settings) in object("RouteSettings").into_iter().flatten() {
        if !definition.routes.values().any(|route| route.key.text() == key) {
            return Err(no_route_settings(key));
        }
        route_settings(settings)?;
    }
    input.get("DefaultRouteSettings").map_or(Ok(()), route_settings)?;
    object("AccessLogSettings").filter(|log| !log.is_empty()).map_or(Ok(()), access_log)?;
    Ok(kept(input, KEPT))
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>; the characters of a value are those
/// of the REST APIs' stage variables.
fn variable(name: &str, value: &Value) -> Result<(), ServiceError> {
    let value = value.as_str().unwrap_or_default();
    let good_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let good_value = value.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(c));
    if good_name && good_value && name.len() <= VARIABLE_NAME && value.len() <= VARIABLE_VALUE {
        Ok(())
    } else {
        Err(bad_request(format!(
            "Invalid stage variable {name}: names are of letters, digits and _, values of A-Za-z0-9-._~:/?#&=,"
        )))
    }
}

fn route_settings(settings: &Value) -> Result<(), ServiceError> {
    let logs = settings["LoggingLevel"].as_str().is_some_and(|level| level != "OFF");
    if logs || settings["DataTraceEnabled"] == json!(true) {
        return Err(bad_request("Execution logs are not supported on protocolType HTTP"));
    }
    let negative = |name: &str| settings[name].as_f64().is_some_and(|limit| limit < 0.0);
    if negative("ThrottlingRateLimit") || negative("ThrottlingBurstLimit") {
        return Err(bad_request("Throttling limits must not be negative"));
    }
    Ok(())
}

fn access_log(log: &Members) -> Result<(), ServiceError> {
    let destination = log.get("DestinationArn").and_then(Value::as_str).unwrap_or_default();
    let mut parts = destination.splitn(6, ':').skip(2);
    match (parts.next(), parts.nth(2)) {
        (Some("logs"), Some(resource)) if resource.starts_with("log-group:") => {}
        (Some("firehose"), _) => return Err(not_run("an access log that goes to Firehose")),
        _ => return Err(bad_request(format!("Invalid ARN specified for the access log's destination: {destination}"))),
    }
    match log.get("Format").and_then(Value::as_str) {
        Some(format) if (1..=3 * 1024).contains(&format.len()) => Ok(()),
        _ => Err(bad_request("The format of an access log must have between 1 and 3072 characters")),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::route::{Access, ApiRoute};
    use super::super::routes::RouteKey;
    use super::*;

    fn definition() -> Definition {
        let key = RouteKey::parse("GET /health").unwrap();
        let routes = BTreeMap::from([("r".to_owned(), ApiRoute::to(key, None, Access::Open))]);
        Definition { routes, ..Definition::default() }
    }

    fn stage(input: Value) -> Result<Stage, ServiceError> {
        Stage::read(&input.into(), &definition(), Timestamp::from_millis(0))
    }

    #[test]
    fn all_that_was_set_is_answered_with_its_dates() {
        let log = json!({ "DestinationArn": "arn:aws:logs:us-east-1:0:log-group:x", "Format": "$context.requestId" });
        let input = json!({ "AutoDeploy": true, "Description": "d", "AccessLogSettings": log, "Tags": { "t": "u" } });
        let described = stage(input).unwrap().describe("s");
        let expected = json!({
            "StageName": "s", "AutoDeploy": true, "Description": "d", "AccessLogSettings": log, "Tags": { "t": "u" },
            "CreatedDate": 0, "LastUpdatedDate": 0, "RouteSettings": {},
            "DefaultRouteSettings": { "DetailedMetricsEnabled": false }, "StageVariables": {},
        });
        assert_eq!(described, expected);
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let mut stage = stage(json!({ "StageVariables": { "a": "b" }, "Tags": { "t": "u" } })).unwrap();
        let change = json!({ "DefaultRouteSettings": { "ThrottlingRateLimit": 1 } });
        stage.update(&change.into(), &definition(), Timestamp::from_millis(1000)).unwrap();
        let described = stage.describe("$default");
        assert_eq!((&described["StageVariables"]["a"], &described["Tags"]["t"]), (&json!("b"), &json!("u")));
        assert_eq!(described["DefaultRouteSettings"]["ThrottlingRateLimit"], 1);
        assert_eq!(described["LastUpdatedDate"], 1);
    }

    #[test_case(json!({ "StageVariables": { "a b": "c" } }), "BadRequestException"; "a variable's name")]
    #[test_case(json!({ "StageVariables": { "a": "b c" } }), "BadRequestException"; "a variable's value")]
    #[test_case(json!({ "RouteSettings": { "GET /x": {} } }), "NotFoundException"; "settings of no route")]
    #[test_case(json!({ "DefaultRouteSettings": { "LoggingLevel": "INFO" } }), "BadRequestException"; "execution logs")]
    #[test_case(json!({ "DefaultRouteSettings": { "ThrottlingRateLimit": -1 } }), "BadRequestException"; "a negative limit")]
    #[test_case(json!({ "AccessLogSettings": { "DestinationArn": "x", "Format": "f" } }), "BadRequestException"; "no ARN")]
    fn refuses(input: Value, code: &str) {
        assert_eq!(stage(input).unwrap_err().code, code);
    }

    #[test]
    fn a_routes_own_limit_comes_before_the_default() {
        let settings = json!({
            "DefaultRouteSettings": { "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2 },
            "RouteSettings": { "GET /health": { "ThrottlingBurstLimit": 1 } },
        });
        let mut stage = stage(settings).unwrap();
        let now = Instant::now();
        assert_eq!([(); 3].map(|()| stage.admits("GET /contacts", now)), [true, true, false]);
        assert_eq!([(); 2].map(|()| stage.admits("GET /health", now)), [true, false]);
    }

    #[test]
    fn a_stage_without_limits_takes_everything() {
        let mut stage = Stage::automatic(Timestamp::from_millis(0));
        let now = Instant::now();
        assert!((0..20_000).all(|_| stage.admits("$default", now)));
    }
}
