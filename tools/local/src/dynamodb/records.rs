//! The records of a stream, as `GetRecords` answers them.

use dynoxide::Item;
use dynoxide::storage::StreamRecord;
use dynoxide::types::item_size;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::settings::Stream;

/// The offset of sequence numbers: a position is added to it, for they have at least 21 digits.
const OFFSET: u128 = 100_000_000_000_000_000_000;

/// The sequence number of a position.
pub(super) fn sequence_number(position: i64) -> String {
    (OFFSET + u128::try_from(position).unwrap_or(0)).to_string()
}

/// The position of a sequence number, if it can be one.
pub(super) fn position(number: &str) -> Option<i64> {
    i64::try_from(number.parse::<u128>().ok()?.checked_sub(OFFSET)?).ok()
}

/// The record of a change; nothing when the item is what it was.
pub(super) fn record(stream: &Stream, region: &str, change: &StreamRecord, position: i64) -> Option<Value> {
    let image = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let (old, new) = (image(&change.old_image), image(&change.new_image));
    if old == new {
        return None;
    }
    let (shows_old, shows_new) = match stream.view.as_str() {
        "OLD_IMAGE" => (true, false),
        "NEW_IMAGE" => (false, true),
        "NEW_AND_OLD_IMAGES" => (true, true),
        _ => (false, false),
    };
    let keys: Value = serde_json::from_str(&change.keys_json).unwrap_or_default();
    let mut told = json!({
        "ApproximateCreationDateTime": change.created_at, "Keys": keys, "StreamViewType": stream.view,
        "SequenceNumber": sequence_number(position),
    });
    let mut size = size_of(&keys);
    for (member, image, shown) in [("NewImage", new, shows_new), ("OldImage", old, shows_old)] {
        if let Some(image) = image.filter(|_| shown) {
            size += size_of(&image);
            told[member] = image;
        }
    }
    told["SizeBytes"] = json!(size);
    let digest = Sha256::digest(format!("{}/{}/{position}", stream.table, stream.label));
    let mut record = json!({
        "eventID": hex::encode(&digest[..16]), "eventName": change.event_name, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": region, "dynamodb": told,
    });
    if change.user_identity.is_some() {
        // DynamoDB itself, which removed the item past its time to live.
        record["userIdentity"] = json!({ "Type": "Service", "PrincipalId": "dynamodb.amazonaws.com" });
    }
    Some(record)
}

/// The size of an item by DynamoDB's rules.
fn size_of(image: &Value) -> usize {
    serde_json::from_value::<Item>(image.clone()).map_or(0, |item| item_size(&item))
}
