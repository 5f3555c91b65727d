//! The gate of a route.

use super::authorizer::{JwtAuthorizer, LambdaAuthorizer};

/// The demand of a route on a request, with the authorizer that it names.
#[derive(Clone, Debug)]
pub(super) enum Gate {
    /// No demand: the route is open.
    Open,
    /// A signature that IAM allows.
    Iam,
    /// A token that the authorizer accepts, with one of the scopes if there are any.
    Jwt { authorizer: JwtAuthorizer, scopes: Vec<String> },
    /// That a function lets it through.
    Custom { id: String, authorizer: LambdaAuthorizer },
    /// A demand that nobody can meet: the route's authorizer has been deleted.
    Shut,
}
