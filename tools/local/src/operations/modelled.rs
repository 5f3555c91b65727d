//! A service that is driven by its model and its declarations.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::declared::{Operation, Resource, Run, Table};
use super::keys;
use super::resources::fill;
use crate::core::{Call, Declared, Hub, Input, Principal, Question, Reply, Request, Service, ServiceError};
use crate::model::{self, Honours, Model, WireProtocol};

/// A service from its table. Its gates before each operation, in this order: the operation is one of AWS's; it is run; the
/// input is of the model's types and within its constraints; every member that came is honoured; the caller may do it.
pub(crate) struct Modelled<S: 'static> {
    hub: Arc<Hub>,
    state: S,
    table: &'static Table<S>,
    model: &'static Model,
    operations: HashMap<&'static str, Ready<S>>,
    end: Option<fn(&S) -> BoxFuture<'_, ()>>,
}

/// An operation with its declaration read.
struct Ready<S: 'static> {
    operation: &'static Operation<S>,
    /// The operation in the model; none of the plane's own doors.
    known: Option<&'static model::Operation>,
    honours: Honours,
    actions: Vec<String>,
}

impl<S: Send + Sync + 'static> Modelled<S> {
    /// The service of `table` with its state.
    ///
    /// # Panics
    /// Panics if the plane has no model of the service, or a declaration names what the model lacks: both are part of the program.
    #[expect(clippy::panic, reason = "models and declarations are part of the program")]
    pub(crate) fn new(hub: &Arc<Hub>, state: S, table: &'static Table<S>) -> Self {
        let Some(model) = model::of(table.service) else { panic!("there is no model of {}", table.service) };
        let operations = table.all().map(|operation| (operation.name, Ready::new(model, table.vendor, operation)));
        Self { hub: Arc::clone(hub), state, table, model, operations: operations.collect(), end: None }
    }

    /// The same service, which `end` brings to its end.
    #[must_use]
    pub(crate) fn ending(mut self, end: fn(&S) -> BoxFuture<'_, ()>) -> Self {
        self.end = Some(end);
        self
    }

    async fn answer(&self, request: &mut Request) -> Reply {
        let Some(ready) = self.operations.get(request.operation.as_str()) else {
            return Err(self.unknown(&request.operation));
        };
        if ready.operation.honours.is_none() && !request.caller.is_plane() {
            return Err(self.unknown(&request.operation));
        }
        if let Some(known) = ready.known {
            self.admit(known, ready, request)?;
        }
        (ready.operation.sound)(&self.state, &request.input).map_err(|error| self.with_status(error))?;
        self.decide(ready, request)?;
        let reply = match &ready.operation.run {
            Run::Now(run) => run(&self.state, request),
            Run::Later(run) => run(&self.state, request).await,
        };
        reply.map_err(|error| self.with_status(error))
    }

    /// Refuses what the model does not take, and what the service does not honour.
    fn admit(&self, known: &model::Operation, ready: &Ready<S>, request: &mut Request) -> Result<(), ServiceError> {
        let mut input = std::mem::take(&mut request.input).into_value();
        if let Some(shape) = known.input.filter(|_| !request.over_the_wire) {
            model::coerce(self.model, shape, &mut input);
        }
        let refusal = model::refusal(self.model, known, self.table.dialect, &input).or_else(|| {
            let lost = ready.honours.lost(self.model, known.input?, &input)?;
            let what = format!("{} with {lost}", request.operation);
            Some(ServiceError::not_implemented(self.table.service, &what))
        });
        request.input = input.into();
        refusal.map_or(Ok(()), Err)
    }

    fn decide(&self, ready: &Ready<S>, request: &Request) -> Result<(), ServiceError> {
        let secret = ready.operation.by_secret && request.caller.principal == Principal::Anonymous;
        let decided = !request.caller.is_plane() && !ready.operation.free && !secret;
        let Some(authority) = self.hub.authority().filter(|_| decided) else { return Ok(()) };
        let mut context = keys::of_tags(&request.input);
        context.extend((ready.operation.keys)(&self.state, &request.input));
        let ask = |action: &str, resources: &[String], context: &[(String, Vec<String>)]| {
            let question = Question { caller: &request.caller, action, resources, context: context.to_vec() };
            let decided = authority.decide(&question);
            decided.map_err(|denial| ServiceError {
                code: self.table.denial.to_owned(),
                status: self.denied(),
                ..denial
            })
        };
        for (member, service) in ready.operation.passes {
            let roles: Vec<String> = keys::at(&request.input, member).into_iter().map(str::to_owned).collect();
            let passed = [("iam:PassedToService".to_owned(), vec![(*service).to_owned()])];
            ask("iam:PassRole", &roles, &passed)?;
        }
        if let Resource::Each(find) = ready.operation.resource {
            let parts = find(&self.state, &request.input);
            return parts.into_iter().try_for_each(|(action, resource)| ask(action, &[resource], &context));
        }
        let resources = self.resources(ready.operation, &request.input);
        ready.actions.iter().try_for_each(|action| ask(action, &resources, &context))
    }

    /// The status of a denial: the JSON protocols answer it as any other fault of the caller's.
    fn denied(&self) -> u16 {
        if self.model.protocol == WireProtocol::Json && self.table.denial == "AccessDeniedException" {
            400
        } else {
            403
        }
    }

    fn resources(&self, operation: &Operation<S>, input: &Input) -> Vec<String> {
        match operation.resource {
            Resource::Any | Resource::Each(_) => vec!["*".to_owned()],
            Resource::Of(template) => vec![fill(&self.hub.identity, self.table.vendor, template, input)],
            Resource::By(find) => find(&self.state, input),
        }
    }

    /// The error for an operation that is not run: `NotImplemented` if it is one of AWS's, or else AWS's own refusal.
    fn unknown(&self, operation: &str) -> ServiceError {
        if self.model.operation(operation).is_some() {
            return ServiceError::not_implemented(self.table.service, operation);
        }
        match self.model.protocol {
            WireProtocol::Query => {
                let text = format!("Could not find operation {operation} for version {}", self.model.version);
                ServiceError::new("InvalidAction", text)
            }
            _ => ServiceError::new("UnknownOperationException", ""),
        }
    }

    /// The error with the status that the model gives it, unless the service has given it one.
    fn with_status(&self, error: ServiceError) -> ServiceError {
        let status = self.model.error(&error.code).and_then(|shape| match &shape.kind {
            model::Kind::Structure(structure) => structure.error.as_ref().map(|error| error.status),
            _ => None,
        });
        match status.filter(|_| error.status == 400) {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}

impl<S: 'static> Ready<S> {
    #[expect(clippy::panic, reason = "models and declarations are part of the program")]
    fn new(model: &'static Model, vendor: &str, operation: &'static Operation<S>) -> Self {
        let known = model.operation(operation.name);
        let honours = match (operation.honours, known) {
            (Some(declared), Some(known)) => match Honours::read(model, known.input, declared) {
                Ok(honours) => honours,
                Err(error) => panic!("{}:{}: {error}", model.service, operation.name),
            },
            (Some(_), None) => panic!("{} has no operation {}", model.service, operation.name),
            (None, _) => Honours::default(),
        };
        let actions = match operation.actions {
            [] => vec![format!("{vendor}:{}", operation.name)],
            named => named.iter().map(|action| (*action).to_owned()).collect(),
        };
        Self { operation, known, honours, actions }
    }
}

impl<S: Send + Sync + 'static> Service for Modelled<S> {
    fn name(&self) -> &'static str {
        self.table.service
    }

    fn call(&self, mut request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let reply = self.answer(&mut request).await;
            if let Some(trail) = self.hub.trail().filter(|_| !request.caller.is_plane()) {
                let Request { operation, input, caller, .. } = request;
                let (service, input) = (self.table.service, input.into_value());
                trail.record(&Call { caller: &caller, service, operation: &operation, input: &input, reply: &reply });
            }
            reply
        })
    }

    fn resource_policy(&self, arn: &str) -> Option<String> {
        (self.table.resource_policy)(&self.state, arn)
    }

    fn declared(&self) -> Vec<Declared> {
        let mut declared: Vec<Declared> = self
            .operations
            .values()
            .filter_map(|ready| Some((ready, ready.known?)))
            .map(|(ready, known)| Declared {
                operation: ready.operation.name,
                actions: match ready.operation.resource {
                    Resource::Each(_) => Vec::new(),
                    _ => ready.actions.clone(),
                },
                resource: match ready.operation.resource {
                    Resource::Any => Some("*".to_owned()),
                    Resource::Of(template) => {
                        Some(fill(&self.hub.identity, self.table.vendor, template, &Input::default()))
                    }
                    Resource::By(_) | Resource::Each(_) => None,
                },
                members: known
                    .input
                    .into_iter()
                    .flat_map(|shape| ready.honours.names(self.model, shape))
                    .map(str::to_owned)
                    .collect(),
            })
            .collect();
        declared.sort_by_key(|declared| declared.operation);
        declared
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        self.end.map_or_else(|| Box::pin(async {}) as BoxFuture<'_, ()>, |end| end(&self.state))
    }
}
