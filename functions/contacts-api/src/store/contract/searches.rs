//! Searching by the beginning of a name, an address, a number or a tag.

use super::super::{Store, WriteError};
use super::samples::{Walk, called, complete, contact, create_all, email, ids, named, phone, somebody, tagged, time};
use crate::domain::{Fields, Names, Term};

pub(super) async fn try_all(store: &impl Store) -> Result<(), WriteError> {
    finds_a_contact_by_each_of_its_terms(store).await?;
    finds_nothing_by_what_is_not_a_beginning(store).await?;
    shows_a_contact_once_however_many_terms_find_it(store).await?;
    finds_in_the_order_of_the_terms(store).await?;
    finds_what_a_contact_is_now(store).await?;
    goes_on_where_a_page_of_a_search_ended(store).await
}

async fn finds_a_contact_by_each_of_its_terms(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let ada = contact(&owner, complete(), 0);
    store.create(&ada, None).await?;
    store.create(&contact(&owner, named("Zoe"), 1), None).await?;
    let finding = [
        (Term::Name, vec!["A", "ada", "ADA LOVE", " ada  king lovelace ", "love", "Lovelace Ada", "addie"]),
        (Term::Email, vec!["a", "Ada@Example", "ada@example.org"]),
        (Term::Phone, vec!["+44", "44 1632", "+441632960001"]),
        (Term::Tag, vec!["P", "poet", "Count"]),
    ];
    for (by, prefixes) in finding {
        for prefix in prefixes {
            let found = Walk::search(by, prefix).all(store, &owner).await?;
            assert_eq!(found.as_slice(), std::slice::from_ref(&ada), "{by:?} {prefix}");
        }
    }
    Ok(())
}

async fn finds_nothing_by_what_is_not_a_beginning(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    store.create(&contact(&owner, complete(), 0), None).await?;
    for (by, prefix) in [
        (Term::Name, "da"),
        (Term::Name, "ada lovelacee"),
        (Term::Name, "poet"),
        (Term::Email, "example.com"),
        (Term::Phone, "1632"),
        (Term::Tag, "ada"),
        (Term::Tag, "%"),
    ] {
        assert_eq!(Walk::search(by, prefix).all(store, &owner).await?, [], "{by:?} {prefix}");
    }
    Ok(())
}

async fn shows_a_contact_once_however_many_terms_find_it(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let tags = ["t1", "t2", "t3", "t4", "t5"];
    let all = create_all(store, &owner, ["a", "b", "c", "d"].map(|name| (tagged(name, &tags), 0))).await?;
    let mut expected = ids(&all);
    expected.sort();
    for limit in [1, 2, 3, 4, 5] {
        let search = Walk::search(Term::Tag, "t").in_pages_of(limit);
        assert_eq!(ids(&search.all(store, &owner).await?), expected, "in pages of {limit}");
        expected.reverse();
        assert_eq!(ids(&search.descending().all(store, &owner).await?), expected, "backwards in pages of {limit}");
        expected.reverse();
    }
    Ok(())
}

async fn finds_in_the_order_of_the_terms(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let with = |address: &str| (Fields { emails: vec![email(address)], ..named("Anybody") }, 0);
    // A space and an exclamation mark sort before everything that separates keys visibly.
    let addresses = ["ab@example.com", "a@example.com", "a b@example.com", "a!@example.com", "b@example.com"];
    let all = create_all(store, &owner, addresses.map(with)).await?;
    let expected = [2, 3, 1, 0].map(|index: usize| all[index].id);
    let search = Walk::search(Term::Email, "A").in_pages_of(3);
    assert_eq!(ids(&search.all(store, &owner).await?), expected);
    let backwards = [0, 1, 3, 2].map(|index: usize| all[index].id);
    assert_eq!(ids(&search.descending().all(store, &owner).await?), backwards);
    Ok(())
}

async fn finds_what_a_contact_is_now(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let before = contact(&owner, Fields { phones: vec![phone("+441632960001")], ..called("Ada", "Byron") }, 0);
    store.create(&before, None).await?;
    let after = Fields { phones: vec![phone("+391632960001")], ..called("Ada", "Lovelace") };
    let after = before.revised(after, time(1));
    store.replace(&before, &after).await?;
    for (by, prefix, times) in [
        (Term::Name, "byron", 0),
        (Term::Name, "ada byron", 0),
        (Term::Name, "ada", 1),
        (Term::Name, "lovelace", 1),
        (Term::Phone, "+44", 0),
        (Term::Phone, "+39", 1),
    ] {
        assert_eq!(Walk::search(by, prefix).all(store, &owner).await?.len(), times, "{by:?} {prefix}");
    }
    store.remove(&after).await?;
    for (by, prefix) in [(Term::Name, "ada"), (Term::Name, "lovelace"), (Term::Phone, "+39")] {
        assert_eq!(Walk::search(by, prefix).all(store, &owner).await?, []);
    }
    Ok(())
}

async fn goes_on_where_a_page_of_a_search_ended(store: &impl Store) -> Result<(), WriteError> {
    let owner = somebody();
    let nicknamed = |name: &str| {
        let names = Names { nickname: Some(name.to_owned()), ..Names::default() };
        (Fields { names, ..Fields::default() }, 0)
    };
    let all = create_all(store, &owner, ["n1", "n3", "n5", "n7", "n9"].map(nicknamed)).await?;
    let search = Walk::search(Term::Name, "n").in_pages_of(2);
    let first = store.list(&owner, &search.from(None)).await?;
    assert_eq!(ids(&first.contacts), ids(&all[..2]));
    let new = create_all(store, &owner, ["n0", "n2", "n4", "m", "o"].map(nicknamed)).await?;
    store.remove(&all[1]).await?;
    store.remove(&all[2]).await?;
    let rest = store.list(&owner, &search.in_pages_of(10).from(first.next)).await?;
    assert_eq!(ids(&rest.contacts), [new[2].id, all[3].id, all[4].id]);
    Ok(())
}
