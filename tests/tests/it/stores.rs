//! SSM, S3 and DynamoDB through the AWS CLI.

use slipway_local::{Plane, PlaneOptions};
use slipway_tests::Aws;

#[tokio::test]
async fn parameters_are_created_once_and_versioned() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let aws = Aws::at(plane.endpoint());
    let put = ["ssm", "put-parameter", "--name", "/a/b", "--value", "one", "--type", "String"];
    assert_eq!(aws.ok(&put).await["Version"], 1);
    assert!(aws.refused(&put).await.contains("ParameterAlreadyExists"));
    let again = [&put[..], &["--overwrite"]].concat();
    assert_eq!(aws.ok(&again).await["Version"], 2);
    let listed = aws.ok(&["ssm", "get-parameters-by-path", "--path", "/a"]).await;
    assert_eq!(listed["Parameters"][0]["Name"], "/a/b");
    plane.shutdown().await;
}

#[tokio::test]
async fn files_go_to_a_bucket_and_come_back_the_same() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let aws = Aws::at(plane.endpoint());
    let directory = tempfile::tempdir().unwrap();
    // Beyond the CLI's threshold of 8 MB: this goes up in parts.
    let bytes: Vec<u8> = (0..9_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (sent, back) = (directory.path().join("sent"), directory.path().join("back"));
    std::fs::write(&sent, &bytes).unwrap();
    aws.ok(&["s3", "mb", "s3://a-bucket"]).await;
    aws.ok(&["s3", "cp", "--only-show-errors", sent.to_str().unwrap(), "s3://a-bucket/deep/er/file"]).await;
    aws.ok(&["s3", "cp", "--only-show-errors", "s3://a-bucket/deep/er/file", back.to_str().unwrap()]).await;
    assert!(std::fs::read(&back).unwrap() == bytes);
    let small = directory.path().join("small");
    std::fs::write(&small, "small").unwrap();
    let put = [
        "s3api",
        "put-object",
        "--bucket",
        "a-bucket",
        "--key",
        "k",
        "--metadata",
        "commit=abc",
        "--body",
        small.to_str().unwrap(),
    ];
    aws.ok(&put).await;
    let head = aws.ok(&["s3api", "head-object", "--bucket", "a-bucket", "--key", "k"]).await;
    assert_eq!((&head["ContentLength"], &head["Metadata"]["commit"]), (&5.into(), &"abc".into()));
    assert!(aws.refused(&["s3api", "head-object", "--bucket", "a-bucket", "--key", "none"]).await.contains("404"));
    plane.shutdown().await;
}

#[tokio::test]
async fn an_object_that_is_there_is_not_written_over_by_who_says_so() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let aws = Aws::at(plane.endpoint());
    let directory = tempfile::tempdir().unwrap();
    let body = |text: &str| {
        let path = directory.path().join(text);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (first, second) = (body("first"), body("second"));
    aws.ok(&["s3", "mb", "s3://a-bucket"]).await;
    let object = ["--bucket", "a-bucket", "--key", "k"];
    let unless_there = ["--if-none-match", "*"];
    let put = |body| [&["s3api", "put-object", "--body", body], &object[..], &unless_there].concat();
    // Both uploads begin while there is nothing: what counts is the moment in which they end.
    let begun = aws.ok(&[&["s3api", "create-multipart-upload"], &object[..]].concat()).await;
    let upload = ["--upload-id", begun["UploadId"].as_str().unwrap()];
    let part = ["s3api", "upload-part", "--part-number", "1", "--body", &second];
    let sent = aws.ok(&[&part[..], &object, &upload].concat()).await;
    aws.ok(&put(&first)).await;

    assert!(aws.refused(&put(&second)).await.contains("(PreconditionFailed)"));
    let parts = serde_json::json!({ "Parts": [{ "PartNumber": 1, "ETag": sent["ETag"] }] }).to_string();
    let complete = ["s3api", "complete-multipart-upload", "--multipart-upload", &parts];
    let refused = aws.refused(&[&complete[..], &object, &upload, &unless_there].concat()).await;
    assert!(refused.contains("(PreconditionFailed)"), "{refused}");

    let back = body("back");
    aws.ok(&[&["s3api", "get-object"], &object[..], &[&back]].concat()).await;
    assert_eq!(std::fs::read_to_string(&back).unwrap(), "first");
    aws.ok(&[&["s3api", "delete-object"], &object[..]].concat()).await;
    aws.ok(&[&complete[..], &object, &upload, &unless_there].concat()).await;
    aws.ok(&[&["s3api", "get-object"], &object[..], &[&back]].concat()).await;
    assert_eq!(std::fs::read_to_string(&back).unwrap(), "second");
    plane.shutdown().await;
}

#[tokio::test]
async fn items_are_written_under_conditions_and_transactions_say_which_failed() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let aws = Aws::at(plane.endpoint());
    aws.ok(&[
        "dynamodb",
        "create-table",
        "--table-name",
        "items",
        "--billing-mode",
        "PAY_PER_REQUEST",
        "--attribute-definitions",
        "AttributeName=pk,AttributeType=S",
        "--key-schema",
        "AttributeName=pk,KeyType=HASH",
    ])
    .await;
    let item = r#"{"pk":{"S":"a"},"n":{"N":"1"}}"#;
    let put = [
        "dynamodb",
        "put-item",
        "--table-name",
        "items",
        "--item",
        item,
        "--condition-expression",
        "attribute_not_exists(pk)",
    ];
    aws.ok(&put).await;
    assert!(aws.refused(&put).await.contains("ConditionalCheckFailedException"));
    let transaction = r#"[{"Put":{"TableName":"items","Item":{"pk":{"S":"b"}}}},
        {"Put":{"TableName":"items","Item":{"pk":{"S":"a"}},"ConditionExpression":"attribute_not_exists(pk)"}}]"#;
    let refused = aws.refused(&["dynamodb", "transact-write-items", "--transact-items", transaction]).await;
    assert!(refused.contains("[None, ConditionalCheckFailed]"), "{refused}");
    let missing = aws.ok(&["dynamodb", "get-item", "--table-name", "items", "--key", r#"{"pk":{"S":"b"}}"#]).await;
    assert!(missing["Item"].is_null());
    plane.shutdown().await;
}
