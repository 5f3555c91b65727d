//! All tables, their settings and their streams.

use super::library::Library;
use super::names::Names;
use super::settings::Settings;
use super::tokens::Tokens;
use crate::core::Clock;

/// All tables, their settings and their streams.
pub(super) struct Tables {
    pub(super) library: Library,
    pub(super) settings: Settings,
    pub(super) names: Names,
    pub(super) tokens: Tokens,
    pub(super) clock: Clock,
}
