//! The load generator: real requests to the public URL, at a steady rate, whatever the answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// How long a request may take before it counts as lost: API Gateway's own limit is 30 seconds.
const PATIENCE: Duration = Duration::from_secs(35);

/// How many requests may wait for an answer at once. Each is an environment of its own, as on AWS, and so a process of this machine: on one that
/// is busy, a load without this bound starts processes faster than any of them can answer.
const IN_FLIGHT: usize = 16;

/// The plane's front door says which version of the function answered.
const EXECUTED_VERSION: &str = "x-slipway-executed-version";

/// One request that was sent.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When it was sent.
    pub sent: Instant,
    /// When its answer, or its loss, was known.
    pub answered: Instant,
    /// Which version answered; none when nothing was invoked.
    pub version: Option<String>,
    /// The status; none when the request was lost.
    pub status: Option<u16>,
}

impl Sample {
    /// Whether a user would call this an error.
    pub fn is_error(&self) -> bool {
        self.status.is_none_or(|status| status >= 500)
    }
}

/// One kind of request.
#[derive(Clone, Debug)]
pub struct Shot {
    /// The HTTP method.
    pub method: Method,
    /// The path and query.
    pub path: String,
    /// The JSON body, if any.
    pub body: Option<String>,
}

/// A running load. It stops when it is dropped.
#[derive(Debug)]
pub struct Load {
    samples: Arc<Mutex<Vec<Sample>>>,
    pacer: JoinHandle<()>,
}

impl Load {
    /// Starts sending `rate` requests a second to `url`, taking the shots in turn.
    pub fn start(url: String, shots: Vec<Shot>, rate: u32) -> Self {
        let samples = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&samples);
        let pacer = tokio::spawn(async move {
            let client = Client::builder().timeout(PATIENCE).build().unwrap_or_default();
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
            // A machine that was busy goes on at the same pace: catching up would only keep it busy.
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let slots = Arc::new(Semaphore::new(IN_FLIGHT));
            for shot in shots.iter().cycle() {
                ticks.tick().await;
                let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
                let (client, url, shot, kept) = (client.clone(), url.clone(), shot.clone(), Arc::clone(&kept));
                tokio::spawn(async move {
                    let sample = fire(&client, &url, &shot).await;
                    lock(&kept).push(sample);
                    drop(slot);
                });
            }
        });
        Self { samples, pacer }
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

fn lock(samples: &Mutex<Vec<Sample>>) -> MutexGuard<'_, Vec<Sample>> {
    samples.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn fire(client: &Client, url: &str, shot: &Shot) -> Sample {
    let sent = Instant::now();
    let mut request = client.request(shot.method.clone(), format!("{}{}", url.trim_end_matches('/'), shot.path));
    if let Some(body) = &shot.body {
        request = request.header("content-type", "application/json").body(body.clone());
    }
    let answer = request.send().await;
    let (version, status) = match &answer {
        Ok(response) => {
            let version = response.headers().get(EXECUTED_VERSION).and_then(|v| v.to_str().ok()).map(str::to_owned);
            (version, Some(response.status().as_u16()))
        }
        Err(_) => (None, None),
    };
    // An answer that breaks off is lost, too.
    let whole = match answer {
        Ok(response) => response.bytes().await.is_ok(),
        Err(_) => false,
    };
    Sample { sent, answered: Instant::now(), version, status: status.filter(|_| whole) }
}
