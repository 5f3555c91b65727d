//! `GET /contacts/export`: all contacts, in a text for another program; part by part, as no answer of a function can be of any length.

use std::pin::pin;

use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use futures::stream::{StreamExt as _, TryStreamExt as _};
use http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, LINK, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use mediatype::MediaType;

use super::accept;
use super::error::ApiError;
use super::import::ACCEPTED;
use super::output::Answer;
use super::query::{bad_cursor, set};
use super::state::Api;
use crate::domain::{Cursor, Listing, Order, Owner};
use crate::interchange::Format;
use crate::store::{ListContacts, pages};

/// Pages of a part. Each has 99 contacts at most and 400 KB of JSON, of which a CSV of quotes, escaped as a function's reply is, makes
/// three times as much: a part stays below the 6 MB that Lambda takes.
const PAGES: usize = 3;

/// The part that is asked for, and its format.
pub(super) struct Part {
    format: Format,
    after: Option<Cursor>,
}

impl<S: Sync> FromRequestParts<S> for Part {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let (format, after) = asked(parts.uri.query().unwrap_or_default())?;
        // As a list of the order in which an export is: another list's cursor is refused.
        Listing::new(None, Order::default(), after.clone(), 1).map_err(bad_cursor)?;
        Ok(Self { format: format.map_or_else(|| accepted(&parts.headers), Ok)?, after })
    }
}

fn asked(query: &str) -> Result<(Option<Format>, Option<Cursor>), ApiError> {
    let (mut format, mut after) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "format" => set(&mut format, "format", named(&value)?)?,
            "cursor" => set(&mut after, "cursor", value.parse().map_err(bad_cursor)?)?,
            _ => return Err(ApiError::UnknownParameter { known: "format and cursor" }),
        }
    }
    Ok((format, after))
}

fn named(name: &str) -> Result<Format, ApiError> {
    let format = Format::ALL.into_iter().find(|format| format.name() == name);
    format.ok_or(ApiError::BadParameter { name: "format", reason: "must be ndjson, csv or vcf" })
}

/// The format that the client likes best.
fn accepted(headers: &HeaderMap) -> Result<Format, ApiError> {
    let Some(accept) = accept::header(headers) else { return Ok(Format::default()) };
    let media_type = |format: Format| MediaType::parse(format.media_type()).ok();
    let available: Vec<MediaType<'_>> = Format::ALL.into_iter().filter_map(media_type).collect();
    let chosen = accept.negotiate(&available);
    let format = Format::ALL.into_iter().find(|format| chosen.is_some() && chosen == media_type(*format).as_ref());
    format.ok_or(ApiError::NotAcceptable { available: ACCEPTED })
}

pub(super) async fn export<S: ListContacts + Clone + Send + Sync>(
    State(api): State<Api<S>>,
    owner: Owner,
    Part { format, after }: Part,
) -> Answer {
    let mut pages = pin!(pages(api.store.clone(), owner, Order::default(), after).take(PAGES));
    let (mut contacts, mut next) = (Vec::new(), None);
    while let Some(page) = pages.try_next().await? {
        contacts.extend(page.contacts);
        next = page.next;
    }
    let mut response = Response::new(Body::from(format.write(&contacts).map_err(ApiError::NotExported)?));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(VARY, HeaderValue::from(ACCEPT));
    let name = format.name();
    let file = format!("attachment; filename=\"contacts.{name}\"");
    let link = next.map(|next| format!("<?format={name}&cursor={next}>; rel=\"next\""));
    for (header, value) in [(CONTENT_DISPOSITION, Some(file)), (LINK, link)] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(header, value);
        }
    }
    Ok(response)
}
