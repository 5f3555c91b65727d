//! The API as an axum router: `app(..)` is all of it, and takes any store.
//!
//! Whoever calls it puts the [`Caller`] into the request's extensions; a request without one reaches no contact.

mod caller;
mod contacts;
mod error;
mod health;
mod input;
mod output;
mod problem;
mod route;
mod version;

use axum::Router;
use axum::routing::get;

pub use self::caller::Caller;
pub use self::error::ApiError;
pub use self::problem::Problem;
use crate::settings::About;
use crate::store::Store;

/// The whole API over `store`.
pub fn app<S>(store: S, about: About) -> Router
where
    S: Store + Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/contacts", get(contacts::list::<S>).post(contacts::create::<S>))
        .route("/contacts/{id}", get(contacts::read::<S>).put(contacts::replace::<S>).delete(contacts::remove::<S>))
        .route("/health", get(health::health::<S>))
        .with_state(store)
        .route("/version", get(move || version::version(about.clone())))
        .fallback(async || ApiError::NoSuchPath)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(axum::middleware::from_fn(route::remember))
}

#[cfg(test)]
mod tests;
