use std::path::Path as FilePath;
use std::sync::Mutex;

use futures::future::BoxFuture;
use serde_json::Value;
use tempfile::TempDir;

use crate::core::{Caller, Clock, Ids, PlaneIdentity, Principal, Reply, Request as Asked, Service};

use super::*;

/// EventBridge's inner door, remembering what came.
#[derive(Default)]
struct Events(Mutex<Vec<Value>>);

impl Service for Events {
    fn name(&self) -> &'static str {
        "events"
    }

    fn call(&self, request: Asked) -> BoxFuture<'_, Reply> {
        self.0.lock().unwrap().extend_from_slice(request.input.list("Entries"));
        Box::pin(async { Ok(json!({})) })
    }
}

struct World {
    hub: Arc<Hub>,
    events: Arc<Events>,
    directory: TempDir,
}

impl World {
    async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let data = directory.path().join("plane");
        std::fs::create_dir(&data).unwrap();
        let objects = crate::s3::S3Endpoint::open(&data).unwrap().objects();
        let hub = Hub::new(Clock::scaled(1000.0), Ids::seeded(1), PlaneIdentity::default(), endpoint, data);
        let events = Arc::new(Events::default());
        let services: Vec<Arc<dyn Service>> =
            vec![crate::codecommit::service(&hub), Arc::clone(&events) as Arc<dyn Service>];
        hub.register(services, objects);
        let router = git_router(&hub);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { hub, events, directory }
    }

    async fn ask(&self, operation: &str, input: Value) -> Reply {
        self.hub.call("codecommit", operation, input).await
    }

    /// Runs git as a user would, apart from the machine's own settings.
    async fn git(&self, folder: &FilePath, arguments: &[&str]) -> (bool, String) {
        let output = git::command(folder)
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .output()
            .await
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// A repository on disk with one commit, ready to be pushed to `shop`.
    async fn working_copy(&self, content: &[u8]) -> std::path::PathBuf {
        let folder = self.directory.path().join("work");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("app.bin"), content).unwrap();
        let url = format!("{}/v1/repos/shop", self.hub.endpoint);
        for arguments in [
            &["init", "--quiet", "--initial-branch=trunk"][..],
            &["add", "."],
            &["commit", "--quiet", "-m", "First"],
            &["remote", "add", "origin", &url],
        ] {
            let (success, said) = self.git(&folder, arguments).await;
            assert!(success, "{arguments:?}: {said}");
        }
        folder
    }

    fn details(&self) -> Vec<Value> {
        let taken = self.events.0.lock().unwrap();
        taken.iter().map(|entry| serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap()).collect()
    }
}

/// Bytes that do not compress: git sends a large push chunked.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    })
    .take(length)
    .collect()
}

#[tokio::test]
async fn what_is_pushed_can_be_cloned_and_read_through_the_api() {
    let world = World::start().await;
    let made = world.ask("CreateRepository", json!({ "repositoryName": "shop" })).await.unwrap();
    let url = made["repositoryMetadata"]["cloneUrlHttp"].as_str().unwrap().to_owned();
    let content = noise(3_000_000);
    let work = world.working_copy(&content).await;
    let (success, said) = world.git(&work, &["push", "--quiet", "origin", "trunk"]).await;
    assert!(success, "{said}");

    let (success, said) = world.git(world.directory.path(), &["clone", "--quiet", &url, "copy"]).await;
    assert!(success, "{said}");
    assert_eq!(std::fs::read(world.directory.path().join("copy/app.bin")).unwrap(), content);

    let repository = world.ask("GetRepository", json!({ "repositoryName": "shop" })).await.unwrap();
    assert_eq!(repository["repositoryMetadata"]["defaultBranch"], "trunk");
    let named = json!({ "repositoryName": "shop", "branchName": "trunk" });
    let branch = world.ask("GetBranch", named).await.unwrap();
    let id = branch["branch"]["commitId"].as_str().unwrap();
    let asked = json!({ "repositoryName": "shop", "commitId": id });
    let commit = world.ask("GetCommit", asked).await.unwrap();
    assert_eq!(commit["commit"]["message"], "First\n");
    assert_eq!(commit["commit"]["author"]["email"], "ada@example.com");
}

#[tokio::test]
async fn a_push_has_published_its_changes_when_it_returns() {
    let world = World::start().await;
    world.ask("CreateRepository", json!({ "repositoryName": "shop" })).await.unwrap();
    let work = world.working_copy(b"one").await;
    world.git(&work, &["push", "--quiet", "origin", "trunk"]).await;
    let first = world.details();
    assert_eq!(first.len(), 1);
    assert_eq!((&first[0]["event"], &first[0]["referenceName"]), (&json!("referenceCreated"), &json!("trunk")));

    std::fs::write(work.join("app.bin"), b"two").unwrap();
    world.git(&work, &["commit", "--quiet", "-am", "Second"]).await;
    world.git(&work, &["push", "--quiet", "origin", "trunk", "trunk:refs/tags/v1"]).await;
    let later = &world.details()[1..];
    assert_eq!(later.len(), 2);
    assert_eq!((&later[0]["event"], &later[0]["oldCommitId"]), (&json!("referenceUpdated"), &first[0]["commitId"]));
    assert_eq!(later[0]["callerUserArn"], "arn:aws:iam::000000000000:root");
    assert_eq!((&later[1]["referenceType"], &later[1]["commitId"]), (&json!("tag"), &later[0]["commitId"]));
}

#[tokio::test]
async fn a_push_that_changes_nothing_publishes_nothing() {
    let world = World::start().await;
    world.ask("CreateRepository", json!({ "repositoryName": "shop" })).await.unwrap();
    let work = world.working_copy(b"one").await;
    world.git(&work, &["push", "--quiet", "origin", "trunk"]).await;
    let (success, _) = world.git(&work, &["push", "--quiet", "origin", "trunk"]).await;
    assert!(success);
    assert_eq!(world.details().len(), 1);
}

#[tokio::test]
async fn an_unknown_repository_is_not_found_and_named() {
    let world = World::start().await;
    let address = world.hub.endpoint.clone();
    let answer = reqwest::get(format!("{address}/v1/repos/nowhere/info/refs?service=git-upload-pack")).await.unwrap();
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.unwrap().contains("nowhere does not exist"));
}

#[tokio::test]
async fn branches_are_made_and_removed_through_the_api_with_their_events() {
    let world = World::start().await;
    world.ask("CreateRepository", json!({ "repositoryName": "shop" })).await.unwrap();
    let work = world.working_copy(b"one").await;
    world.git(&work, &["push", "--quiet", "origin", "trunk"]).await;
    let tip = world.details()[0]["commitId"].clone();

    let side = json!({ "repositoryName": "shop", "branchName": "side", "commitId": tip });
    world.ask("CreateBranch", side.clone()).await.unwrap();
    let again = world.ask("CreateBranch", side).await.unwrap_err();
    assert!(again.is("BranchNameExistsException"));
    let listed = world.ask("ListBranches", json!({ "repositoryName": "shop" })).await.unwrap();
    assert_eq!(listed["branches"], json!(["side", "trunk"]));
    let kept = world.ask("DeleteBranch", json!({ "repositoryName": "shop", "branchName": "trunk" })).await;
    assert!(kept.unwrap_err().is("DefaultBranchCannotBeDeletedException"));
    world.ask("DeleteBranch", json!({ "repositoryName": "shop", "branchName": "side" })).await.unwrap();
    let events: Vec<Value> = world.details().iter().map(|detail| detail["event"].clone()).collect();
    assert_eq!(events, ["referenceCreated", "referenceCreated", "referenceDeleted"]);
}

#[tokio::test]
async fn repositories_survive_a_restart_without_telling_old_changes_again() {
    let world = World::start().await;
    world.ask("CreateRepository", json!({ "repositoryName": "shop" })).await.unwrap();
    let work = world.working_copy(b"one").await;
    world.git(&work, &["push", "--quiet", "origin", "trunk"]).await;

    let reopened = crate::codecommit::service(&world.hub);
    let input = json!({ "repositoryName": "shop" });
    let asked = Asked::within("ObserveReferences", input, Principal::Plane.into());
    assert_eq!(reopened.call(asked).await.unwrap()["changes"], 0);
}

#[tokio::test]
async fn the_planes_own_doors_are_closed_to_clients() {
    let world = World::start().await;
    let service = crate::codecommit::service(&world.hub);
    for operation in ["ObserveReferences", "GetArchive", "SeedRepository", "LocateRepository"] {
        let input = json!({ "repositoryName": "shop" });
        let asked = Asked::from_wire(operation, input, Caller::root());
        assert!(service.call(asked).await.unwrap_err().is("UnknownOperationException"));
    }
}

#[tokio::test]
async fn a_repository_is_seeded_from_a_zip() {
    use std::io::Write as _;
    let world = World::start().await;
    let made = world.ask("CreateRepository", json!({ "repositoryName": "shop" })).await.unwrap();
    let ssh = "ssh://git-codecommit.us-east-1.amazonaws.com/v1/repos/shop";
    assert_eq!(made["repositoryMetadata"]["cloneUrlSsh"], ssh);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bin/run", zip::write::SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    zip.write_all(b"#!/bin/sh\n").unwrap();
    let archive = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, zip.finish().unwrap().into_inner());
    let seed = json!({ "repositoryName": "shop", "branchName": "start", "archive": archive });
    world.ask("SeedRepository", seed).await.unwrap();
    let file = world.ask("GetFile", json!({ "repositoryName": "shop", "filePath": "bin/run" })).await.unwrap();
    assert_eq!((&file["fileMode"], &file["fileSize"]), (&json!("EXECUTABLE"), &json!(10)));
    let repository = world.ask("GetRepository", json!({ "repositoryName": "shop" })).await.unwrap();
    assert_eq!(repository["repositoryMetadata"]["defaultBranch"], "start");
    let none = json!({ "repositoryName": "shop", "branchName": "other", "archive": "AAAA" });
    assert!(world.ask("SeedRepository", none).await.unwrap_err().is("ValidationException"));
}
