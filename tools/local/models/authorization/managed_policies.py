#!/usr/bin/env python3
"""Writes the policies of AWS's own that people attach to roles: documents, paths, default versions and dates.

    target/slipway/models-venv/bin/pip install -r tools/local/models/authorization/requirements.txt
    target/slipway/models-venv/bin/python tools/local/models/authorization/managed_policies.py

One policy is one line. Policies of service-linked roles are left out: nobody can attach them.
"""
import json
import pathlib

from moto.iam.aws_managed_policies import aws_managed_policies_data

HERE = pathlib.Path(__file__).parent
NAMES = """
AWSCloudFormationFullAccess AWSCloudFormationReadOnlyAccess AWSCloudTrail_FullAccess AWSCloudTrail_ReadOnlyAccess
AWSCodeBuildAdminAccess AWSCodeBuildDeveloperAccess AWSCodeBuildReadOnlyAccess AWSCodeCommitFullAccess AWSCodeCommitPowerUser
AWSCodeCommitReadOnly AWSCodeDeployDeployerAccess AWSCodeDeployFullAccess AWSCodeDeployReadOnlyAccess AWSCodeDeployRole
AWSCodeDeployRoleForCloudFormation AWSCodeDeployRoleForECS AWSCodeDeployRoleForECSLimited AWSCodeDeployRoleForLambda
AWSCodeDeployRoleForLambdaLimited AWSCodePipelineApproverAccess AWSCodePipelineCustomActionAccess AWSCodePipeline_FullAccess
AWSCodePipeline_ReadOnlyAccess AWSDenyAll AWSKeyManagementServicePowerUser AWSLambdaBasicDurableExecutionRolePolicy
AWSLambdaBasicExecutionRole AWSLambdaDynamoDBExecutionRole AWSLambdaENIManagementAccess AWSLambdaExecute
AWSLambdaInvocation-DynamoDB AWSLambdaKinesisExecutionRole AWSLambdaMSKExecutionRole AWSLambdaRole AWSLambdaSQSQueueExecutionRole
AWSLambdaVPCAccessExecutionRole AWSLambda_FullAccess AWSLambda_ReadOnlyAccess AWSOrganizationsFullAccess
AWSOrganizationsReadOnlyAccess AWSStepFunctionsConsoleFullAccess AWSStepFunctionsFullAccess AWSStepFunctionsReadOnlyAccess
AWSXRayDaemonWriteAccess AWSXrayFullAccess AWSXrayReadOnlyAccess AWSXrayWriteOnlyAccess AdministratorAccess
AmazonAPIGatewayAdministrator AmazonAPIGatewayInvokeFullAccess AmazonAPIGatewayPushToCloudWatchLogs AmazonCognitoPowerUser
AmazonCognitoReadOnly AmazonDynamoDBFullAccess AmazonDynamoDBFullAccess_v2 AmazonDynamoDBReadOnlyAccess
AmazonEC2ContainerRegistryFullAccess AmazonEC2ContainerRegistryPowerUser AmazonEC2ContainerRegistryReadOnly AmazonEC2FullAccess
AmazonEC2ReadOnlyAccess AmazonEC2RoleforAWSCodeDeploy AmazonECSTaskExecutionRolePolicy AmazonElasticMapReduceRole
AmazonElasticMapReduceforEC2Role AmazonEventBridgeFullAccess AmazonEventBridgePipesFullAccess
AmazonEventBridgeReadOnlyAccess AmazonEventBridgeSchedulerFullAccess AmazonEventBridgeSchedulerReadOnlyAccess
AmazonKinesisFullAccess AmazonKinesisReadOnlyAccess AmazonRDSFullAccess AmazonRDSReadOnlyAccess AmazonS3FullAccess
AmazonS3ObjectLambdaExecutionRolePolicy AmazonS3ReadOnlyAccess AmazonSNSFullAccess AmazonSNSReadOnlyAccess AmazonSNSRole
AmazonSQSFullAccess AmazonSQSReadOnlyAccess AmazonSSMFullAccess AmazonSSMManagedInstanceCore AmazonSSMReadOnlyAccess
AmazonVPCFullAccess AmazonVPCReadOnlyAccess Billing CloudWatchActionsEC2Access CloudWatchAgentAdminPolicy
CloudWatchAgentServerPolicy CloudWatchApplicationInsightsFullAccess CloudWatchEventsBuiltInTargetExecutionAccess
CloudWatchEventsFullAccess CloudWatchEventsInvocationAccess CloudWatchEventsReadOnlyAccess CloudWatchFullAccess
CloudWatchFullAccessV2 CloudWatchLambdaApplicationSignalsExecutionRolePolicy CloudWatchLambdaInsightsExecutionRolePolicy
CloudWatchLogsFullAccess CloudWatchLogsReadOnlyAccess CloudWatchReadOnlyAccess CloudWatchSyntheticsFullAccess DataScientist
DatabaseAdministrator IAMFullAccess IAMReadOnlyAccess IAMUserChangePassword NetworkAdministrator PowerUserAccess ReadOnlyAccess
SecretsManagerReadWrite SecurityAudit SupportUser SystemAdministrator ViewOnlyAccess
""".split()


def main():
    known = json.loads(aws_managed_policies_data)
    lines = []
    for name in sorted(NAMES):
        source = known[name]
        made = {"path": source["Path"], "version": source["DefaultVersionId"], "created": source["CreateDate"],
                "updated": source["UpdateDate"], "document": source["Document"]}
        lines.append(f"{json.dumps(name)}:{json.dumps(made, separators=(',', ':'))}")
    (HERE / "managed-policies.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
