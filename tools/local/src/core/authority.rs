//! The rights of callers: the two doors through which IAM decides, and CloudTrail hears of, every call.

use serde_json::Value;

use super::{Caller, Principal, Reply, ServiceError, Timestamp};

/// Credentials that STS or IAM gave out.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The principal that they are for.
    pub principal: Principal,
    /// The secret that signatures are made with.
    pub secret: String,
    /// The session token that must come with them; none for a user's own keys.
    pub token: Option<String>,
    /// The time at which they end, in plane time.
    pub expires: Option<Timestamp>,
}

/// The wish of a caller, as IAM is asked about it.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The caller who has the wish.
    pub caller: &'a Caller,
    /// The IAM action, such as `lambda:InvokeFunction`.
    pub action: &'a str,
    /// The ARNs of what it is done to; `*` where an action knows no resource. All of them must be allowed.
    pub resources: &'a [String],
    /// Condition keys of the service, such as `iam:PassedToService`, with their values.
    pub context: Vec<(String, Vec<String>)>,
}

/// The judge of what callers may do: IAM.
pub trait Authority: Send + Sync {
    /// The credentials of an access key; none for keys that nobody gave out.
    fn issued(&self, access_key: &str) -> Option<Issued>;

    /// Lets the caller do it, or not.
    ///
    /// # Errors
    /// The denial in AWS's words, with the code `AccessDeniedException`, which a service may have to spell otherwise.
    fn decide(&self, question: &Question<'_>) -> Result<(), ServiceError>;
}

/// One call that was made.
#[derive(Debug)]
pub struct Call<'a> {
    /// The caller who made it.
    pub caller: &'a Caller,
    /// The name that requests to the service are signed for.
    pub service: &'static str,
    /// The operation's name in the service's model.
    pub operation: &'a str,
    /// Its input, as the service received it.
    pub input: &'a Value,
    /// The output or the error.
    pub reply: &'a Reply,
}

/// The witness of every call: CloudTrail.
pub trait Trail: Send + Sync {
    /// Takes one call down.
    fn record(&self, call: &Call<'_>);
}
