//! `slipway up`: the plane by itself.

use slipway_local::{Plane, PlaneOptions};

use crate::cli::{Credentials, Switch, UpOptions};
use crate::console;
use crate::failure::Failure;
use crate::interrupt;

/// Runs a plane until it is interrupted.
///
/// # Errors
/// Fails if the port is taken.
pub async fn run(options: UpOptions) -> Result<(), Failure> {
    let plane = start(PlaneOptions {
        port: options.port,
        time_scale: options.time_scale,
        backing_endpoint: options.backing_endpoint,
        enforce_iam: options.iam == Switch::On,
        issued_credentials_only: options.credentials == Credentials::Strict,
        ..PlaneOptions::default()
    })
    .await?;
    console::result(&environment(&plane));
    let issuer = plane.issuer();
    console::note(&format!("a token for an API with a JWT authorizer of {issuer}: curl -d sub=ada {issuer}/token"));
    console::note("the plane is up; interrupt to end it");
    let stopped = interrupt::interrupted().await;
    plane.shutdown().await;
    stopped
}

/// Starts a plane, or says in one line why not.
pub async fn start(options: PlaneOptions) -> Result<Plane, Failure> {
    Plane::start(options).await.map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        Failure::environment(error, cause)
    })
}

/// Lines for `eval` that point AWS clients at the plane. Any credentials will do; these are none.
fn environment(plane: &Plane) -> String {
    let region = &plane.hub().identity.region;
    [
        ("AWS_ENDPOINT_URL", plane.endpoint()),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ]
    .map(|(name, value)| format!("export {name}={value}"))
    .join("\n")
}
