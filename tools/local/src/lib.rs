//! The local plane: one HTTP endpoint on loopback that speaks the AWS wire protocols and really does the work of the
//! delivery services.
//!
//! [`Plane::start`] runs it. Every service answers operations over JSON values ([`core::Service`]); the wire layer
//! translates the protocols; services reach one another through the [`core::Hub`] by AWS's own operations. What is
//! not run answers `NotImplemented`, never a success.

mod apigateway;
mod authorization;
mod cloudformation;
mod cloudtrail;
mod cloudwatch;
mod codebuild;
mod codecommit;
mod codedeploy;
mod codepipeline;
pub mod core;
mod dynamodb;
mod eventbridge;
mod iam;
mod issuer;
mod jackson;
mod lambda_service;
mod logs;
pub mod model;
mod operations;
mod plane;
mod s3;
mod signing;
mod sns;
mod ssm;
mod sts;
mod wire;

pub use cloudformation::sam;
pub use iam::{DeniedCall, RoleAccess, UnusedGrant};
pub use issuer::DEFAULT_AUDIENCE;
pub use plane::{Plane, PlaneError, PlaneOptions};
