//! Tags by key.

use std::collections::BTreeMap;

/// Tags by their keys.
pub(super) type Tags = BTreeMap<String, String>;
