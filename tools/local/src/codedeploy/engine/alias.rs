//! An alias in its shapes, and the calls about it.

/// The versions that an alias points to.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::codedeploy) struct AliasShape {
    /// `FunctionVersion`.
    pub version: String,
    /// `RoutingConfig.AdditionalVersionWeights`: version and percent, or none.
    pub additional: Option<(String, u8)>,
}

impl AliasShape {
    /// Everything on one version.
    pub(in crate::codedeploy) fn whole(version: &str) -> Self {
        Self { version: version.to_owned(), additional: None }
    }

    /// `percentage` of the traffic on `target`, the rest on `current`.
    pub(in crate::codedeploy) fn split(current: &str, target: &str, percentage: u8) -> Self {
        match percentage {
            0 => Self::whole(current),
            1..=99 => Self { version: current.to_owned(), additional: Some((target.to_owned(), percentage)) },
            _ => Self::whole(target),
        }
    }
}

/// An alias as Lambda shows it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::codedeploy) struct AliasState {
    /// The versions that it points to. None when it carries weights that no deployment sets (more than one version, a fraction).
    pub shape: Option<AliasShape>,
    /// `RevisionId`, which makes an update conditional.
    pub revision: Option<String>,
}

/// A call to Lambda about the deployment's alias.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::codedeploy) enum AliasCall {
    /// `GetAlias`; answered with [`Input::AliasRead`](super::Input::AliasRead).
    Read { call: u64 },
    /// `UpdateAlias`; answered with [`Input::AliasUpdated`](super::Input::AliasUpdated).
    Update { call: u64, shape: AliasShape, revision: Option<String> },
}
