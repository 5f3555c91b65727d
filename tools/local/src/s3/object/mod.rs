//! Objects: written, read, copied, described and removed.

pub(super) mod acl;
pub(super) mod attributes;
mod conditions;
pub(super) mod copy;
pub(super) mod delete;
mod describe;
mod encryption;
mod find;
pub(super) mod lock;
pub(super) mod put;
pub(super) mod read;
mod said;
pub(super) mod tagging;
mod write;

pub(super) use conditions::{Reading, Writing, tag};
pub(super) use copy::Source;
pub(super) use describe::{customer_key, encryption_asked, said};
pub(super) use encryption::{Asked as EncryptionAsked, CustomerKey, fill_encryption};
pub(super) use find::{find, is_version_id};
pub(super) use said::Said;
pub(super) use write::{Kept, stored, take_body};
