//! Starting and ending the plane.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::core::{Authority, Clock, Hub, Ids, PlaneIdentity, Service};
use crate::s3::S3Endpoint;
use crate::wire::{self, BackingEndpoint, Endpoint};
use crate::{
    apigateway, cloudformation, cloudtrail, cloudwatch, codebuild, codecommit, codedeploy, codepipeline, dynamodb,
    eventbridge, iam, issuer, lambda_service, logs, sns, ssm, sts,
};

/// The options of a plane.
#[derive(Clone, Debug)]
pub struct PlaneOptions {
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// Plane seconds in a real second: engines only, never a function's own timeout.
    pub time_scale: f64,
    /// Repeats identifiers and weighted choices when set.
    pub seed: Option<u64>,
    /// The directory of the plane's files. A temporary directory when not set.
    pub data_dir: Option<PathBuf>,
    /// The plane's account and region.
    pub identity: PlaneIdentity,
    /// The endpoint to which requests for services that the plane does not run are passed on.
    pub backing_endpoint: Option<String>,
    /// Directories in front of a build's `PATH`.
    pub build_path: Vec<PathBuf>,
    /// True if IAM denies what nothing allows. It takes down what it would deny all the same.
    pub enforce_iam: bool,
    /// True if only credentials that IAM or STS gave out are taken; any other key is the operator's without it.
    pub issued_credentials_only: bool,
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
            build_path: Vec::new(),
            enforce_iam: false,
            issued_credentials_only: false,
        }
    }
}

/// The reason for which a plane did not start.
#[derive(Debug, thiserror::Error)]
pub enum PlaneError {
    /// The port is taken, or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The data directory cannot be made.
    #[error("cannot keep files in {path}")]
    DataDirectory {
        /// The directory that was to hold the files.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
}

/// A running plane. Dropping it without [`Plane::shutdown`] ends its children but does not wait for them.
#[derive(Debug)]
pub struct Plane {
    hub: Arc<Hub>,
    authority: Arc<iam::Authority>,
    services: Vec<&'static str>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
    /// The temporary directory, removed when the plane is dropped.
    _temporary: Option<TempDir>,
}

impl Plane {
    /// Starts a plane on loopback.
    ///
    /// # Errors
    /// Fails if the port is taken or the data directory cannot be made.
    pub async fn start(options: PlaneOptions) -> Result<Self, PlaneError> {
        let listen = |source| PlaneError::Listen { port: options.port, source };
        let address = SocketAddr::from(([127, 0, 0, 1], options.port));
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let port = listener.local_addr().map_err(listen)?.port();
        let (data_dir, temporary) = data_directory(options.data_dir)?;
        let hub = Hub::new(
            Clock::scaled(options.time_scale),
            options.seed.map_or_else(Ids::random, Ids::seeded),
            options.identity,
            format!("http://127.0.0.1:{port}"),
            data_dir.clone(),
        );
        hub.set_build_path(options.build_path);
        let in_data_dir = |source| PlaneError::DataDirectory { path: data_dir.clone(), source };
        let objects_dir = data_dir.join("s3");
        std::fs::create_dir_all(&objects_dir).map_err(in_data_dir)?;
        let s3 = S3Endpoint::open(&objects_dir).map_err(in_data_dir)?;
        s3.attach(&hub);
        let (directory, credentials) = (Arc::<iam::Directory>::default(), Arc::<iam::Credentials>::default());
        let authority = iam::Authority::new(&hub, &directory, &credentials, options.enforce_iam);
        hub.set_authority(Arc::clone(&authority) as Arc<dyn Authority>);
        if options.issued_credentials_only {
            hub.take_issued_credentials_only();
        }
        let services = services(&hub, &directory, &credentials);
        let names = services.iter().map(|service| service.name()).collect();
        hub.register(services, s3.objects());
        let backing = options.backing_endpoint.as_deref().map(BackingEndpoint::new);
        let doors = codecommit::git_router(&hub)
            .merge(issuer::issuer_router(&hub.endpoint))
            .merge(lambda_service::package_router(&hub));
        let router = wire::router(Endpoint { hub: Arc::clone(&hub), s3, backing }, doors);
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(async {
                // An error means that the plane was dropped: stop all the same.
                let _ = stopped.await;
            });
            if let Err(error) = served.await {
                tracing::error!(%error, "the plane's endpoint broke");
            }
        });
        Ok(Self { hub, authority, services: names, stop: Some(stop), server: Some(server), _temporary: temporary })
    }

    /// The hub, for in-process calls.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The access of each role: what it was denied, what it was allowed, and what it was granted and never used.
    pub fn access(&self) -> Vec<iam::RoleAccess> {
        self.authority.access()
    }

    /// The address at which the plane listens: `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> &str {
        &self.hub.endpoint
    }

    /// The issuer whose tokens JWT authorizers of this plane can check. It gives anybody a token for any subject:
    /// `sub`, `scope`, `aud` and `lifetime`, as a form or a query to `<issuer>/token`.
    pub fn issuer(&self) -> String {
        issuer::issuer_url(&self.hub.endpoint)
    }

    /// Ends every service, in reverse order of their start, then every child and the endpoint.
    pub async fn shutdown(mut self) {
        for name in self.services.iter().rev() {
            if let Some(service) = self.hub.service(name) {
                service.shutdown().await;
            }
        }
        self.hub.processes.kill_all();
        drop(self.stop.take());
        if let Some(server) = self.server.take() {
            // Clients that keep connections open would keep a graceful end waiting.
            server.abort();
            let _ = server.await;
        }
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.hub.processes.kill_all();
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

/// The directory asked for, or a temporary one that is removed with the plane.
fn data_directory(asked: Option<PathBuf>) -> Result<(PathBuf, Option<TempDir>), PlaneError> {
    match asked {
        Some(path) => std::fs::create_dir_all(&path)
            .and_then(|()| path.canonicalize())
            .map(|absolute| (absolute, None))
            .map_err(|source| PlaneError::DataDirectory { path, source }),
        None => {
            let made = tempfile::Builder::new().prefix("slipway-").tempdir();
            let made = made.map_err(|source| PlaneError::DataDirectory { path: std::env::temp_dir(), source })?;
            Ok((made.path().to_path_buf(), Some(made)))
        }
    }
}

/// Every service, in the order of their start.
fn services(
    hub: &Arc<Hub>,
    directory: &Arc<iam::Directory>,
    credentials: &Arc<iam::Credentials>,
) -> Vec<Arc<dyn Service>> {
    let mut services = vec![
        lambda_service::service(hub),
        logs::service(hub),
        codedeploy::service(hub),
        cloudwatch::service(hub),
        codepipeline::service(hub),
        codebuild::service(hub),
        codecommit::service(hub),
        cloudformation::service(hub),
        cloudtrail::service(hub),
        eventbridge::service(hub),
        sns::service(hub),
        ssm::service(hub),
        apigateway::service(hub),
        iam::service(hub, directory),
        sts::service(hub, directory, credentials),
    ];
    services.extend(dynamodb::services(hub));
    services
}

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod permissions;

#[cfg(test)]
mod fuzz;
