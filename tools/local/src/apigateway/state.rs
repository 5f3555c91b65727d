//! The APIs of a plane, and the part that every operation on them has in common.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::api::Api;
use super::errors::no_such;
use super::issuer_keys::IssuerKeys;
use super::lambda_authorizer::Verdicts;
use super::members::required;
use crate::core::{Hub, Input, ServiceError};
use crate::operations::Operation;

/// An operation of API Gateway's.
pub(super) type Declared = Operation<ApiGateway>;

/// The IAM actions of the operations, by the method of their requests.
pub(super) const GET: &[&str] = &["apigateway:GET"];
pub(super) const POST: &[&str] = &["apigateway:POST"];
pub(super) const PUT: &[&str] = &["apigateway:PUT"];
pub(super) const PATCH: &[&str] = &["apigateway:PATCH"];
pub(super) const DELETE: &[&str] = &["apigateway:DELETE"];

/// Every API by its id, shared with the front doors.
type Apis = Arc<Mutex<BTreeMap<String, Api>>>;

/// The state that the front doors share with the operations.
#[derive(Clone, Default)]
pub(super) struct Shared {
    pub(super) apis: Apis,
    pub(super) keys: Arc<IssuerKeys>,
    pub(super) verdicts: Arc<Verdicts>,
}

/// The state of API Gateway, on which the operations work.
pub(super) struct ApiGateway {
    pub(super) hub: Arc<Hub>,
    pub(super) shared: Shared,
}

impl ApiGateway {
    pub(super) fn apis(&self) -> MutexGuard<'_, BTreeMap<String, Api>> {
        self.shared.apis.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `NotFoundException` for an API, which is named with its account.
    pub(super) fn no_such_api(&self, id: &str) -> ServiceError {
        no_such("API", &format!("{}:{id}", self.hub.identity.account))
    }

    /// Does something with the API that the input names.
    pub(super) fn with_api<T>(
        &self,
        input: &Input,
        act: impl FnOnce(&mut Api) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let id = required(input, "ApiId")?;
        act(self.apis().get_mut(id).ok_or_else(|| self.no_such_api(id))?)
    }

    /// Changes the definition of the API that the input names: stages that deploy by themselves serve it from then on.
    pub(super) fn change<T>(
        &self,
        input: &Input,
        act: impl FnOnce(&mut Api) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.with_api(input, |api| {
            let done = act(api)?;
            api.deploy_automatically(&self.hub.ids, self.hub.now());
            Ok(done)
        })
    }
}
