//! Starting and ending the plane.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::core::{Clock, Hub, Ids, PlaneIdentity, Service};
use crate::{
    apigateway, cloudformation, cloudwatch, codebuild, codecommit, codedeploy, codepipeline, dynamodb, eventbridge,
    iam, lambda_service, logs, sns, ssm, sts,
};

/// How a plane is to run.
#[derive(Clone, Debug)]
pub struct PlaneOptions {
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// Plane seconds in a real second: engines only, never a function's own timeout.
    pub time_scale: f64,
    /// Repeats identifiers and weighted choices when set.
    pub seed: Option<u64>,
    /// Where the plane keeps its files. A temporary directory when not set.
    pub data_dir: Option<PathBuf>,
    /// Account and region.
    pub identity: PlaneIdentity,
    /// Where requests for services that the plane does not run are passed on to.
    pub backing_endpoint: Option<String>,
}

impl Default for PlaneOptions {
    fn default() -> Self {
        Self {
            port: 0,
            time_scale: 1.0,
            seed: None,
            data_dir: None,
            identity: PlaneIdentity::default(),
            backing_endpoint: None,
        }
    }
}

/// Why a plane did not start.
#[derive(Debug, thiserror::Error)]
pub enum PlaneError {
    /// The port is taken, or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The data directory cannot be made.
    #[error("cannot keep files in the data directory")]
    DataDirectory(#[source] io::Error),
}

/// A running plane.
#[derive(Debug)]
pub struct Plane {
    hub: Arc<Hub>,
}

impl Plane {
    /// Starts a plane on loopback.
    ///
    /// # Errors
    /// When the port is taken or the data directory cannot be made.
    pub async fn start(options: PlaneOptions) -> Result<Self, PlaneError> {
        let address = SocketAddr::from(([127, 0, 0, 1], options.port));
        let listener =
            TcpListener::bind(address).await.map_err(|source| PlaneError::Listen { port: options.port, source })?;
        let port = listener.local_addr().map_err(|source| PlaneError::Listen { port: options.port, source })?.port();
        let ids = options.seed.map_or_else(Ids::random, Ids::seeded);
        let data_dir = options.data_dir.unwrap_or_default();
        let clock = Clock::scaled(options.time_scale);
        let hub = Hub::new(clock, ids, options.identity, format!("http://127.0.0.1:{port}"), data_dir);
        let _services = services(&hub);
        Ok(Self { hub })
    }

    /// The hub, for in-process calls.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}

fn services(hub: &Arc<Hub>) -> Vec<Arc<dyn Service>> {
    vec![
        lambda_service::service(hub),
        logs::service(hub),
        codedeploy::service(hub),
        cloudwatch::service(hub),
        codepipeline::service(hub),
        codebuild::service(hub),
        codecommit::service(hub),
        cloudformation::service(hub),
        eventbridge::service(hub),
        sns::service(hub),
        ssm::service(hub),
        apigateway::service(hub),
        iam::service(hub),
        sts::service(hub),
        dynamodb::service(hub),
    ]
}
