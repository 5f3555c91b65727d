//! The changes between two sights of a repository's references, and the event that tells them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::core::ServiceError;

use super::git::Git;

/// Full reference names with the commit each points at.
pub type References = BTreeMap<String, String>;

/// One reference that was made, moved or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The full name, such as `refs/heads/main`.
    pub reference: String,
    /// The object at which it pointed; none when it is new.
    pub before: Option<String>,
    /// The object at which it points; none when it is gone.
    pub after: Option<String>,
}

/// The arguments with which `git` prints the branches and tags for [`parse`].
pub const LIST: [&str; 4] =
    ["for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", "refs/heads", "refs/tags"];

/// The repository's branches and tags now.
///
/// # Errors
/// Fails if `git` cannot read the repository.
pub async fn read(git: &Git) -> Result<References, ServiceError> {
    Ok(parse(&git.run(&LIST).await?))
}

/// Reads what `git` printed for [`LIST`]. An annotated tag counts as the commit that it marks.
pub fn parse(printed: &[u8]) -> References {
    String::from_utf8_lossy(printed)
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (name, object) = (words.next()?, words.next()?);
            let commit = words.next().filter(|peeled| !peeled.is_empty()).unwrap_or(object);
            Some((name.to_owned(), commit.to_owned()))
        })
        .collect()
}

/// The references that differ, by name.
pub fn compare(before: &References, after: &References) -> Vec<Change> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| Change {
            reference: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
        .collect()
}

impl Change {
    /// The word of triggers for it: `createReference`, `updateReference` or `deleteReference`.
    pub fn kind(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "createReference",
            (Some(_), Some(_)) => "updateReference",
            (Some(_), None) => "deleteReference",
        }
    }

    /// The branch's name, when it is a branch.
    pub fn branch(&self) -> Option<&str> {
        self.reference.strip_prefix("refs/heads/")
    }

    /// The `detail` of `CodeCommit Repository State Change`. For a removed reference, `commitId` is what it pointed
    /// at (assumed: the user guide's sample of that event does not say which commit it shows). `caller` is the ARN of
    /// whoever changed it.
    pub fn detail(&self, repository_name: &str, repository_id: &str, caller: &str) -> Value {
        let (kind, name) = match self.branch() {
            Some(name) => ("branch", name),
            None => ("tag", self.reference.strip_prefix("refs/tags/").unwrap_or(&self.reference)),
        };
        let event = match self.kind() {
            "createReference" => "referenceCreated",
            "deleteReference" => "referenceDeleted",
            _ => "referenceUpdated",
        };
        let mut detail = json!({
            "event": event,
            "callerUserArn": caller,
            "repositoryName": repository_name,
            "repositoryId": repository_id,
            "referenceType": kind,
            "referenceName": name,
            "referenceFullName": self.reference,
            "commitId": self.after.as_ref().or(self.before.as_ref()),
        });
        if let Some(before) = &self.before {
            detail["oldCommitId"] = json!(before);
        }
        detail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(pairs: &[(&str, &str)]) -> References {
        pairs.iter().map(|(name, commit)| ((*name).to_owned(), (*commit).to_owned())).collect()
    }

    #[test]
    fn each_kind_of_change_is_told_apart() {
        let before = references(&[("refs/heads/gone", "a"), ("refs/heads/main", "b"), ("refs/heads/same", "c")]);
        let after = references(&[("refs/heads/main", "d"), ("refs/heads/same", "c"), ("refs/tags/v1", "d")]);
        let root = "arn:aws:iam::000000000000:root";
        let details: Vec<Value> =
            compare(&before, &after).iter().map(|change| change.detail("shop", "id-1", root)).collect();
        let shown: Vec<String> = details
            .iter()
            .map(|d| {
                format!(
                    "{} {} {} {} {}",
                    d["event"], d["referenceType"], d["referenceName"], d["commitId"], d["oldCommitId"]
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#""referenceDeleted" "branch" "gone" "a" "a""#,
                r#""referenceUpdated" "branch" "main" "d" "b""#,
                r#""referenceCreated" "tag" "v1" "d" null"#,
            ]
        );
        assert_eq!(details[2]["referenceFullName"], "refs/tags/v1");
    }
}
