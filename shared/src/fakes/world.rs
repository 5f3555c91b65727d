//! A deployment in progress, with everything around it that a hook may touch.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Deployments, Faulty, Functions, Parameters, PublicSite};
use crate::hook::{Deadline, Hook, HookPorts, HookSettings, Invocation, LifecycleEvent, Record};
use crate::identity::Stage;
use crate::parameters::ParameterNames;

/// The world of hook tests: application `slipway`, stage production unless said, deployment `d-ABC` of function `fn` from 1 to 2.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// CodeDeploy.
    pub deployments: Faulty<Deployments>,
    /// The same without faults, to arrange and to look at.
    pub codedeploy: Deployments,
    /// Parameter Store.
    pub parameters: Faulty<Parameters>,
    /// The same without faults.
    pub store: Parameters,
    /// Lambda.
    pub functions: Functions,
    /// The public URL.
    pub site: PublicSite,
}

impl World {
    /// The deployment that calls the hook.
    pub const DEPLOYMENT: &'static str = "d-ABC";
    /// The function that is deployed.
    pub const FUNCTION: &'static str = "fn";
    /// The token of its hook.
    pub const TOKEN: &'static str = "token-of-the-hook";

    /// The deployment has just called the hook of `event`.
    #[must_use]
    pub fn calling(event: LifecycleEvent) -> Self {
        let (codedeploy, store) = (Deployments::default(), Parameters::default());
        codedeploy.begin(Self::DEPLOYMENT, Self::FUNCTION);
        codedeploy.call_hook(Self::DEPLOYMENT, event, Self::TOKEN);
        Self {
            deployments: Faulty::new(codedeploy.clone()),
            codedeploy,
            parameters: Faulty::new(store.clone()),
            store,
            functions: Functions::default(),
            site: PublicSite::default(),
        }
    }

    /// The names under the world's application and stage.
    #[must_use]
    pub fn names(&self, stage: Stage) -> ParameterNames {
        self.settings(stage).names
    }

    fn settings(&self, stage: Stage) -> HookSettings {
        let environment =
            [("SLIPWAY_APPLICATION", "slipway"), ("SLIPWAY_STAGE", stage.as_str()), ("SLIPWAY_STACK", "slipway-stack")];
        #[expect(clippy::unwrap_used, reason = "a fixed environment of tests")]
        HookSettings::from_env(&environment).unwrap()
    }

    /// Stores the suite of the function.
    #[must_use]
    pub fn with_suite(self, suite: &Value) -> Self {
        let name = self.names(Stage::Production).suite(Self::FUNCTION);
        let store = self.store.clone().with(&name, &suite.to_string());
        Self { store, ..self }
    }

    /// Stores the public URL.
    #[must_use]
    pub fn with_public_url(self, url: &str) -> Self {
        let name = self.names(Stage::Production).public_url();
        let store = self.store.clone().with(&name, url);
        Self { store, ..self }
    }

    /// A hook of this world that probes with `probe`.
    pub fn hook<X>(&self, event: LifecycleEvent, probe: X) -> Hook<Faulty<Deployments>, Faulty<Parameters>, X> {
        self.hook_of(event, probe, Stage::Production)
    }

    /// The same in another stage.
    pub fn hook_of<X>(
        &self,
        event: LifecycleEvent,
        probe: X,
        stage: Stage,
    ) -> Hook<Faulty<Deployments>, Faulty<Parameters>, X> {
        let ports = HookPorts { deployments: self.deployments.clone(), parameters: self.parameters.clone(), probe };
        Hook { event, ports: Arc::new(ports), settings: Ok(self.settings(stage)) }
    }

    /// CodeDeploy's call, to a function with a timeout of 60 seconds.
    #[must_use]
    pub fn invocation() -> Invocation {
        Self::invocation_with(json!({"DeploymentId": Self::DEPLOYMENT, "LifecycleEventHookExecutionId": Self::TOKEN}))
    }

    /// A call with another event.
    #[must_use]
    pub fn invocation_with(payload: Value) -> Invocation {
        Invocation { payload, deadline: Deadline::after(Duration::from_secs(60)), at: Timestamp::UNIX_EPOCH }
    }

    /// The verdict recorded for an event.
    #[must_use]
    pub fn recorded(&self, event: LifecycleEvent) -> Option<Record> {
        let name = self.names(Stage::Production).verdict(Self::DEPLOYMENT, event.as_str());
        self.store.value(&name).and_then(|value| serde_json::from_str(&value).ok())
    }
}
