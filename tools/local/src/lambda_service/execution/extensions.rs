//! The Lambda Extensions API for extensions inside the function's own process.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>. What such an extension gets on AWS by being there is
//! SIGTERM before the environment is killed. It may ask for `INVOKE` events only; those are not run here, and refused. There are no
//! layers on the plane, hence no extensions with processes of their own.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::replies::{accepted, refusal, reply};
use crate::core::Ids;

/// The beginning of every operation's path.
pub(super) const PREFIX: &str = "/2020-01-01/extension/";
const NAME: &str = "lambda-extension-name";
const IDENTIFIER: &str = "lambda-extension-identifier";

/// The facts of the function that an extension is told when it registers.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) function: String,
    pub(super) version: String,
    pub(super) handler: String,
}

/// The extensions of one environment, and their API.
#[derive(Debug)]
pub(super) struct Extensions {
    facts: Facts,
    ids: Ids,
    /// The names of the registered extensions, by identifier.
    registered: Mutex<HashMap<String, String>>,
}

impl Extensions {
    pub(super) fn new(facts: Facts, ids: Ids) -> Self {
        Self { facts, ids, registered: Mutex::default() }
    }

    /// True if any extension is registered: the environment then ends with SIGTERM first.
    pub(super) fn are_registered(&self) -> bool {
        !self.registered().is_empty()
    }

    /// Answers a request for the path behind [`PREFIX`].
    pub(super) async fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Response<Full<Bytes>> {
        match (method, path) {
            (&Method::POST, "register") => self.register(headers, body),
            (&Method::GET, "event/next") => match self.known(headers) {
                // There is no event that it could have asked for. The request ends with the environment.
                Ok(()) => std::future::pending().await,
                Err(refused) => *refused,
            },
            (&Method::POST, "init/error" | "exit/error") => match self.known(headers) {
                Ok(()) => accepted(),
                Err(refused) => *refused,
            },
            _ => refusal(StatusCode::NOT_FOUND, "NotFound", "no such path"),
        }
    }

    fn register(&self, headers: &HeaderMap, body: &[u8]) -> Response<Full<Bytes>> {
        let Some(name) = text(headers, NAME).filter(|name| !name.is_empty()) else {
            return refusal(StatusCode::FORBIDDEN, "Extension.InvalidExtensionName", "Empty extension name");
        };
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return refusal(StatusCode::FORBIDDEN, "InvalidRequestFormat", "the body is not JSON");
        };
        if let Some(event) = body["events"].as_array().and_then(|events| events.first()) {
            return refused_event(event.as_str());
        }
        let mut registered = self.registered();
        if registered.values().any(|other| other == name) {
            let message = format!("Extension with name '{name}' already registered");
            return refusal(StatusCode::FORBIDDEN, "Extension.AlreadyRegistered", &message);
        }
        let identifier = self.ids.uuid();
        registered.insert(identifier.clone(), name.to_owned());
        drop(registered);
        let facts = json!({
            "functionName": self.facts.function, "functionVersion": self.facts.version, "handler": self.facts.handler,
        });
        let mut response = reply(StatusCode::OK, &facts);
        if let Ok(identifier) = identifier.parse() {
            response.headers_mut().insert(IDENTIFIER, identifier);
        }
        response
    }

    /// Refuses a request that is not a registered extension's.
    fn known(&self, headers: &HeaderMap) -> Result<(), Box<Response<Full<Bytes>>>> {
        let refused = |error_type, message| Err(Box::new(refusal(StatusCode::FORBIDDEN, error_type, message)));
        match text(headers, IDENTIFIER) {
            None => refused("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"),
            Some(identifier) if self.registered().contains_key(identifier) => Ok(()),
            Some(_) => refused("Extension.UnknownExtensionIdentifier", "Unknown extension identifier"),
        }
    }

    fn registered(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The refusal of an event that an extension wants.
fn refused_event(event: Option<&str>) -> Response<Full<Bytes>> {
    match event {
        Some("INVOKE") => {
            let message = "INVOKE events of extensions are not run on the local plane";
            refusal(StatusCode::NOT_IMPLEMENTED, "Extension.NotImplemented", message)
        }
        // As the Runtime Interface Emulator, which is AWS's own code, says it.
        Some("SHUTDOWN") => {
            let message = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension";
            refusal(StatusCode::FORBIDDEN, "Extension.InvalidEventType", message)
        }
        _ => refusal(StatusCode::FORBIDDEN, "Extension.InvalidEventType", "ErrorInvalidEventType"),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
