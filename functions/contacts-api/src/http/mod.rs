//! The API as an axum router: `app(..)` is all of it, and takes any store.
//!
//! Its caller puts the [`Caller`] into the request's extensions; a request without one reaches no contact. Each concern of HTTP
//! is a module: `accept`, `body`, `compression`, `cors`, `idempotency`, `preconditions`, `query`, `rate`. Everything that is not a
//! success is an [`ApiError`], which becomes a [`Problem`].

mod accept;
mod body;
mod caller;
mod change;
mod collection;
mod compression;
mod contact;
mod cors;
mod docs;
mod error;
mod export;
mod health;
mod idempotency;
mod import;
mod options;
mod output;
mod preconditions;
mod problem;
mod query;
mod rate;
mod route;
mod settings;
mod state;
mod version;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

pub(crate) use self::body::{JSON, MERGE_PATCH};
pub use self::caller::Caller;
pub use self::error::ApiError;
pub(crate) use self::idempotency::LONGEST_KEY;
pub(crate) use self::import::{Import, MOST_CONTACTS};
use self::options::{allow, allow_patch};
pub use self::problem::Problem;
pub(crate) use self::query::{DEFAULT_PAGE, LARGEST_PAGE};
use self::rate::OwnerLimit;
pub use self::settings::{AllowedOrigins, ApiSettings};
use self::state::{Api, Now};
pub(crate) use self::version::Version;
use crate::store::Store;

/// The whole API over `store`.
pub fn app<S>(store: S, settings: impl Into<ApiSettings>) -> Router
where
    S: Store + Clone + Send + Sync + 'static,
{
    router(Api { store, now: Now::system() }, settings.into())
}

fn router<S>(api: Api<S>, settings: ApiSettings) -> Router
where
    S: Store + Clone + Send + Sync + 'static,
{
    let ApiSettings { about, allowed_origins, owner_requests_per_second } = settings;
    let limit = owner_requests_per_second.map(|rate| OwnerLimit::new(rate, api.now.clone()));
    let health = Router::new()
        .route("/health", get(health::health::<S>).options(async || allow("GET,HEAD,OPTIONS")))
        .with_state(api.store.clone());
    let exports = limited(exports::<S>().with_state(api.clone()), limit.clone());
    let routes = limited(contacts::<S>().with_state(api), limit)
        .merge(health)
        .route("/version", get(move || version::version(about.clone())).options(async || allow("GET,HEAD,OPTIONS")))
        .route("/openapi.json", get(docs::document).options(async || allow("GET,HEAD,OPTIONS")))
        .route_layer(from_fn(accept::json_only))
        .merge(exports)
        .route("/docs", get(docs::page).options(async || allow("GET,HEAD,OPTIONS")))
        .fallback(async || ApiError::NoSuchPath)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed);
    let routes = match allowed_origins {
        Some(origins) => routes.layer(from_fn_with_state(cors::layer(origins), cors::apply)),
        None => routes,
    };
    routes.layer(from_fn(route::remember))
}

fn contacts<S>() -> Router<Api<S>>
where
    S: Store + Clone + Send + Sync + 'static,
{
    let collection = get(collection::list::<S>)
        .layer(from_fn(compression::apply))
        .post(collection::create::<S>)
        .options(async || allow("GET,HEAD,POST,OPTIONS"));
    let contact = get(contact::read::<S>)
        .put(contact::replace::<S>)
        .patch(contact::patch::<S>)
        .delete(contact::remove::<S>)
        .options(async || allow_patch("GET,HEAD,PUT,PATCH,DELETE,OPTIONS"));
    let import = post(import::import::<S>).options(async || allow("POST,OPTIONS"));
    Router::new().route("/contacts", collection).route("/contacts/import", import).route("/contacts/{id}", contact)
}

/// Has media types of its own.
fn exports<S>() -> Router<Api<S>>
where
    S: Store + Clone + Send + Sync + 'static,
{
    let export = get(export::export::<S>).layer(from_fn(compression::apply));
    Router::new().route("/contacts/export", export.options(async || allow("GET,HEAD,OPTIONS")))
}

fn limited(routes: Router, limit: Option<OwnerLimit>) -> Router {
    match limit {
        Some(limit) => routes.route_layer(from_fn_with_state(limit, rate::limit)),
        None => routes,
    }
}

#[cfg(test)]
mod tests;
