//! Everything that the plane does not run says so, in the shape of the service that was asked.

use slipway_local::{Plane, PlaneOptions};
use slipway_tests::Aws;

#[tokio::test]
async fn what_is_not_run_is_refused_by_name_in_every_protocol() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let aws = Aws::at(plane.endpoint());
    for (words, named) in [
        // Services that the plane does not have: JSON, query, REST.
        (&["secretsmanager", "list-secrets"][..], "secretsmanager:ListSecrets"),
        (&["kms", "list-keys"], "kms:ListKeys"),
        (&["autoscaling", "describe-auto-scaling-groups"], "autoscaling:DescribeAutoScalingGroups"),
        (&["batch", "describe-jobs", "--jobs", "x"], "batch:POST /v1/describejobs"),
        // Operations that its services do not run.
        (&["ssm", "list-documents"], "ssm:ListDocuments"),
        (&["iam", "list-virtual-mfa-devices"], "iam:ListVirtualMFADevices"),
        (&["lambda", "list-layers"], "lambda:ListLayers"),
        (&["cloudwatch", "list-metric-streams"], "monitoring:ListMetricStreams"),
        (&["codepipeline", "list-webhooks"], "codepipeline:ListWebhooks"),
    ] {
        let refused = aws.refused(words).await;
        assert!(refused.contains("NotImplemented") && refused.contains(named), "{words:?}: {refused}");
    }
    plane.shutdown().await;
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let port = plane.endpoint().rsplit(':').next().unwrap().parse().unwrap();
    let second = Plane::start(PlaneOptions { port, ..PlaneOptions::default() }).await;
    assert_eq!(second.unwrap_err().to_string(), format!("cannot listen on 127.0.0.1:{port}"));
    plane.shutdown().await;
}
