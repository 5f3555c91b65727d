//! The environment of a function, as Lambda sets it, and what the programs need to find the stub.

use std::net::SocketAddr;

use crate::authority::Authority;
use crate::dynamodb::DynamoDb;
use crate::network::{Network, REGION};
use crate::program::Program;

/// The environment of every start of every program.
#[derive(Debug)]
pub struct Environment {
    variables: Vec<(String, String)>,
}

impl Environment {
    /// The variables of Lambda
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>), of `template.yaml`,
    /// and of TLS: the functions pin few roots, an SDK with its defaults reads all that the system has.
    pub fn new(authority: &Authority, stub: &DynamoDb, network: &Network) -> Self {
        // As long as those that a role's credentials come with.
        let session_token = "IQoJb3JpZ2luX2VjEBENCHMARK".repeat(32);
        let mut variables = Vec::new();
        let mut set = |name: &str, value: &str| variables.push((name.to_owned(), value.to_owned()));
        set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
        set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        set("AWS_SESSION_TOKEN", &session_token);
        set("AWS_REGION", REGION);
        set("AWS_DEFAULT_REGION", REGION);
        set("AWS_LAMBDA_FUNCTION_NAME", "benchmark");
        set("AWS_LAMBDA_FUNCTION_VERSION", "1");
        set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128");
        set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
        set("AWS_LAMBDA_LOG_FORMAT", "JSON");
        set("AWS_LAMBDA_LOG_LEVEL", "INFO");
        set("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/benchmark");
        set("AWS_LAMBDA_LOG_STREAM_NAME", "2024/03/19/[1]0123456789abcdef0123456789abcdef");
        set("LAMBDA_TASK_ROOT", "/var/task");
        set("LAMBDA_RUNTIME_DIR", "/var/runtime");
        set("LANG", "en_US.UTF-8");
        set("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin");
        set("TZ", ":UTC");
        set("_HANDLER", "bootstrap");
        set("TABLE_NAME", "contacts");
        set("SLIPWAY_COMMIT", "0123456789abcdef0123456789abcdef01234567");
        set("SLIPWAY_RELEASE", "benchmark");
        // The limit costs the same whether it is reached or not; one owner asks for everything here.
        set("OWNER_REQUESTS_PER_SECOND", "1000000");
        set("SLIPWAY_CA_BUNDLE", &authority.few_roots.to_string_lossy());
        set("SSL_CERT_FILE", &authority.all_roots.to_string_lossy());
        if let Network::Shared { .. } = network {
            set("AWS_ENDPOINT_URL", &format!("https://localhost:{}", stub.address.port()));
        }
        Self { variables }
    }

    /// The variables of one start.
    pub fn of(&self, program: &Program, runtime_api: SocketAddr) -> Vec<(String, String)> {
        let api = ("AWS_LAMBDA_RUNTIME_API".to_owned(), runtime_api.to_string());
        self.variables.iter().cloned().chain(program.variables.iter().cloned()).chain([api]).collect()
    }
}
