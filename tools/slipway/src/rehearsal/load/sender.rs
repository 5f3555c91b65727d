//! Sending requests at a steady rate.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::deck::{Deck, Shot};
use super::profile::Profile;
use super::sample::Sample;

/// The longest time of a request before it counts as lost: API Gateway's own limit is 30 seconds.
const PATIENCE: Duration = Duration::from_secs(35);

/// The most requests that may wait for an answer at once. Each is an environment of its own, as on AWS, and so a process of this
/// machine: on one that is busy, a load without this bound starts processes faster than any of them can answer.
const IN_FLIGHT: usize = 16;

/// The lifetime of a token, in seconds: longer than any rehearsal.
const TOKEN_LIFETIME: &str = "86400";

/// The plane's front door says which version of the function answered.
const EXECUTED_VERSION: &str = "x-slipway-executed-version";

/// A running load. It stops when it is dropped.
#[derive(Debug)]
pub struct Load {
    samples: Arc<Mutex<Vec<Sample>>>,
    pacer: JoinHandle<()>,
}

/// The means of every request.
struct Sender {
    client: Client,
    url: String,
    /// The owners' tokens, in the profile's order.
    tokens: Vec<String>,
    deck: Mutex<Deck>,
}

impl Load {
    /// Gets a token for each owner from `issuer`, and starts sending `rate` requests a second to `url`.
    ///
    /// # Errors
    /// Fails if the issuer gives no token.
    pub async fn start(url: &str, profile: Profile, issuer: &str, rate: u32) -> Result<Self, reqwest::Error> {
        let client = Client::builder().timeout(PATIENCE).build()?;
        let mut tokens = Vec::new();
        for owner in profile.owners() {
            tokens.push(token(&client, issuer, owner).await?);
        }
        let url = url.trim_end_matches('/').to_owned();
        let sender = Arc::new(Sender { client, url, tokens, deck: Mutex::new(Deck::new(profile)) });
        let samples = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&samples);
        let pacer = tokio::spawn(async move {
            let mut random = rand::make_rng::<SmallRng>();
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
            // A machine that was busy goes on at the same pace: catching up would only keep it busy.
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let slots = Arc::new(Semaphore::new(IN_FLIGHT));
            loop {
                ticks.tick().await;
                let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
                let Some(shot) = lock(&sender.deck).draw(&mut random) else { continue };
                let (sender, kept) = (Arc::clone(&sender), Arc::clone(&kept));
                tokio::spawn(async move {
                    let sample = sender.fire(&shot).await;
                    lock(&kept).push(sample);
                    drop(slot);
                });
            }
        });
        Ok(Self { samples, pacer })
    }

    /// Everything that was sent and answered so far.
    pub fn samples(&self) -> Vec<Sample> {
        lock(&self.samples).clone()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.pacer.abort();
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn token(client: &Client, issuer: &str, owner: &str) -> Result<String, reqwest::Error> {
    let request = client.get(format!("{issuer}/token")).query(&[("sub", owner), ("lifetime", TOKEN_LIFETIME)]);
    let answer: Value = request.send().await?.error_for_status()?.json().await?;
    Ok(answer["access_token"].as_str().unwrap_or_default().to_owned())
}

impl Sender {
    /// The request of a shot, with what its sample says of it.
    fn request(&self, shot: &Shot) -> (RequestBuilder, String, Option<u16>) {
        let deck = lock(&self.deck);
        let template = deck.template(shot);
        // The profile was refused if a method is none.
        let method = template.method.parse().unwrap_or_default();
        let mut request = self.client.request(method, format!("{}{}", self.url, shot.path));
        for (name, value) in &template.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &shot.body {
            if !template.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body.clone());
        }
        if let Some(token) = deck.owner(shot).and_then(|owner| self.tokens.get(owner)) {
            request = request.bearer_auth(token);
        }
        (request, template.name.clone(), template.expect)
    }

    async fn fire(&self, shot: &Shot) -> Sample {
        let (request, name, expected) = self.request(shot);
        let sent = Instant::now();
        let answer = request.send().await;
        let version = answer.as_ref().ok().and_then(|response| {
            response.headers().get(EXECUTED_VERSION).and_then(|value| value.to_str().ok()).map(str::to_owned)
        });
        // An answer that breaks off is lost, too.
        let whole = match answer {
            Ok(response) => {
                let status = response.status().as_u16();
                response.bytes().await.ok().map(|body| (status, body))
            }
            Err(_) => None,
        };
        let answered = Instant::now();
        let (status, body) = whole.map_or_else(Default::default, |(status, body)| (Some(status), body));
        let sample = Sample { request: name, sent, answered, version, status, expected };
        lock(&self.deck).settle(shot, !sample.is_error(), status.is_none(), &body);
        sample
    }
}
