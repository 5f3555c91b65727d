//! The store outlives the plane, and a change that was cut short did not happen.

use std::io::Write;

use super::*;
use crate::core::Timestamp;

fn bucket(name: &str) -> Change {
    Change::BucketMade { bucket: name.to_owned(), at: Timestamp::from_millis(1), region: "us-east-1".to_owned() }
}

fn made(store: &Store, name: &str) {
    store.change(|_| Ok((vec![bucket(name)], ()))).unwrap();
}

#[tokio::test]
async fn what_is_kept_is_there_after_a_start() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    made(&store, "b-1");
    let blob = store.blobs.keep(bytes::Bytes::from_static(b"abc")).await.unwrap();
    let object = Object {
        etag: "e".to_owned(),
        size: 3,
        pieces: vec![Piece::new(3, None, blob)],
        multipart: false,
        checksum: None,
        description: Description::default(),
    };
    let version = Version { id: NULL.to_owned(), at: Timestamp::from_millis(2), object: Some(Box::new(object)) };
    let stored = Change::Stored { bucket: "b-1".to_owned(), key: "a//../b".to_owned(), version };
    store.change(|_| Ok((vec![stored], ()))).unwrap();
    drop(store);
    let store = Store::open(root.path()).unwrap();
    let segments = store.look(|index| index.bucket("b-1").unwrap().current("a//../b").unwrap().1.segments(0, 3));
    assert_eq!(read_all(segments).await.unwrap().as_ref(), b"abc");
}

#[test]
fn a_line_that_was_cut_short_did_not_happen() {
    let root = tempfile::tempdir().unwrap();
    made(&Store::open(root.path()).unwrap(), "b-1");
    let mut journal = std::fs::OpenOptions::new().append(true).open(root.path().join("journal")).unwrap();
    journal.write_all(b"[{\"BucketMade\":{\"buck").unwrap();
    drop(journal);
    let store = Store::open(root.path()).unwrap();
    made(&store, "b-2");
    drop(store);
    let names = Store::open(root.path()).unwrap().look(|index| index.buckets().count());
    assert_eq!(names, 2);
}
