//! A public URL in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::call::CallError;
use crate::hook::{CallPublicUrl, PublicAnswer, PublicRequest};

/// Pages by URL; clones share them. An unknown page answers 404, and nothing answers while the site is down.
#[derive(Debug, Clone, Default)]
pub struct PublicSite {
    pages: Arc<Mutex<BTreeMap<String, PublicAnswer>>>,
    failures: Arc<Mutex<u32>>,
    requests: Arc<Mutex<Vec<PublicRequest>>>,
}

impl PublicSite {
    /// Makes `url` answer so.
    pub fn serve(&self, url: &str, status: u16, body: &Value) {
        self.answer(url, PublicAnswer { status, body: body.to_string().into(), ..PublicAnswer::default() });
    }

    /// Makes `url` answer exactly so.
    pub fn answer(&self, url: &str, answer: PublicAnswer) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), answer);
    }

    /// The next `count` connections fail.
    pub fn go_down_for(&self, count: u32) {
        *self.failures.lock().unwrap_or_else(PoisonError::into_inner) = count;
    }

    /// Every request, those that failed too.
    #[must_use]
    pub fn requests(&self) -> Vec<PublicRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl CallPublicUrl for PublicSite {
    async fn call_public_url(&self, request: &PublicRequest) -> Result<PublicAnswer, CallError> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if *failures > 0 {
            *failures -= 1;
            return Err(CallError::Unavailable { operation: "public request", source: "connection refused".into() });
        }
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = || PublicAnswer { status: 404, body: b"{}".to_vec(), ..PublicAnswer::default() };
        Ok(pages.get(&request.url).cloned().unwrap_or_else(missing))
    }
}
