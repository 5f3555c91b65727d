//! A deployment in progress, with everything around it that a hook may touch.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Alarms, Deployments, Faulty, Functions, Ledger, LoggedLines, Objects, Parameters, PublicSite};
use crate::hook::{CallPublicUrl, Deadline, Hook, HookPorts, HookSettings, Invocation, InvokeVersion, LifecycleEvent};
use crate::ledger::Entry;
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
    /// S3.
    pub objects: Objects,
    /// CloudWatch's alarms.
    pub alarms: Alarms,
    /// CloudWatch Logs.
    pub logs: LoggedLines,
    /// The ledger.
    pub ledger: Faulty<Ledger>,
    /// The same without faults.
    pub kept: Ledger,
}

/// The systems of a hook in a world, of which Lambda and the public URL may be others than the world's own.
#[derive(Debug, Clone)]
pub struct WorldPorts<F = Functions, S = PublicSite> {
    deployments: Faulty<Deployments>,
    parameters: Faulty<Parameters>,
    functions: F,
    site: S,
    world: World,
}

impl<F, S> WorldPorts<F, S> {
    /// The same with another Lambda.
    pub fn with_functions<G>(self, functions: G) -> WorldPorts<G, S> {
        let Self { deployments, parameters, site, world, .. } = self;
        WorldPorts { deployments, parameters, functions, site, world }
    }

    /// The same with another public URL.
    pub fn with_site<T>(self, site: T) -> WorldPorts<F, T> {
        let Self { deployments, parameters, functions, world, .. } = self;
        WorldPorts { deployments, parameters, functions, site, world }
    }
}

impl<F, S> HookPorts for WorldPorts<F, S>
where
    F: InvokeVersion + Send + Sync + 'static,
    S: CallPublicUrl + Send + Sync + 'static,
{
    type Deployments = Faulty<Deployments>;
    type Parameters = Faulty<Parameters>;
    type Functions = F;
    type Site = S;
    type Objects = Objects;
    type Configurations = Functions;
    type Alarms = Alarms;
    type Logs = LoggedLines;
    type Ledger = Faulty<Ledger>;

    fn deployments(&self) -> &Self::Deployments {
        &self.deployments
    }

    fn parameters(&self) -> &Self::Parameters {
        &self.parameters
    }

    fn functions(&self) -> &F {
        &self.functions
    }

    fn site(&self) -> &S {
        &self.site
    }

    fn objects(&self) -> &Objects {
        &self.world.objects
    }

    fn configurations(&self) -> &Functions {
        &self.world.functions
    }

    fn alarms(&self) -> &Alarms {
        &self.world.alarms
    }

    fn logs(&self) -> &LoggedLines {
        &self.world.logs
    }

    fn ledger(&self) -> Option<&Faulty<Ledger>> {
        Some(&self.world.ledger)
    }
}

impl World {
    /// The deployment that calls the hook.
    pub const DEPLOYMENT: &'static str = "d-ABC";
    /// The function that is deployed.
    pub const FUNCTION: &'static str = "fn";
    /// The token of its hook.
    pub const TOKEN: &'static str = "token-of-the-hook";
    /// The stack of the hook.
    pub const STACK: &'static str = "slipway-stack";

    /// The deployment has just called the hook of `event`.
    #[must_use]
    pub fn calling(event: LifecycleEvent) -> Self {
        let (codedeploy, store, kept) = (Deployments::default(), Parameters::default(), Ledger::default());
        codedeploy.begin(Self::DEPLOYMENT, Self::FUNCTION);
        codedeploy.call_hook(Self::DEPLOYMENT, event, Self::TOKEN);
        Self {
            deployments: Faulty::new(codedeploy.clone()),
            codedeploy,
            parameters: Faulty::new(store.clone()),
            store,
            ledger: Faulty::new(kept.clone()),
            kept,
            ..Self::default()
        }
    }

    /// The names under the world's application and stage.
    #[must_use]
    pub fn names(&self, stage: &str) -> ParameterNames {
        self.settings(stage).names
    }

    fn settings(&self, stage: &str) -> HookSettings {
        let environment = [
            ("SLIPWAY_APPLICATION", "slipway"),
            ("SLIPWAY_STAGE", stage),
            ("SLIPWAY_STACK", Self::STACK),
            ("SLIPWAY_LEDGER_TABLE", "ledger"),
        ];
        #[expect(clippy::unwrap_used, reason = "a fixed environment of tests")]
        HookSettings::from_env(&environment).unwrap()
    }

    /// Stores the suite of the function.
    #[must_use]
    pub fn with_suite(self, suite: &Value) -> Self {
        let name = self.names("production").suite(Self::FUNCTION);
        let store = self.store.clone().with(&name, &suite.to_string());
        Self { store, ..self }
    }

    /// Stores the public URL.
    #[must_use]
    pub fn with_public_url(self, url: &str) -> Self {
        let name = self.names("production").public_url();
        let store = self.store.clone().with(&name, url);
        Self { store, ..self }
    }

    /// The systems of this world.
    #[must_use]
    pub fn ports(&self) -> WorldPorts {
        WorldPorts {
            deployments: self.deployments.clone(),
            parameters: self.parameters.clone(),
            functions: self.functions.clone(),
            site: self.site.clone(),
            world: self.clone(),
        }
    }

    /// A hook of this world.
    #[must_use]
    pub fn hook(&self, event: LifecycleEvent) -> Hook<WorldPorts> {
        self.hook_with(event, self.ports())
    }

    /// A hook of this world that talks to other systems than the world's own.
    pub fn hook_with<P>(&self, event: LifecycleEvent, ports: P) -> Hook<P> {
        Hook { event, ports: Arc::new(ports), settings: Ok(self.settings("production")) }
    }

    /// A hook of this world in another stage.
    #[must_use]
    pub fn hook_of(&self, event: LifecycleEvent, stage: &str) -> Hook<WorldPorts> {
        Hook { settings: Ok(self.settings(stage)), ..self.hook(event) }
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
    pub fn recorded(&self, event: LifecycleEvent) -> Option<Entry> {
        self.kept.entry(Self::DEPLOYMENT, event)
    }
}
