//! Several requests at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

use super::super::{Created, Store, WriteError};
use super::once::key;
use super::samples::{Walk, contact, create_all, ids, named, somebody, tagged, time};
use crate::domain::{Contact, ContactId, Fields, OrderKey, Owner, Term};

const WRITERS: usize = 4;
const WRITES: usize = 5;

pub(super) async fn try_all(store: &(impl Store + Clone + Send + Sync + 'static)) -> Result<(), WriteError> {
    loses_no_update_of_several_writers(store).await?;
    creates_one_contact_for_one_key(store).await?;
    one_of_several_removals_succeeds(store).await?;
    shows_what_stays_once_in_every_walk(store).await
}

/// Every writer adds one to a number, often; a write that met another's is made anew.
async fn loses_no_update_of_several_writers(
    store: &(impl Store + Clone + Send + Sync + 'static),
) -> Result<(), WriteError> {
    let contact = contact(&somebody(), counted(0), 0);
    store.create(&contact, None).await?;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, owner, id) = (store.clone(), contact.owner.clone(), contact.id);
        writers.spawn(async move {
            for _ in 0..WRITES {
                add_one(&store, &owner, id).await?;
            }
            Ok::<(), WriteError>(())
        });
    }
    finish(writers).await?;
    let end = store.read(&contact.owner, contact.id).await?.ok_or(WriteError::Missing)?;
    let writes = WRITERS * WRITES;
    assert_eq!((count(&end), end.revision), (writes, writes as u64 + 1));
    Ok(())
}

/// The number is in the notes; every other one is also a tag, so that some writes change terms and some do not.
fn counted(number: usize) -> Fields {
    Fields { notes: Some(number.to_string()), ..tagged("Counter", &[&format!("about {}", number / 2)]) }
}

fn count(contact: &Contact) -> usize {
    contact.fields.notes.as_deref().and_then(|notes| notes.parse().ok()).unwrap_or_default()
}

async fn add_one(store: &impl Store, owner: &Owner, id: ContactId) -> Result<(), WriteError> {
    loop {
        let before = store.read(owner, id).await?.ok_or(WriteError::Missing)?;
        let after = before.revised(counted(count(&before) + 1), time(1));
        match store.replace(&before, &after).await {
            Err(WriteError::Conflict) => {}
            done => return done,
        }
    }
}

async fn finish<T: 'static>(mut tasks: JoinSet<Result<T, WriteError>>) -> Result<Vec<T>, WriteError> {
    let mut done = Vec::new();
    while let Some(task) = tasks.join_next().await {
        assert!(task.is_ok(), "a task panicked");
        if let Ok(result) = task {
            done.push(result?);
        }
    }
    Ok(done)
}

async fn creates_one_contact_for_one_key(
    store: &(impl Store + Clone + Send + Sync + 'static),
) -> Result<(), WriteError> {
    let owner = somebody();
    let mut requests = JoinSet::new();
    for _ in 0..8 {
        let (store, contact) = (store.clone(), contact(&owner, named("Once"), 0));
        requests.spawn(async move {
            Ok::<ContactId, WriteError>(match store.create(&contact, Some(&key("k"))).await? {
                Created::New => contact.id,
                Created::Replayed(first) => first.id,
            })
        });
    }
    let answered = finish(requests).await?;
    let there = ids(&Walk::by(OrderKey::CreatedAt, false).all(store, &owner).await?);
    assert_eq!(there.len(), 1);
    assert_eq!(answered, vec![there[0]; 8]);
    Ok(())
}

async fn one_of_several_removals_succeeds(
    store: &(impl Store + Clone + Send + Sync + 'static),
) -> Result<(), WriteError> {
    let contact = contact(&somebody(), named("Gone"), 0);
    store.create(&contact, None).await?;
    let mut removals = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, contact) = (store.clone(), contact.clone());
        removals.spawn(async move {
            match store.remove(&contact).await {
                Ok(()) => Ok(1),
                Err(WriteError::Missing | WriteError::Conflict) => Ok(0),
                Err(error) => Err(error),
            }
        });
    }
    assert_eq!(finish(removals).await?.into_iter().sum::<usize>(), 1);
    Ok(())
}

/// While one writer creates, renames and removes contacts all over every order, those that keep their places are shown once by
/// every walk.
async fn shows_what_stays_once_in_every_walk(
    store: &(impl Store + Clone + Send + Sync + 'static),
) -> Result<(), WriteError> {
    let owner = somebody();
    let staying = (0..12).map(|index| (tagged(&format!("m{index:02} stays"), &["common", "commoner"]), index));
    let mut staying = ids(&create_all(store, &owner, staying).await?);
    staying.sort();
    let over = Arc::new(AtomicBool::new(false));
    let mut writer = JoinSet::new();
    writer.spawn(unrest(store.clone(), owner.clone(), Arc::clone(&over)));
    let orders = [OrderKey::CreatedAt, OrderKey::UpdatedAt, OrderKey::Name].map(|key| Walk::by(key, false));
    let searches = [Walk::search(Term::Name, "m"), Walk::search(Term::Tag, "common")];
    for walk in orders.into_iter().chain(searches) {
        for walk in [walk.clone(), walk.descending()] {
            let found = walk.in_pages_of(2).pages(store, &owner).await?;
            let mut stayed = ids(found.iter().flatten());
            stayed.retain(|id| staying.binary_search(id).is_ok());
            stayed.sort();
            assert_eq!(stayed, staying);
        }
    }
    over.store(true, Ordering::Relaxed);
    finish(writer).await.map(|_| ())
}

async fn unrest(store: impl Store, owner: Owner, over: Arc<AtomicBool>) -> Result<(), WriteError> {
    let mut round = 0;
    while !over.load(Ordering::Relaxed) {
        let place = round % 12;
        let before = contact(&owner, tagged(&format!("m{place:02} a"), &["common"]), place);
        store.create(&before, None).await?;
        let other = (place + 5) % 12;
        let after = before.revised(tagged(&format!("m{other:02} z"), &["commonest"]), time(other));
        store.replace(&before, &after).await?;
        if round % 3 > 0 {
            store.remove(&after).await?;
        }
        round += 1;
        tokio::task::yield_now().await;
    }
    Ok(())
}
