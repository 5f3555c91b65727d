//! What the function is told by its environment.

use slipway_shared::env::{self, Lookup, Reader, SettingsError};

/// What is running, as `/version` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The commit whose build first had this content.
    pub commit: String,
    /// The digest of the release.
    pub release: String,
    /// The published version of the function, a number or `$LATEST`.
    pub function_version: String,
}

/// The function's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The table of the contacts.
    pub table_name: String,
    /// What is running.
    pub about: About,
    /// What a custom domain's mapping puts before every path of a REST API, without slashes.
    pub base_path: Option<String>,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// Every variable that is missing.
    pub fn from_env(lookup: &impl Lookup) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let table_name = reader.required(env::TABLE_NAME);
        let commit = reader.required(env::SLIPWAY_COMMIT);
        let release = reader.required(env::SLIPWAY_RELEASE);
        let function_version = reader.required(env::AWS_LAMBDA_FUNCTION_VERSION);
        let base_path = reader.optional::<String>(env::BASE_PATH);
        reader.finish(|| {
            Some(Self {
                table_name: table_name?,
                about: About { commit: commit?, release: release?, function_version: function_version? },
                base_path: base_path?.map(|path| path.trim_matches('/').to_owned()).filter(|path| !path.is_empty()),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_missing_variable() {
        let error = Settings::from_env(&[("TABLE_NAME", "contacts")]).unwrap_err();
        assert_eq!(error.faults.len(), 3, "{error}");
    }
}
