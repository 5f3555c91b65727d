//! The operations on event buses.

use serde_json::{Value, json};

use super::bus::{Bus, too_many};
use super::bus_name::{DEFAULT, named};
use super::state::{EventBridge, page};
use super::tags;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most buses of an account.
const BUSES: usize = 100;

type Op = Operation<EventBridge>;

/// The operations on buses.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now("CreateEventBus", "Name Description Tags{Key Value}", |events, request| events.create_bus(&request.input))
        .on("event-bus/{Name}"),
    Op::now("DescribeEventBus", "Name", |events, request| {
        events.with_bus(request.input.opt_str("Name"), |bus| Ok(bus.described()))
    })
    .on("event-bus/{Name}"),
    Op::now("UpdateEventBus", "Name Description", |events, request| events.update_bus(&request.input))
        .on("event-bus/{Name}"),
    Op::now("ListEventBuses", "NamePrefix NextToken Limit", |events, request| {
        let prefix = request.input.opt_str("NamePrefix").unwrap_or_default();
        let buses = events.buses();
        let taken = buses.values().filter(|bus| bus.name.starts_with(prefix));
        let found: Vec<_> = taken.map(|bus| (bus.name.clone(), bus.described())).collect();
        page(&found, &request.input, "EventBuses", &format!("ListEventBuses {prefix}"))
    }),
    Op::now("DeleteEventBus", "Name", |events, request| events.delete_bus(&request.input)).on("event-bus/{Name}"),
    Op::now(
        "PutPermission",
        "EventBusName Action Principal StatementId Condition{Type Key Value} Policy",
        |events, request| events.put_permission(&request.input),
    ),
    Op::now("RemovePermission", "StatementId RemoveAllPermissions EventBusName", |events, request| {
        events.remove_permission(&request.input)
    }),
];

impl EventBridge {
    fn create_bus(&self, input: &Input) -> Reply {
        let name = input.str("Name")?;
        if name.contains('/') {
            // Only buses of partners have one. Assumed: the text.
            return Err(ServiceError::validation("Event bus name must not contain '/'."));
        }
        let mut bus = Bus::new(&self.hub, name);
        bus.description = input.opt_str("Description").map(str::to_owned);
        bus.tags = tags::set(&[], input.list("Tags"))?;
        let mut buses = self.buses();
        if buses.contains_key(name) {
            let message = format!("Event bus {name} already exists.");
            return Err(ServiceError::new("ResourceAlreadyExistsException", message));
        }
        if buses.len() >= BUSES {
            return Err(too_many());
        }
        let reply = json!({ "EventBusArn": bus.arn, "Description": bus.description });
        buses.insert(name.to_owned(), bus);
        Ok(reply)
    }

    fn update_bus(&self, input: &Input) -> Reply {
        let now = self.hub.now();
        self.with_bus(input.opt_str("Name"), |bus| {
            bus.description = input.opt_str("Description").map(str::to_owned);
            bus.modified = now;
            Ok(bus.described())
        })
    }

    /// A bus goes without rules. One that is not there is gone already.
    fn delete_bus(&self, input: &Input) -> Reply {
        let name = named(&self.hub.identity, input.opt_str("Name"))?;
        if name == DEFAULT {
            return Err(ServiceError::validation(format!("Cannot delete event bus {name}.")));
        }
        let mut buses = self.buses();
        if buses.get(name).is_some_and(|bus| !bus.rules.is_empty()) {
            // Assumed: the text.
            return Err(ServiceError::validation(format!("Event bus {name} can't be deleted since it has rules.")));
        }
        buses.remove(name);
        Ok(Value::Null)
    }

    fn put_permission(&self, input: &Input) -> Reply {
        let statement = match input.opt_str("Policy") {
            Some(_) => None,
            None => Some(permission(input)?),
        };
        let now = self.hub.now();
        self.with_bus(input.opt_str("EventBusName"), |bus| {
            bus.policy = Some(match statement {
                Some(statement) => with_statement(bus.policy.take(), statement, &bus.arn, input.str("StatementId")?),
                None => policy(input.str("Policy")?)?,
            });
            bus.modified = now;
            Ok(Value::Null)
        })
    }

    fn remove_permission(&self, input: &Input) -> Reply {
        let all = input.opt_bool("RemoveAllPermissions") == Some(true);
        let id = input.opt_str("StatementId");
        if !all && id.is_none() {
            return Err(ServiceError::validation("Parameter StatementId is required."));
        }
        self.with_bus(input.opt_str("EventBusName"), |bus| {
            let mut left = bus.policy.clone().filter(|_| !all);
            if !all {
                let missing = || {
                    let message = "Statement with the provided id does not exist.";
                    ServiceError::new("ResourceNotFoundException", message)
                };
                let statements =
                    left.as_mut().and_then(|policy| policy["Statement"].as_array_mut()).ok_or_else(missing)?;
                let before = statements.len();
                statements.retain(|statement| statement["Sid"].as_str() != id);
                if statements.len() == before {
                    return Err(missing());
                }
                if statements.is_empty() {
                    left = None;
                }
            }
            bus.policy = left;
            Ok(Value::Null)
        })
    }
}

fn policy(text: &str) -> Result<Value, ServiceError> {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    match policy["Statement"].is_array() || policy["Statement"].is_object() {
        true => Ok(policy),
        // Assumed: the text.
        false => Err(ServiceError::validation("Parameter Policy is not valid. Reason: it is no policy document.")),
    }
}

/// The statement of `Action`, `Principal` and `StatementId`, without its resource.
fn permission(input: &Input) -> Result<Value, ServiceError> {
    for member in ["Action", "Principal", "StatementId"] {
        if input.opt_str(member).is_none() {
            return Err(ServiceError::validation(format!("Parameter {member} must be specified.")));
        }
    }
    if input.str("Action")? != "events:PutEvents" {
        return Err(ServiceError::validation("Provided value in parameter 'action' is not supported."));
    }
    let principal = match input.str("Principal")? {
        "*" => json!("*"),
        account => json!({ "AWS": format!("arn:aws:iam::{account}:root") }),
    };
    let mut statement = json!({
        "Sid": input.str("StatementId")?, "Effect": "Allow", "Principal": principal, "Action": "events:PutEvents",
    });
    let condition = input.object("Condition");
    if let (Some(kind), Some(key), Some(value)) =
        (condition.opt_str("Type"), condition.opt_str("Key"), condition.opt_str("Value"))
    {
        statement["Condition"] = json!({ kind: { key: value } });
    }
    Ok(statement)
}

fn with_statement(policy: Option<Value>, mut statement: Value, bus: &str, id: &str) -> Value {
    let mut policy = policy.unwrap_or_else(|| json!({ "Version": "2012-10-17", "Statement": [] }));
    if let Some(condition) = statement.as_object_mut().and_then(|members| members.shift_remove("Condition")) {
        statement["Resource"] = json!(bus);
        statement["Condition"] = condition;
    } else {
        statement["Resource"] = json!(bus);
    }
    if let Some(statements) = policy["Statement"].as_array_mut() {
        statements.retain(|known| known["Sid"] != id);
        statements.push(statement);
    }
    policy
}
