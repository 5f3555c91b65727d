//! Stores of contacts: one capability per trait, as one permission per capability in `template.yaml`.
//!
//! Every write is conditional: none creates over, changes or removes what another request made of the contact meanwhile. What all
//! stores must do is said by `contract` and tried against each of them.
//!
//! An import creates with [`create_many`], which tells of each contact what became of it; an export walks through [`pages`], which
//! holds one page in memory at a time.

mod bulk;
#[cfg(any(test, feature = "fakes"))]
pub mod contract;
mod dynamodb;
#[cfg(any(test, feature = "fakes"))]
mod memory;

use std::fmt;
use std::future::Future;

use jiff::Timestamp;
use slipway_shared::call::CallError;

pub use self::bulk::{create_many, pages};
pub use self::dynamodb::DynamoDb;
#[cfg(any(test, feature = "fakes"))]
pub use self::memory::Memory;
use crate::domain::{Contact, ContactId, Listing, Owner, Page};

/// The reason why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A contact of that identity exists already.
    #[error("the contact exists already")]
    Exists,
    /// No contact of that identity exists.
    #[error("the contact does not exist")]
    Missing,
    /// Another request wrote the contact meanwhile: what was to be written was made from something that is no more.
    #[error("another request wrote the contact meanwhile")]
    Conflict,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The store could not be asked, or holds something that cannot be read.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// The reason why the store did not do as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A call to the store's service failed, as the source says.
    #[error("the call failed")]
    Call(#[source] CallError),
    /// The item is there, but is no contact: something else wrote it.
    #[error("attribute {attribute} of a stored contact cannot be read")]
    Unreadable {
        /// The attribute that is missing or of another type.
        attribute: &'static str,
    },
}

/// The record that makes a creation happen once, however often its request is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Once {
    /// The key that the client gave, at most 255 bytes, and with an import the line. It is the owner's: another owner's same key is another.
    pub key: String,
    /// The digest of the request: the SHA-256 of its method, path and body in hexadecimal.
    pub fingerprint: String,
    /// The end of the time for which the key is remembered; from then on it is as if it had never been used.
    pub expires_at: Timestamp,
}

impl Once {
    /// The second from which on the key is forgotten, of the Unix epoch: DynamoDB counts a time to live in whole seconds.
    #[must_use]
    pub fn last_second(&self) -> i64 {
        self.expires_at.as_second() + i64::from(self.expires_at.subsec_nanosecond() > 0)
    }

    /// True if the key is still remembered at `now`.
    #[must_use]
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.last_second() > now.as_second()
    }
}

/// A key can be anything that a client has: never shown.
impl fmt::Debug for Once {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Once").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// The outcome of a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// The contact is new.
    New,
    /// The same request was done before. This is the contact as it was created then.
    Replayed(Box<Contact>),
}

/// Reading one contact (`dynamodb:GetItem`).
pub trait ReadContact {
    /// The contact, if this owner has it. Every write that was answered before is seen.
    fn read(&self, owner: &Owner, id: ContactId) -> impl Future<Output = Result<Option<Contact>, StoreError>> + Send;
}

/// Creating a contact (`dynamodb:PutItem`).
pub trait CreateContact {
    /// Keeps a new contact. With `once`, only the first of all requests with that key creates one; whether the key is still
    /// remembered is judged at the contact's time of creation.
    ///
    /// [`WriteError::Exists`] if there is a contact of that identity, [`WriteError::KeyReused`] if the key was used with another
    /// fingerprint, [`WriteError::Conflict`] if other requests with the key did not let this one finish.
    fn create(
        &self,
        contact: &Contact,
        once: Option<&Once>,
    ) -> impl Future<Output = Result<Created, WriteError>> + Send;
}

/// Replacing a contact (`dynamodb:PutItem`, and `dynamodb:DeleteItem` for the terms that it is no longer found by).
pub trait ReplaceContact {
    /// Keeps `after` in the place of `before`, which is the same contact as it was read; `after` has the next revision.
    ///
    /// [`WriteError::Conflict`] if the contact's revision is another than that of `before`, [`WriteError::Missing`] if this owner
    /// does not have it.
    fn replace(&self, before: &Contact, after: &Contact) -> impl Future<Output = Result<(), WriteError>> + Send;
}

/// Removing a contact (`dynamodb:DeleteItem`).
pub trait RemoveContact {
    /// Removes the contact as it was read.
    ///
    /// [`WriteError::Conflict`] if its revision is another by now, [`WriteError::Missing`] if this owner does not have it.
    fn remove(&self, before: &Contact) -> impl Future<Output = Result<(), WriteError>> + Send;
}

/// Listing and searching contacts (`dynamodb:Query` and `dynamodb:BatchGetItem`).
pub trait ListContacts {
    /// One page of this owner's contacts. No page but the only one is empty, unless what was to be on the last is gone meanwhile. All
    /// pages together show each contact once that was there, and kept its place in the order, from the first page to the last. The
    /// order by creation sees every write that was answered before; a search and the other orders may be some moments behind, but
    /// never show what is gone.
    fn list(&self, owner: &Owner, listing: &Listing) -> impl Future<Output = Result<Page, StoreError>> + Send;
}

/// All that the API asks of a store.
pub trait Store: ReadContact + CreateContact + ReplaceContact + RemoveContact + ListContacts {}

impl<T: ReadContact + CreateContact + ReplaceContact + RemoveContact + ListContacts> Store for T {}
