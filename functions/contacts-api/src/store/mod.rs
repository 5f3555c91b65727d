//! Where contacts are kept: one capability per trait, as one permission per capability in `template.yaml`.
//!
//! Every write is conditional: none creates over, changes or removes what another request made of the contact meanwhile. What all
//! stores must do is said by `contract` and tried against each of them.

#[cfg(any(test, feature = "fakes"))]
pub mod contract;
mod dynamodb;
mod item;
#[cfg(any(test, feature = "fakes"))]
mod memory;

use std::future::Future;

use jiff::Timestamp;
use slipway_shared::call::CallError;

pub use self::dynamodb::DynamoDb;
#[cfg(any(test, feature = "fakes"))]
pub use self::memory::Memory;
use crate::domain::{Contact, ContactId, Cursor, Fields, Owner, Page};

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A contact of that identity exists already.
    #[error("the contact exists already")]
    Exists,
    /// No contact of that identity exists.
    #[error("the contact does not exist")]
    Missing,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The call failed.
    #[error("the call failed")]
    Call(#[source] CallError),
    /// The item is there, but is no contact: something else wrote it.
    #[error("attribute {attribute} of a stored contact cannot be read")]
    Unreadable {
        /// The attribute that is missing or of another type.
        attribute: &'static str,
    },
}

/// Reading one contact (`dynamodb:GetItem`).
pub trait ReadContact {
    /// The contact, if this owner has it.
    fn read(&self, owner: &Owner, id: ContactId) -> impl Future<Output = Result<Option<Contact>, StoreError>> + Send;
}

/// Creating a contact (`dynamodb:PutItem`).
pub trait CreateContact {
    /// Keeps a new contact; [`WriteError::Exists`] if there is one of that identity.
    fn create(&self, contact: &Contact) -> impl Future<Output = Result<(), WriteError>> + Send;
}

/// Replacing what is said of a contact (`dynamodb:UpdateItem`).
pub trait ReplaceContact {
    /// Replaces all fields of a contact and answers with what it is now; [`WriteError::Missing`] if this owner does not have it.
    fn replace(
        &self,
        owner: &Owner,
        id: ContactId,
        fields: Fields,
        now: Timestamp,
    ) -> impl Future<Output = Result<Contact, WriteError>> + Send;
}

/// Removing a contact (`dynamodb:DeleteItem`).
pub trait RemoveContact {
    /// Removes it; [`WriteError::Missing`] if this owner does not have it.
    fn remove(&self, owner: &Owner, id: ContactId) -> impl Future<Output = Result<(), WriteError>> + Send;
}

/// Listing contacts (`dynamodb:Query`).
pub trait ListContacts {
    /// At most `limit` of this owner's contacts behind `after`, by identity.
    fn list(
        &self,
        owner: &Owner,
        after: Option<Cursor>,
        limit: u16,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send;
}

/// All that the API asks of a store.
pub trait Store: ReadContact + CreateContact + ReplaceContact + RemoveContact + ListContacts {}

impl<T: ReadContact + CreateContact + ReplaceContact + RemoveContact + ListContacts> Store for T {}
