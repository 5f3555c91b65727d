//! SSM Parameter Store: versions, `Overwrite=false` as an atomic create, history, paths.
//!
//! `SecureString` is refused: nothing here would keep it secret.

mod parameter;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{AwsEvent, Hub, Input, Reply, Request, Service, ServiceError};
use parameter::{Parameter, Write};

/// How many parameters a page holds unless `MaxResults` says otherwise.
const PAGE: usize = 10;

struct ParameterStore {
    hub: Arc<Hub>,
    parameters: Mutex<BTreeMap<String, Parameter>>,
}

/// The service.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(ParameterStore { hub: Arc::clone(hub), parameters: Mutex::default() })
}

impl Service for ParameterStore {
    fn name(&self) -> &'static str {
        "ssm"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let input = &request.input;
            match request.operation.as_str() {
                "PutParameter" => self.put(input).await,
                "GetParameter" => self.get(input.str("Name")?).map(|parameter| json!({ "Parameter": parameter })),
                "GetParameters" => Ok(self.get_several(&input.strings("Names"))),
                "GetParametersByPath" => self.by_path(input),
                "GetParameterHistory" => self.history(input),
                "DescribeParameters" => self.describe(input),
                "DeleteParameter" => self.delete(input.str("Name")?).await,
                "DeleteParameters" => Ok(self.delete_several(&input.strings("Names")).await),
                "AddTagsToResource" => self.tag(input),
                "RemoveTagsFromResource" => self.untag(input),
                "ListTagsForResource" => self.tags(input),
                other => Err(ServiceError::not_implemented("ssm", other)),
            }
        })
    }
}

impl ParameterStore {
    fn parameters(&self) -> MutexGuard<'_, BTreeMap<String, Parameter>> {
        self.parameters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn put(&self, input: &Input) -> Reply {
        let write = Write::read(input)?;
        let (version, operation) = {
            // The look and the write are one step: of two creations of the same name, one fails.
            let mut parameters = self.parameters();
            match parameters.get_mut(&write.name) {
                Some(_) if !write.overwrite => {
                    let message = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
                    return Err(ServiceError::new("ParameterAlreadyExists", message));
                }
                Some(parameter) => (parameter.overwrite(&write, self.hub.now())?, "Update"),
                None => {
                    let arn = self.hub.arn("ssm", &format!("parameter/{}", write.name.trim_start_matches('/')));
                    parameters.insert(write.name.clone(), Parameter::create(&write, arn, self.hub.now())?);
                    (1, "Create")
                }
            }
        };
        self.announce(&write.name, operation).await;
        Ok(json!({ "Version": version, "Tier": "Standard" }))
    }

    /// A parameter by name, `name:version`, or ARN.
    fn get(&self, asked: &str) -> Reply {
        let name = asked.split_once(":parameter").map_or(asked, |(_, name)| name);
        let (name, version) = match name.rsplit_once(':') {
            Some((name, selector)) => {
                let version = selector
                    .parse::<u64>()
                    .map_err(|_| ServiceError::not_implemented("ssm", "GetParameter with a label selector"))?;
                (name, Some(version))
            }
            None => (name, None),
        };
        let parameters = self.parameters();
        let parameter = parameters
            .get(name)
            .or_else(|| parameters.get(name.trim_start_matches('/')))
            .ok_or_else(|| not_found(asked))?;
        parameter.value_at(version).ok_or_else(|| {
            ServiceError::new("ParameterVersionNotFound", format!("Systems Manager could not find version {asked}."))
        })
    }

    fn get_several(&self, names: &[String]) -> Value {
        let (found, missing): (Vec<_>, Vec<_>) =
            names.iter().map(|name| (name, self.get(name))).partition(|(_, r)| r.is_ok());
        let found: Vec<Value> = found.into_iter().filter_map(|(_, reply)| reply.ok()).collect();
        let missing: Vec<&String> = missing.into_iter().map(|(name, _)| name).collect();
        json!({ "Parameters": found, "InvalidParameters": missing })
    }

    fn by_path(&self, input: &Input) -> Reply {
        let path = input.str("Path")?;
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let recursive = input.opt_bool("Recursive").unwrap_or(false);
        let parameters = self.parameters();
        let under = parameters
            .iter()
            .filter(|(name, _)| name.strip_prefix(&prefix).is_some_and(|rest| recursive || !rest.contains('/')))
            .filter_map(|(name, parameter)| Some((name.clone(), parameter.value_at(None)?)));
        Ok(page(under, input, "Parameters"))
    }

    fn describe(&self, input: &Input) -> Reply {
        let mut names: Option<Vec<String>> = None;
        let mut prefixes: Vec<String> = Vec::new();
        for filter in input.list("ParameterFilters") {
            let filter = Input::from(filter.clone());
            match (filter.opt_str("Key"), filter.opt_str("Option").unwrap_or("Equals")) {
                (Some("Name"), "Equals") => names = Some(filter.strings("Values")),
                (Some("Name"), "BeginsWith") | (Some("Path"), _) => prefixes = filter.strings("Values"),
                (key, option) => {
                    let what = format!("DescribeParameters filtered by {} {option}", key.unwrap_or("nothing"));
                    return Err(ServiceError::not_implemented("ssm", &what));
                }
            }
        }
        let parameters = self.parameters();
        let matching = parameters
            .iter()
            .filter(|(name, _)| names.as_ref().is_none_or(|names| names.contains(name)))
            .filter(|(name, _)| prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix.as_str())))
            .map(|(name, parameter)| (name.clone(), parameter.metadata()));
        Ok(page(matching, input, "Parameters"))
    }

    fn history(&self, input: &Input) -> Reply {
        let name = input.str("Name")?;
        let parameters = self.parameters();
        let parameter = parameters.get(name).ok_or_else(|| not_found(name))?;
        Ok(json!({ "Parameters": parameter.history() }))
    }

    async fn delete(&self, name: &str) -> Reply {
        let removed = self.parameters().remove(name);
        removed.ok_or_else(|| not_found(name))?;
        self.announce(name, "Delete").await;
        Ok(Value::Null)
    }

    async fn delete_several(&self, names: &[String]) -> Value {
        let (mut deleted, mut invalid) = (Vec::new(), Vec::new());
        for name in names {
            match self.delete(name).await {
                Ok(_) => deleted.push(name),
                Err(_) => invalid.push(name),
            }
        }
        json!({ "DeletedParameters": deleted, "InvalidParameters": invalid })
    }

    fn with_tags<T>(&self, input: &Input, act: impl FnOnce(&mut Vec<Value>) -> T) -> Result<T, ServiceError> {
        let name = input.str("ResourceId")?;
        let mut parameters = self.parameters();
        let parameter = parameters
            .get_mut(name)
            .ok_or_else(|| ServiceError::new("InvalidResourceId", format!("The resource ID {name} is not valid.")))?;
        Ok(act(parameter.tags()))
    }

    fn tag(&self, input: &Input) -> Reply {
        self.with_tags(input, |tags| {
            for tag in input.list("Tags") {
                tags.retain(|known| known["Key"] != tag["Key"]);
                tags.push(tag.clone());
            }
            Value::Null
        })
    }

    fn untag(&self, input: &Input) -> Reply {
        let keys = input.strings("TagKeys");
        self.with_tags(input, |tags| {
            tags.retain(|tag| tag["Key"].as_str().is_none_or(|key| !keys.iter().any(|k| k == key)));
            Value::Null
        })
    }

    fn tags(&self, input: &Input) -> Reply {
        self.with_tags(input, |tags| json!({ "TagList": tags }))
    }

    async fn announce(&self, name: &str, operation: &str) {
        let event = AwsEvent {
            source: "aws.ssm",
            detail_type: "Parameter Store Change".to_owned(),
            resources: vec![self.hub.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')))],
            detail: json!({ "operation": operation, "name": name, "type": "String" }),
        };
        self.hub.publish(event).await;
    }
}

fn not_found(name: &str) -> ServiceError {
    ServiceError::new("ParameterNotFound", format!("Parameter {name} not found."))
}

/// A page of `(name, value)` in name order; the token is the first name of the next page.
fn page(all: impl Iterator<Item = (String, Value)>, input: &Input, member: &str) -> Value {
    let size = input.opt_i64("MaxResults").and_then(|n| usize::try_from(n).ok()).unwrap_or(PAGE);
    let from = input.opt_str("NextToken").unwrap_or_default().to_owned();
    let mut rest = all.skip_while(|(name, _)| *name < from);
    let values: Vec<Value> = rest.by_ref().take(size).map(|(_, value)| value).collect();
    let mut reply = json!({ member: values });
    if let Some((next, _)) = rest.next() {
        reply["NextToken"] = Value::String(next);
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Caller, Clock, Ids, PlaneIdentity};

    fn store() -> Arc<dyn Service> {
        let hub =
            Hub::new(Clock::scaled(1.0), Ids::seeded(1), PlaneIdentity::default(), String::new(), "/nowhere".into());
        service(&hub)
    }

    async fn ask(store: &Arc<dyn Service>, operation: &str, input: Value) -> Reply {
        let request = Request::from_wire(operation, input, Caller::root());
        store.call(request).await
    }

    #[tokio::test]
    async fn of_many_creations_of_one_name_one_succeeds() {
        let store = store();
        let create = json!({ "Name": "/a/claim", "Value": "v", "Type": "String" });
        let creations = (0..16).map(|_| ask(&store, "PutParameter", create.clone()));
        let replies = futures::future::join_all(creations).await;
        assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 1);
        assert!(replies.iter().filter_map(|r| r.as_ref().err()).all(|e| e.is("ParameterAlreadyExists")));
    }

    #[tokio::test]
    async fn versions_count_up_and_stay_readable() {
        let store = store();
        for value in ["one", "two", "three"] {
            let put = json!({ "Name": "/a/b", "Value": value, "Type": "String", "Overwrite": true });
            ask(&store, "PutParameter", put).await.unwrap();
        }
        let latest = ask(&store, "GetParameter", json!({ "Name": "/a/b" })).await.unwrap();
        assert_eq!((&latest["Parameter"]["Value"], &latest["Parameter"]["Version"]), (&json!("three"), &json!(3)));
        let first = ask(&store, "GetParameter", json!({ "Name": "/a/b:1" })).await.unwrap();
        assert_eq!(first["Parameter"]["Value"], "one");
        let error = ask(&store, "GetParameter", json!({ "Name": "/a/b:9" })).await.unwrap_err();
        assert_eq!(error.code, "ParameterVersionNotFound");
    }

    #[tokio::test]
    async fn paths_are_listed_by_page_and_by_depth() {
        let store = store();
        for name in ["/p/1", "/p/2", "/p/3", "/p/deep/4", "/q/5"] {
            ask(&store, "PutParameter", json!({ "Name": name, "Value": "v", "Type": "String" })).await.unwrap();
        }
        let first = ask(&store, "GetParametersByPath", json!({ "Path": "/p", "MaxResults": 2 })).await.unwrap();
        let token = first["NextToken"].as_str().unwrap();
        let second = ask(&store, "GetParametersByPath", json!({ "Path": "/p/", "NextToken": token })).await.unwrap();
        let names = |page: &Value| -> Vec<String> {
            page["Parameters"].as_array().unwrap().iter().map(|p| p["Name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!((names(&first), names(&second)), (vec!["/p/1".into(), "/p/2".into()], vec!["/p/3".into()]));
        let all = ask(&store, "GetParametersByPath", json!({ "Path": "/p", "Recursive": true })).await.unwrap();
        assert_eq!(names(&all).len(), 4);
    }

    #[tokio::test]
    async fn values_that_aws_would_refuse_are_refused() {
        let store = store();
        for (fault, code) in [
            (json!({ "Name": "/a", "Value": "x".repeat(4097), "Type": "String" }), "ValidationException"),
            (json!({ "Name": "/aws/x", "Value": "v", "Type": "String" }), "ValidationException"),
            (json!({ "Name": "/a b", "Value": "v", "Type": "String" }), "ValidationException"),
            (
                json!({ "Name": "/a", "Value": "v", "Type": "String", "AllowedPattern": "^\\d+$" }),
                "ParameterPatternMismatchException",
            ),
            (json!({ "Name": "/a", "Value": "v", "Type": "SecureString" }), "NotImplemented"),
        ] {
            assert_eq!(ask(&store, "PutParameter", fault).await.unwrap_err().code, code);
        }
    }
}
