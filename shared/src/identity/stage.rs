//! The name of a stage, and the usual stages whose defaults Slipway knows.

use super::name::{checked_text, shown};

checked_text! {
    /// A stage that releases go to, as the application's manifest names it. Part of parameter names and stack names. The order of promotion
    /// is the order in which the manifest lists its stages, never that of their names.
    Stage,
    "a stage (1 to 32 lower-case letters, digits and hyphens, beginning with a letter)",
    |text| {
        text.len() <= 32
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.chars().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '-')
    }
}
shown!(Stage);

/// The stages that most applications have, whose defaults differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsualStage {
    /// Where a change is first seen.
    Dev,
    /// Where people try it.
    Qa,
    /// As production is, without its users.
    Staging,
    /// Where the users are.
    Production,
}

impl Stage {
    /// The usual stage whose defaults this one has. A stage of another name has production's: nobody said that less care will do.
    #[must_use]
    pub fn usual(&self) -> UsualStage {
        match self.as_str() {
            "dev" => UsualStage::Dev,
            "qa" => UsualStage::Qa,
            "staging" => UsualStage::Staging,
            _ => UsualStage::Production,
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("production" => true; "usual")]
    #[test_case("eu-west-2" => true; "digits and hyphens")]
    #[test_case("abcdefghijklmnopqrstuvwxyz012345" => true; "the longest")]
    #[test_case("abcdefghijklmnopqrstuvwxyz0123456" => false; "too long")]
    #[test_case("" => false; "empty")]
    #[test_case("Prod" => false; "a capital")]
    #[test_case("1st" => false; "a digit first")]
    #[test_case("a/b" => false; "a path")]
    #[test_case("größe" => false; "letters beyond ASCII")]
    fn stages(text: &str) -> bool {
        text.parse::<Stage>().is_ok()
    }

    #[test]
    fn a_stage_of_another_name_has_the_defaults_of_production() {
        let usual = |text: &str| text.parse::<Stage>().unwrap().usual();
        assert_eq!(["dev", "qa", "staging"].map(usual), [UsualStage::Dev, UsualStage::Qa, UsualStage::Staging]);
        assert_eq!(["production", "prod", "developers"].map(usual), [UsualStage::Production; 3]);
    }
}
