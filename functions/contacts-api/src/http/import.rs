//! `POST /contacts/import`: many contacts at once, in a text of another program.

use axum::body::Body;
use axum::extract::{FromRequest, State};
use http::{Request, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use super::body;
use super::error::ApiError;
use super::idempotency::Repeat;
use super::output::{Answer, json};
use super::problem::Problem;
use super::state::Api;
use crate::domain::{Contact, ContactId, Fields, Owner};
use crate::interchange::{Entry, Format, Refusal};
use crate::store::{CreateContact, Created, Once, WriteError, create_many};

/// So many contacts are created in a fraction of the time that API Gateway waits, and with the share of a CPU that a small function
/// has; larger imports are several requests.
pub(crate) const MOST_CONTACTS: usize = 200;
/// Bytes of a text, after undoing its content coding.
const LARGEST_TEXT: usize = 1024 * 1024;
/// Faults of one contact that the answer has room for, and bytes of all faults together: a text that has nothing right must not become
/// an answer that is longer than Lambda allows, which would count as an error of the function.
const MOST_FAULTS: usize = 20;
const ROOM_FOR_FAULTS: usize = 400_000;

/// The media types of an import, in the words of `Accept`.
pub(super) const ACCEPTED: &str = "application/x-ndjson, text/csv, text/vcard";

/// The outcome of an import.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Import {
    /// The number of contacts that are there now, by this request or by one that was sent before.
    created: usize,
    /// The number of those that are not.
    failed: usize,
    /// Each contact of the text, in its order.
    contacts: Vec<Imported>,
}

/// The outcome of one contact of an import: it has an identity or a problem.
#[derive(Debug, Serialize, JsonSchema)]
struct Imported {
    /// The line of the text on which it begins, from 1.
    line: u64,
    /// The contact's identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<ContactId>,
    /// Properties of a vCard that a contact has no place for, in whole or in part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    ignored: Vec<String>,
    /// The reason why it was not created.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// The contacts of a text, and what tells whether the request is one that was sent before.
pub(super) struct Upload {
    entries: Vec<Entry>,
    repeat: Option<Repeat>,
}

impl<S: Sync> FromRequest<S> for Upload {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let media_type = body::media_type(&parts.headers);
        let format = Format::ALL.into_iter().find(|format| media_type.as_deref() == Some(format.media_type()));
        let format = format.ok_or(ApiError::UnsupportedMediaType { accepted: ACCEPTED })?;
        let body = body::read(&parts.headers, body, LARGEST_TEXT).await?;
        let repeat = Repeat::of(&parts.headers, &parts.method, parts.uri.path(), &body)?;
        let text = str::from_utf8(&body).map_err(|_| ApiError::NotUtf8)?;
        let entries = format.read(text).map_err(ApiError::BadHeaderRow)?.take(MOST_CONTACTS + 1);
        let mut room = ROOM_FOR_FAULTS;
        let entries: Vec<Entry> = entries.map(|entry| shortened(entry, &mut room)).collect();
        match entries.len() {
            0 => Err(ApiError::NoContacts),
            1..=MOST_CONTACTS => Ok(Self { entries, repeat }),
            _ => Err(ApiError::TooManyContacts { most: MOST_CONTACTS }),
        }
    }
}

/// The entry with as many of its faults as there is room for.
fn shortened(mut entry: Entry, room: &mut usize) -> Entry {
    if let Err(Refusal::Invalid(faults)) = &mut entry.contact {
        faults.truncate(MOST_FAULTS);
        faults.retain(|fault| {
            let left = room.checked_sub(fault.pointer.len() + fault.detail.len());
            *room = left.unwrap_or(*room);
            left.is_some()
        });
        faults.shrink_to_fit();
    }
    entry
}

/// Creates what can be created and says what became of each: `200` when all of them are there, otherwise `207`. When the store fails
/// before there is any, the request fails.
pub(super) async fn import<S: CreateContact + Sync>(
    State(api): State<Api<S>>,
    owner: Owner,
    Upload { entries, repeat }: Upload,
) -> Answer {
    let now = api.now();
    let (mut contacts, drafts) = taken_apart(entries);
    let (lines, fields): (Vec<u64>, Vec<Fields>) = drafts.into_iter().unzip();
    let once = lines.iter().map(|line| repeat.as_ref().map(|repeat| repeat.remembered_of(*line, now)));
    let new: Vec<(Contact, Option<Once>)> = Contact::series(&owner, fields, now).into_iter().zip(once).collect();
    let results = create_many(&api.store, &new).await;
    let created = results.iter().filter(|result| result.is_ok()).count();
    let outcomes = outcomes(&new, results, created)?;
    for (imported, outcome) in contacts.iter_mut().filter(|imported| imported.problem.is_none()).zip(outcomes) {
        match outcome {
            Ok(id) => imported.id = Some(id),
            Err(problem) => imported.problem = Some(problem),
        }
    }
    let failed = contacts.len() - created;
    let status = if failed == 0 { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    json(status, &Import { created, failed, contacts })
}

/// The outcomes so far, one for each contact, and the fields of those that can be created, with their lines.
fn taken_apart(entries: Vec<Entry>) -> (Vec<Imported>, Vec<(u64, Fields)>) {
    let mut drafts = Vec::with_capacity(entries.len());
    let told = |Entry { line, contact, ignored }: Entry| {
        let problem = match contact {
            Ok(fields) => {
                drafts.push((line, fields));
                None
            }
            Err(Refusal::Unreadable(detail)) => Some(Problem::new(StatusCode::BAD_REQUEST, detail)),
            Err(Refusal::Invalid(faults)) => Some(ApiError::Invalid(faults).into_problem()),
        };
        Imported { line, id: None, ignored, problem }
    };
    let contacts = entries.into_iter().map(told).collect();
    (contacts, drafts)
}

/// The outcome of each contact that was to be created.
fn outcomes(
    new: &[(Contact, Option<Once>)],
    results: Vec<Result<Created, WriteError>>,
    created: usize,
) -> Result<Vec<Result<ContactId, Problem>>, ApiError> {
    let not_tried = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "it was not tried: send it again in a moment");
    let mut outcomes = Vec::with_capacity(new.len());
    for ((contact, _), result) in new.iter().zip(results) {
        outcomes.push(match result {
            Ok(Created::New) => Ok(contact.id),
            Ok(Created::Replayed(first)) => Ok(first.id),
            Err(WriteError::Store(error)) if created == 0 => return Err(error.into()),
            Err(error) => Err(ApiError::from(error).into_problem()),
        });
    }
    outcomes.resize_with(new.len(), || Err(not_tried()));
    Ok(outcomes)
}
