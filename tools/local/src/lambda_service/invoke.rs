//! The `Invoke` operation: who is meant, whether there is a place to run, and what the caller is told.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::json;

use super::concurrency::Permit;
use super::destinations;
use super::errors::{constraint, function_not_found, too_large};
use super::event_queue::{Attempt, Conclusion, Condition, QueueEffect, QueueInput, QueuedEvent, Response, RetryPolicy};
use super::execution::{Completed, Invocation, Runnable};
use super::metrics::{Measurement, Subject};
use super::names::{FunctionRef, LATEST};
use super::registry::arn;
use super::state::Lambda;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

/// The largest events, by invocation type.
const MAX_SYNC: usize = 6_291_456;
const MAX_ASYNC: usize = 1_048_576;

/// The version that one invocation runs on.
struct Target {
    runnable: Arc<Runnable>,
    subject: Subject,
    /// The ARN that the caller named.
    arn: String,
}

/// One invocation as its caller sees it.
struct Outcome {
    completed: Completed,
    version: String,
}

/// Invoking.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[Operation::later(
    "Invoke",
    "FunctionName InvocationType LogType ClientContext Payload Qualifier",
    |lambda: &Arc<Lambda>, request| Box::pin(lambda.invoke(&request.input)),
)
.on_found(Lambda::resource)
.called(&["lambda:InvokeFunction"])];

impl Lambda {
    async fn invoke(self: &Arc<Self>, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        match input.opt_str("InvocationType").unwrap_or("RequestResponse") {
            "RequestResponse" => {
                let invocation = self.invocation(&named, input, MAX_SYNC)?;
                let wants_log = invocation.tail;
                let outcome = self.run(&named, invocation).await?;
                Ok(sync_reply(&outcome, wants_log))
            }
            "Event" => {
                let invocation = self.invocation(&named, input, MAX_ASYNC)?;
                self.enqueue(named, invocation)
            }
            // The model knows one more type.
            _ => {
                self.registry().named_version(&self.hub, &named)?;
                Ok(json!({ "StatusCode": 204 }))
            }
        }
    }

    fn invocation(&self, named: &FunctionRef, input: &Input, most: usize) -> Result<Invocation, ServiceError> {
        let given = input.opt_str("Payload").unwrap_or_default();
        let payload = STANDARD.decode(given).map_err(|_| constraint("Payload", "payload", "Member must be base64"))?;
        if payload.len() > most {
            return Err(too_large(most));
        }
        // A caller that sends nothing invokes with an empty object.
        let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { Bytes::from(payload) };
        serde_json::from_slice::<serde::de::IgnoredAny>(&payload).map_err(|error| {
            ServiceError::new(
                "InvalidRequestContentException",
                format!("Could not parse request body into json: Could not parse payload into json: {error}"),
            )
        })?;
        let context = input.opt_str("ClientContext").filter(|context| !context.is_empty());
        let client_context = context
            .map(|context| STANDARD.decode(context).ok().and_then(|json| String::from_utf8(json).ok()))
            .map(|decoded| {
                decoded.filter(|text| text.bytes().all(|byte| (32..127).contains(&byte))).ok_or_else(|| {
                    ServiceError::new(
                        "InvalidRequestContentException",
                        "Client context must be a valid Base64-encoded JSON object.",
                    )
                })
            })
            .transpose()?;
        Ok(Invocation {
            request_id: self.hub.ids.uuid(),
            function_arn: arn(&self.hub, &named.name, named.qualifier.as_deref()),
            payload,
            client_context,
            tail: input.opt_str("LogType") == Some("Tail"),
        })
    }

    /// Chooses the version and takes a place for it.
    fn target(&self, named: &FunctionRef) -> Result<(Target, Permit), ServiceError> {
        let registry = self.registry();
        // An invocation without a qualifier misses `$LATEST`.
        let missing =
            || function_not_found(&arn(&self.hub, &named.name, Some(named.qualifier.as_deref().unwrap_or(LATEST))));
        let function = registry.functions.get(&named.name).ok_or_else(missing)?;
        let alias = named.qualifier.as_deref().and_then(|qualifier| function.aliases.get(qualifier));
        let version = match alias {
            Some(alias) => function
                .version(alias.choose(|| self.hub.ids.fraction()))
                .ok_or_else(|| function_not_found(&arn(&self.hub, &named.name, Some(&alias.name))))?,
            None => registry.named_version(&self.hub, named)?,
        };
        let number = &version.runnable.program.version;
        let subject = Subject {
            function: named.name.clone(),
            resource: match &named.qualifier {
                Some(qualifier) => format!("{}:{qualifier}", named.name),
                None => named.name.clone(),
            },
            executed_version: alias.map(|_| number.clone()),
        };
        let permit = Permit::take(&registry, &named.name)
            .inspect_err(|_| self.metrics.record(&subject, Measurement::Throttled))?;
        self.metrics.record(&subject, Measurement::Concurrent(function.running.load(Ordering::Relaxed)));
        let target = Target {
            runnable: Arc::clone(&version.runnable),
            subject,
            arn: arn(&self.hub, &named.name, named.qualifier.as_deref()),
        };
        Ok((target, permit))
    }

    /// Runs one invocation. It goes on when the caller hangs up, as on AWS.
    async fn run(self: &Arc<Self>, named: &FunctionRef, mut invocation: Invocation) -> Result<Outcome, ServiceError> {
        let (target, permit) = self.target(named)?;
        invocation.function_arn = target.arn;
        let lambda = Arc::clone(self);
        let running = tokio::spawn(async move {
            let completed = lambda.host.run(&target.runnable, &invocation).await;
            drop(permit);
            let completed = completed?;
            let ran = Measurement::Ran { duration: completed.duration, failed: completed.failed };
            lambda.metrics.record(&target.subject, ran);
            Ok(Outcome { completed, version: target.runnable.program.version.clone() })
        });
        running.await.map_err(|error| ServiceError::internal(error.to_string()))?
    }

    fn enqueue(&self, named: FunctionRef, invocation: Invocation) -> Reply {
        let policy = {
            let registry = self.registry();
            registry.named_version(&self.hub, &named)?;
            self.policy(&registry, &named)
        };
        self.metrics.record(&plain_subject(&named.name), Measurement::EventReceived);
        let event = QueuedEvent {
            request_id: invocation.request_id,
            target: named,
            payload: invocation.payload,
            client_context: invocation.client_context,
        };
        self.queue()?.send(QueueInput::Accepted(event, policy));
        Ok(json!({ "StatusCode": 202 }))
    }

    fn policy(&self, registry: &super::registry::Registry, named: &FunctionRef) -> RetryPolicy {
        let (config, usual) = (registry.event_invoke(named), RetryPolicy::default());
        RetryPolicy {
            retries: config.and_then(|config| config.retries).unwrap_or(usual.retries),
            age: config.and_then(|config| config.age).map_or(usual.age, Duration::from_secs),
        }
    }

    /// Does what the queue of asynchronous invocations wants done.
    pub(super) fn act(self: Arc<Self>, effect: QueueEffect) -> BoxFuture<'static, Vec<QueueInput>> {
        Box::pin(async move {
            match effect {
                QueueEffect::Invoke(event) => vec![self.attempt(event).await],
                QueueEffect::Conclude(conclusion) => {
                    self.conclude(&conclusion).await;
                    Vec::new()
                }
            }
        })
    }

    async fn attempt(self: &Arc<Self>, event: QueuedEvent) -> QueueInput {
        let invocation = Invocation {
            request_id: event.request_id.clone(),
            function_arn: String::new(),
            payload: event.payload,
            client_context: event.client_context,
            tail: false,
        };
        let ran = self.run(&event.target, invocation).await;
        let registry = self.registry();
        let attempt = match ran {
            Ok(Outcome { completed, version }) => {
                let response =
                    Response { executed_version: version, failed: completed.failed, payload: completed.payload };
                if response.failed { Attempt::FunctionError(response) } else { Attempt::Succeeded(response) }
            }
            Err(error) => {
                let stopped = registry.functions.get(&event.target.name).is_none_or(|f| f.reserved == Some(0));
                let gone = stopped || error.is("ResourceNotFoundException");
                if gone { Attempt::Refused } else { Attempt::NotRun }
            }
        };
        let policy = self.policy(&registry, &event.target);
        QueueInput::Attempted { request_id: event.request_id, attempt, policy }
    }

    async fn conclude(&self, conclusion: &Conclusion) {
        let named = &conclusion.event.target;
        let subject = plain_subject(&named.name);
        let succeeded = conclusion.condition == Condition::Success;
        let (destination, runnable) = {
            let registry = self.registry();
            let config = registry.event_invoke(named);
            let destination = config.and_then(|c| if succeeded { c.on_success.clone() } else { c.on_failure.clone() });
            let version = registry.named_version(&self.hub, named).ok();
            (destination, version.map(|version| Arc::clone(&version.runnable)))
        };
        if !succeeded {
            self.metrics.record(&subject, Measurement::EventDropped);
        }
        // A function that is gone has no role to deliver as.
        let Some(runnable) = runnable else { return };
        if let Some(destination) = destination
            && let Err(error) = self.deliver(&runnable, &destination, conclusion).await
        {
            tracing::warn!(%error, destination, "an invocation record was not delivered");
            self.metrics.record(&subject, Measurement::DeliveryFailed);
        }
        if let Some(topic) = runnable.program.settings.dead_letter.as_ref().filter(|_| !succeeded)
            && let Err(error) = self.dead_letter(&runnable, topic, conclusion).await
        {
            tracing::warn!(%error, topic, "an event was not delivered to its dead-letter topic");
            self.metrics.record(&subject, Measurement::DeadLetterFailed);
        }
    }

    async fn deliver(&self, runnable: &Runnable, to: &str, conclusion: &Conclusion) -> Result<(), ServiceError> {
        let caller = self.host.act_as(runnable).await?;
        destinations::deliver(&self.hub, &caller, to, &destinations::record(&self.hub, conclusion)).await
    }

    async fn dead_letter(&self, runnable: &Runnable, to: &str, conclusion: &Conclusion) -> Result<(), ServiceError> {
        let caller = self.host.act_as(runnable).await?;
        destinations::dead_letter(&self.hub, &caller, to, conclusion).await
    }
}

fn plain_subject(function: &str) -> Subject {
    Subject { function: function.to_owned(), resource: function.to_owned(), executed_version: None }
}

fn sync_reply(outcome: &Outcome, wants_log: bool) -> serde_json::Value {
    let completed = &outcome.completed;
    let mut reply = json!({
        "StatusCode": 200,
        "ExecutedVersion": outcome.version,
        "Payload": STANDARD.encode(&completed.payload),
    });
    if completed.failed {
        reply["FunctionError"] = "Unhandled".into();
    }
    if let Some(tail) = completed.log_tail.as_ref().filter(|_| wants_log) {
        reply["LogResult"] = STANDARD.encode(tail).into();
    }
    reply
}
