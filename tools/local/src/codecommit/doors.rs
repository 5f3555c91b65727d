//! The plane's own doors: for the git endpoint, for CloudFormation's `Code`, and for the sources of CodePipeline and CodeBuild
//! (on AWS `codecommit:UploadArchive`, which is a permission but no public operation).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::names::{self, refused};
use super::state::{CodeCommit, Declared};
use super::{revisions, seed};
use crate::core::{Caller, Input, Reply, Request, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::private("LocateRepository", |service, request| {
        Ok(json!({ "directory": service.repository(&request.input)?.directory }))
    }),
    Declared::private_later("ObserveReferences", |service, request| {
        Box::pin(async {
            // A push is the operator's: git's requests are not signed.
            let caller = Caller::root().arn(&service.hub.identity.account);
            let changes = service.repository(&request.input)?.observe(&service.hub, &caller).await?;
            Ok(json!({ "changes": changes }))
        })
    }),
    Declared::private_later("SeedRepository", |service, request| Box::pin(service.seed(request))),
    Declared::private_later("GetArchive", |service, request| Box::pin(service.get_archive(&request.input))),
];

impl CodeCommit {
    /// The first commit of a repository, from a zip.
    async fn seed(&self, request: &Request) -> Reply {
        let input = &request.input;
        let repository = self.repository(input)?;
        let branch = names::branch(input, "branchName")?;
        let archive = BASE64_STANDARD.decode(input.opt_str("archive").unwrap_or_default());
        let archive = archive.map_err(|error| ServiceError::validation(format!("the zip of the code: {error}")))?;
        seed::commit(&repository.git, &repository.directory.join("seed"), archive, branch).await?;
        repository.observe(&self.hub, &self.caller(request)).await?;
        Ok(json!({}))
    }

    /// The tree of `commitSpecifier`, in git's own way of naming commits (or of the default branch), as a zip without git's own
    /// files.
    async fn get_archive(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let revision = input.opt_str("commitSpecifier").unwrap_or("HEAD");
        let missing = || refused("CommitDoesNotExistException", format!("{revision} names no commit"));
        let commit = revisions::commit(&repository, revision).await?.ok_or_else(missing)?;
        let archive = repository.git.run(&["archive", "--format=zip", "-1", &commit]).await?;
        Ok(json!({ "commitId": commit, "archive": BASE64_STANDARD.encode(archive) }))
    }
}
