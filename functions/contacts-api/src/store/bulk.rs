//! Many contacts at once: what an import and an export need of any store.

use futures::stream::{self, FuturesOrdered, Stream, StreamExt as _};

use super::{CreateContact, Created, ListContacts, Once, StoreError, WriteError};
use crate::domain::{Contact, Cursor, Listing, Order, Owner, Page};

/// The number of contacts written at the same time. DynamoDB's `BatchWriteItem` takes no conditions, so that each is a transaction of
/// its own; one owner's partition takes 1,000 write units a second, of which a contact with few terms needs about 10.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>
const AT_ONCE: usize = 8;

/// The largest page: as many contacts as DynamoDB reads in one batch, less the one that tells whether there are more.
const PAGE: u16 = 99;

/// Creates each of them, some at the same time, and tells of each what became of it, in their order. One that cannot be created keeps
/// none of the others from it, unless it was the store that failed: then no more are begun, so that a store that hangs is waited for
/// once and not with each, and what was not tried has no result. With a key of its own for each, such as the import's key and the
/// line, an import that is sent again creates only what the first time did not.
pub async fn create_many<S: CreateContact + Sync>(
    store: &S,
    contacts: &[(Contact, Option<Once>)],
) -> Vec<Result<Created, WriteError>> {
    let mut results = Vec::with_capacity(contacts.len());
    let mut writes = FuturesOrdered::new();
    for (contact, once) in contacts {
        if writes.len() == AT_ONCE {
            results.extend(writes.next().await);
        }
        if matches!(results.last(), Some(Err(WriteError::Store(_)))) {
            break;
        }
        writes.push_back(store.create(contact, once.as_ref()));
    }
    while let Some(result) = writes.next().await {
        results.push(result);
    }
    results
}

/// All contacts of the owner in this order behind `after`, page by page, each read when it is asked for. It ends with its first error.
/// A cursor of another listing has no pages.
pub fn pages<S: ListContacts + Send + Sync>(
    store: S,
    owner: Owner,
    order: Order,
    after: Option<Cursor>,
) -> impl Stream<Item = Result<Page, StoreError>> + Send {
    let listing = move |after| Listing::new(None, order, after, PAGE).ok();
    stream::try_unfold((store, owner, listing(after)), move |(store, owner, asked)| async move {
        let Some(asked) = asked else { return Ok(None) };
        let page = store.list(&owner, &asked).await?;
        let next = page.next.clone().and_then(|cursor| listing(Some(cursor)));
        Ok(Some((page, (store, owner, next))))
    })
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    /// A handler of the API must be one that any thread can run.
    #[test]
    fn what_a_handler_awaits_can_be_sent() {
        fn sent<T: Send>(_: T) {}
        sent(async {
            let store = Memory::default();
            create_many(&store, &[]).await;
            let mut pages = std::pin::pin!(pages(store, Owner::subject("ada"), Order::default(), None));
            pages.next().await.is_none()
        });
    }
}
