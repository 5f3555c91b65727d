use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_case::test_case;

use crate::core::testing::{Fake, ask, hub_in, with};
use crate::core::{Reply, Service};

struct World {
    service: Arc<dyn Service>,
    events: Arc<Fake>,
    topics: Arc<Fake>,
    _directory: TempDir,
}

impl World {
    /// A plane with the empty repository `shop`.
    async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let hub = hub_in(directory.path());
        let (events, topics) =
            (Fake::new("events", |_, _| Ok(json!({}))), Fake::new("sns", |_, _| Ok(json!({ "MessageId": "m" }))));
        let service = super::service(&hub);
        with(&hub, vec![Arc::clone(&service), Arc::clone(&events) as _, Arc::clone(&topics) as _]);
        let world = Self { service, events, topics, _directory: directory };
        world.ask("CreateRepository", json!({})).await.unwrap();
        world
    }

    /// Asks about `shop`.
    async fn ask(&self, operation: &str, mut input: Value) -> Reply {
        if input.get("repositoryName").is_none() && input.get("resourceArn").is_none() && input.get("oldName").is_none()
        {
            input["repositoryName"] = json!("shop");
        }
        ask(&*self.service, operation, input).await
    }

    async fn code(&self, operation: &str, input: Value) -> String {
        self.ask(operation, input).await.map_or_else(|error| error.code, |reply| panic!("{operation}: {reply}"))
    }

    /// Puts a file on `main` and answers the commit.
    async fn put(&self, path: &str, content: &str, parent: Option<&str>) -> String {
        let content = BASE64_STANDARD.encode(content);
        let input = json!({
            "branchName": "main", "filePath": path, "fileContent": content, "parentCommitId": parent,
            "name": "Ada", "email": "ada@example.com",
        });
        self.ask("PutFile", input).await.unwrap()["commitId"].as_str().unwrap().to_owned()
    }

    fn details(&self) -> Vec<Value> {
        let asked = self.events.inputs("PutServiceEvents");
        let text = |input: &Value| input["Entries"][0]["Detail"].as_str().unwrap().to_owned();
        asked.iter().map(|input| serde_json::from_str(&text(input)).unwrap()).collect()
    }
}

#[tokio::test]
async fn a_new_repository_has_no_branch_until_a_commit_makes_one() {
    let world = World::start().await;
    let fresh = world.ask("GetRepository", json!({})).await.unwrap()["repositoryMetadata"].clone();
    assert_eq!(fresh["Arn"], "arn:aws:codecommit:us-east-1:000000000000:shop");
    assert_eq!(fresh["defaultBranch"], Value::Null);
    let first = world.put("a.txt", "1", None).await;
    let now = world.ask("GetRepository", json!({})).await.unwrap()["repositoryMetadata"].clone();
    assert_eq!(now["defaultBranch"], "main");
    assert!(now["lastModifiedDate"].as_f64() >= fresh["creationDate"].as_f64());
    let told = &world.details()[0];
    assert_eq!((&told["event"], &told["commitId"]), (&json!("referenceCreated"), &json!(first)));
    assert_eq!(told["callerUserArn"], "arn:aws:iam::000000000000:root");
    let commit = world.ask("GetCommit", json!({ "commitId": first })).await.unwrap()["commit"].clone();
    assert_eq!((&commit["author"]["name"], &commit["message"]), (&json!("Ada"), &json!("Added a.txt")));
}

#[tokio::test]
async fn a_commit_stands_on_the_tip_of_its_branch() {
    let world = World::start().await;
    let first = world.put("a.txt", "1", None).await;
    let second = world.put("a.txt", "2", Some(&first)).await;
    let put = |branch: &str, parent: Value| {
        json!({ "branchName": branch, "parentCommitId": parent,
            "putFiles": [{ "filePath": "b", "fileContent": BASE64_STANDARD.encode("b") }] })
    };
    for (branch, parent, code) in [
        ("main", Value::Null, "ParentCommitIdRequiredException"),
        ("main", json!("x"), "InvalidParentCommitIdException"),
        ("main", json!("0".repeat(40)), "ParentCommitDoesNotExistException"),
        ("main", json!(first), "ParentCommitIdOutdatedException"),
        ("other", json!(second), "BranchDoesNotExistException"),
        ("a b", json!(second), "InvalidBranchNameException"),
    ] {
        assert_eq!(world.code("CreateCommit", put(branch, parent)).await, code);
    }
    let made = world.ask("CreateCommit", put("main", json!(second))).await.unwrap();
    assert_eq!(made["filesAdded"][0]["absolutePath"], "b");
    let commit = world.ask("GetCommit", json!({ "commitId": made["commitId"] })).await.unwrap();
    assert_eq!(commit["commit"]["parents"], json!([second]));
    assert_eq!(commit["commit"]["treeId"], made["treeId"]);
    assert_eq!(world.code("CreateCommit", put("main", made["commitId"].clone())).await, "NoChangeException");
}

#[tokio::test]
async fn files_and_folders_are_read_as_they_were_put() {
    let world = World::start().await;
    let first = world.put("src/a.txt", "one", None).await;
    let second = world.put("/src/b.txt", "two", Some(&first)).await;
    let file = world.ask("GetFile", json!({ "filePath": "/src/a.txt" })).await.unwrap();
    assert_eq!((&file["fileContent"], &file["fileSize"]), (&json!(BASE64_STANDARD.encode("one")), &json!(3)));
    assert_eq!((&file["fileMode"], &file["commitId"]), (&json!("NORMAL"), &json!(second)));
    let blob = world.ask("GetBlob", json!({ "blobId": file["blobId"] })).await.unwrap();
    assert_eq!(blob["content"], file["fileContent"]);
    let root = world.ask("GetFolder", json!({ "folderPath": "/" })).await.unwrap();
    assert_eq!((&root["subFolders"][0]["relativePath"], &root["files"]), (&json!("src"), &json!([])));
    let folder = world.ask("GetFolder", json!({ "folderPath": "src", "commitSpecifier": first })).await.unwrap();
    assert_eq!(folder["files"].as_array().unwrap().len(), 1);
    assert_eq!(folder["files"][0]["absolutePath"], "src/a.txt");
    let history = world.ask("ListFileCommitHistory", json!({ "filePath": "src/a.txt" })).await.unwrap();
    assert_eq!(history["revisionDag"][0]["commit"]["commitId"], first);
    let deleted = json!({ "branchName": "main", "filePath": "src/b.txt", "parentCommitId": second });
    assert_eq!(world.ask("DeleteFile", deleted).await.unwrap()["filePath"], "src/b.txt");
    assert_eq!(world.code("GetFile", json!({ "filePath": "src/b.txt" })).await, "FileDoesNotExistException");
}

#[tokio::test]
async fn differences_are_paged_and_a_branch_is_moved_forward_alone() {
    let world = World::start().await;
    let first = world.put("a", "1", None).await;
    world.ask("CreateBranch", json!({ "branchName": "old", "commitId": first })).await.unwrap();
    let second = world.put("b", "2", Some(&first)).await;
    let third = world.put("a", "3", Some(&second)).await;
    let asked = |token: Value| json!({ "beforeCommitSpecifier": "old", "afterCommitSpecifier": "main", "MaxResults": 1, "NextToken": token });
    let page = world.ask("GetDifferences", asked(Value::Null)).await.unwrap();
    assert_eq!(page["differences"][0]["changeType"], "M");
    let page = world.ask("GetDifferences", asked(page["NextToken"].clone())).await.unwrap();
    assert_eq!(page["differences"][0]["afterBlob"]["path"], "b");
    assert_eq!(page["NextToken"], Value::Null);
    let merge = |source: &str, destination: &str| json!({ "sourceCommitSpecifier": source, "destinationCommitSpecifier": destination });
    assert_eq!(world.code("MergeBranchesByFastForward", merge("old", "main")).await, "ManualMergeRequiredException");
    let merged = world.ask("MergeBranchesByFastForward", merge("main", "old")).await.unwrap();
    assert_eq!(merged["commitId"], third);
    let branch = world.ask("GetBranch", json!({ "branchName": "old" })).await.unwrap();
    assert_eq!(branch["branch"]["commitId"], third);
}

#[tokio::test]
async fn a_repository_keeps_its_commits_under_another_name() {
    let world = World::start().await;
    let first = world.put("a", "1", None).await;
    world.ask("UpdateRepositoryName", json!({ "oldName": "shop", "newName": "store" })).await.unwrap();
    assert_eq!(world.code("GetRepository", json!({})).await, "RepositoryDoesNotExistException");
    world.ask("CreateRepository", json!({})).await.unwrap();
    let taken = json!({ "oldName": "shop", "newName": "store" });
    assert_eq!(world.code("UpdateRepositoryName", taken).await, "RepositoryNameExistsException");
    let branch = json!({ "repositoryName": "store", "branchName": "main" });
    assert_eq!(world.ask("GetBranch", branch).await.unwrap()["branch"]["commitId"], first);
    let listed = world.ask("ListRepositories", json!({ "sortBy": "lastModifiedDate", "order": "descending" })).await;
    assert_eq!(listed.unwrap()["repositories"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn tags_and_descriptions_are_changed_within_their_limits() {
    let world = World::start().await;
    let arn = "arn:aws:codecommit:us-east-1:000000000000:shop";
    let tagged = json!({ "resourceArn": arn, "tags": { "a": "1", "b": "2" } });
    world.ask("TagResource", tagged).await.unwrap();
    world.ask("UntagResource", json!({ "resourceArn": arn, "tagKeys": ["a"] })).await.unwrap();
    let tags = world.ask("ListTagsForResource", json!({ "resourceArn": arn })).await.unwrap();
    assert_eq!(tags["tags"], json!({ "b": "2" }));
    let many: serde_json::Map<String, Value> = (0..50).map(|n| (n.to_string(), json!(""))).collect();
    assert_eq!(world.code("TagResource", json!({ "resourceArn": arn, "tags": many })).await, "TooManyTagsException");
    let aws = json!({ "resourceArn": arn, "tags": { "aws:x": "" } });
    assert_eq!(world.code("TagResource", aws).await, "InvalidSystemTagUsageException");
    let long = json!({ "repositoryDescription": "x".repeat(1001) });
    assert_eq!(world.code("UpdateRepositoryDescription", long).await, "InvalidRepositoryDescriptionException");
    world.ask("UpdateRepositoryDescription", json!({ "repositoryDescription": "now" })).await.unwrap();
    let described = world.ask("GetRepository", json!({})).await.unwrap();
    assert_eq!(described["repositoryMetadata"]["repositoryDescription"], "now");
}

#[tokio::test]
async fn a_trigger_is_told_of_the_branches_it_names() {
    let world = World::start().await;
    let topic = "arn:aws:sns:us-east-1:000000000000:pushes";
    let triggers = json!([{ "name": "t", "destinationArn": topic, "branches": ["main"], "events": ["createReference"],
        "customData": "mine" }]);
    let put = world.ask("PutRepositoryTriggers", json!({ "triggers": triggers })).await.unwrap();
    let first = world.put("a", "1", None).await;
    world.ask("CreateBranch", json!({ "branchName": "side", "commitId": first })).await.unwrap();
    world.put("a", "2", Some(&first)).await;
    let told = world.topics.inputs("Publish");
    assert_eq!(told.len(), 1);
    let event: Value = serde_json::from_str(told[0]["Message"].as_str().unwrap()).unwrap();
    let record = &event["Records"][0];
    let reference = json!({ "commit": first, "created": true, "ref": "refs/heads/main" });
    assert_eq!((&record["codecommit"]["references"][0], &record["customData"]), (&reference, &json!("mine")));
    assert_eq!(record["eventTriggerConfigId"], put["configurationId"]);
    let tested = world.ask("TestRepositoryTriggers", json!({ "triggers": triggers })).await.unwrap();
    assert_eq!(tested["successfulExecutions"], json!(["t"]));
    let elsewhere = json!({ "triggers": [{ "name": "t", "destinationArn": "arn:aws:sns:eu-west-1:000000000000:x",
        "events": ["all"] }] });
    assert_eq!(world.code("PutRepositoryTriggers", elsewhere).await, "InvalidRepositoryTriggerRegionException");
}

#[test_case("CreateRepository", json!({}), "RepositoryNameExistsException"; "a name twice")]
#[test_case("CreateRepository", json!({ "repositoryName": "a b" }), "InvalidRepositoryNameException"; "a name with a space")]
#[test_case("CreateRepository", json!({ "repositoryName": "x", "kmsKeyId": "alias/mine" }), "EncryptionKeyNotFoundException"; "a key that is not there")]
#[test_case("GetRepository", json!({ "repositoryName": null }), "RepositoryNameRequiredException"; "no name")]
#[test_case("ListRepositories", json!({ "sortBy": "size" }), "InvalidSortByException"; "another order")]
#[test_case("ListRepositories", json!({ "nextToken": "x" }), "InvalidContinuationTokenException"; "a token of nobodys")]
#[test_case("GetBranch", json!({ "branchName": "main" }), "BranchDoesNotExistException"; "a branch that is not there")]
#[test_case("GetBranch", json!({}), "BranchNameRequiredException"; "no branch")]
#[test_case("GetCommit", json!({ "commitId": "abc" }), "InvalidCommitIdException"; "no id of a commit")]
#[test_case("GetCommit", json!({ "commitId": "0".repeat(40) }), "CommitIdDoesNotExistException"; "a commit that is not there")]
#[test_case("GetBlob", json!({ "blobId": "0".repeat(40) }), "BlobIdDoesNotExistException"; "a blob that is not there")]
#[test_case("GetFile", json!({ "filePath": "a" }), "CommitDoesNotExistException"; "a file of an empty repository")]
#[test_case("GetDifferences", json!({ "afterCommitSpecifier": "main~1" }), "InvalidCommitException"; "an expression")]
#[test_case("TagResource", json!({ "resourceArn": "shop", "tags": {} }), "InvalidResourceArnException"; "no arn")]
#[test_case("CreatePullRequest", json!({ "title": "t", "targets": [] }), "NotImplemented"; "what is not run")]
#[tokio::test]
async fn what_aws_refuses_is_refused_by_its_name(operation: &str, input: Value, code: &str) {
    let world = World::start().await;
    let input = match input.get("repositoryName") {
        Some(Value::Null) => json!({ "repositoryName": "" }),
        _ => input,
    };
    assert_eq!(world.code(operation, input).await, code);
}
