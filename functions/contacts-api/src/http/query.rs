//! The query of a list: `?name=…|email=…|phone=…|tag=…`, `sort=…`, `limit=…`, `cursor=…`.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::error::ApiError;
use crate::domain::{BadCursor, Cursor, Filter, Listing, Order, OrderKey, Term};

pub(crate) const DEFAULT_PAGE: u16 = 25;
pub(crate) const LARGEST_PAGE: u16 = 100;

/// The listing that a query asks for.
pub(super) struct ListingQuery(pub(super) Listing);

impl<S: Sync> FromRequestParts<S> for ListingQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Asked::read(parts.uri.query().unwrap_or_default())?.listing().map(Self)
    }
}

/// Each parameter, if it is there.
#[derive(Default)]
struct Asked {
    filter: Option<Filter>,
    order: Option<Order>,
    limit: Option<u16>,
    cursor: Option<Cursor>,
}

impl Asked {
    fn read(query: &str) -> Result<Self, ApiError> {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "name" => asked.search("name", Term::Name, &value)?,
                "email" => asked.search("email", Term::Email, &value)?,
                "phone" => asked.search("phone", Term::Phone, &value)?,
                "tag" => asked.search("tag", Term::Tag, &value)?,
                "sort" => set(&mut asked.order, "sort", order(&value)?)?,
                "limit" => set(&mut asked.limit, "limit", limit(&value)?)?,
                "cursor" => set(&mut asked.cursor, "cursor", value.parse().map_err(bad_cursor)?)?,
                _ => {
                    return Err(ApiError::UnknownParameter {
                        known: "name, email, phone, tag, sort, limit and cursor",
                    });
                }
            }
        }
        Ok(asked)
    }

    fn search(&mut self, name: &'static str, term: Term, prefix: &str) -> Result<(), ApiError> {
        let filter = Filter::new(term, prefix);
        let filter = filter.ok_or_else(|| bad(name, "must have something to search for"))?;
        if self.filter.replace(filter).is_some() {
            return Err(bad(name, "must be the only one of name, email, phone and tag"));
        }
        Ok(())
    }

    fn listing(self) -> Result<Listing, ApiError> {
        if self.filter.is_some() && self.order.is_some() {
            return Err(bad(
                "sort",
                "must be absent from a search: what is found is in the order of what it was found by",
            ));
        }
        let limit = self.limit.unwrap_or(DEFAULT_PAGE);
        Listing::new(self.filter, self.order.unwrap_or_default(), self.cursor, limit).map_err(bad_cursor)
    }
}

/// A parameter that is there once.
pub(super) fn set<T>(parameter: &mut Option<T>, name: &'static str, value: T) -> Result<(), ApiError> {
    if parameter.replace(value).is_some() { Err(bad(name, "must be there once")) } else { Ok(()) }
}

fn order(text: &str) -> Result<Order, ApiError> {
    let (key, descending) = text.strip_prefix('-').map_or((text, false), |key| (key, true));
    let key = match key {
        "createdAt" => OrderKey::CreatedAt,
        "updatedAt" => OrderKey::UpdatedAt,
        "name" => OrderKey::Name,
        _ => {
            return Err(bad(
                "sort",
                "must be createdAt, updatedAt or name, with a - before it to begin at the other end",
            ));
        }
    };
    Ok(Order { key, descending })
}

fn limit(text: &str) -> Result<u16, ApiError> {
    let limit = text.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    limit.ok_or(bad("limit", "must be a number from 1 to 100"))
}

pub(super) const fn bad_cursor(_: BadCursor) -> ApiError {
    bad("cursor", "is not a cursor of this list")
}

const fn bad(name: &'static str, reason: &'static str) -> ApiError {
    ApiError::BadParameter { name, reason }
}
