//! The declarations of a service: its table, and the operations that it runs.

use futures::future::BoxFuture;

use crate::core::{Input, Reply, Request, ServiceError};
use crate::model::Dialect;

/// Everything that one service declares.
pub(crate) struct Table<S: 'static> {
    /// The name that requests are signed for; its model has the same.
    pub service: &'static str,
    /// The service's prefix in IAM actions: `lambda` of `lambda:InvokeFunction`.
    pub vendor: &'static str,
    /// The manner in which the service refuses what its model does not take.
    pub dialect: Dialect,
    /// The code of a denial: `AccessDeniedException`, or the service's own.
    pub denial: &'static str,
    /// The operations, in the groups in which their handlers lie.
    pub operations: &'static [&'static [Operation<S>]],
    /// The policy of a resource, by its ARN.
    pub resource_policy: fn(&S, &str) -> Option<String>,
}

impl<S> Table<S> {
    /// A table of a service that IAM calls as requests are signed for, and whose resources have no policies.
    pub(crate) const fn new(
        service: &'static str,
        dialect: Dialect,
        operations: &'static [&'static [Operation<S>]],
    ) -> Self {
        Self {
            service,
            vendor: service,
            dialect,
            denial: "AccessDeniedException",
            operations,
            resource_policy: |_, _| None,
        }
    }

    /// Every operation of the table, group by group.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Operation<S>> + use<S> {
        self.operations.iter().flat_map(|group| group.iter())
    }
}

/// Finds condition keys with their values in an input, and in what the service keeps of what it names.
pub(crate) type FindKeys<S> = fn(&S, &Input) -> Vec<(String, Vec<String>)>;

/// One operation that is run.
pub(crate) struct Operation<S: 'static> {
    /// The name in the model.
    pub name: &'static str,
    /// The members that are honoured, as [`crate::model::Honours`] reads them. None is a door of the plane's own, which is not
    /// in the model and which nobody outside can open.
    pub honours: Option<&'static str>,
    /// The IAM actions, when they are not the vendor and the operation's name. More than one must be allowed together.
    pub actions: &'static [&'static str],
    /// The resource that it is done to.
    pub resource: Resource<S>,
    /// The service's own condition keys.
    pub(super) keys: FindKeys<S>,
    /// Nobody needs to be allowed it.
    pub(super) free: bool,
    /// True if a caller who signs nothing needs not to be allowed it: a secret in the input shows that they may.
    pub(super) by_secret: bool,
    /// The roles that it hands to a service: the member that names the role, and the service.
    pub(super) passes: &'static [(&'static str, &'static str)],
    /// The check of the input, beyond its model, before IAM is asked about it.
    pub(super) sound: Sound<S>,
    pub(super) run: Run<S>,
}

/// Looks at an input.
pub(crate) type Sound<S> = fn(&S, &Input) -> Result<(), ServiceError>;

/// The resource that an operation is done to, as IAM sees it.
pub(crate) enum Resource<S: 'static> {
    /// No resource in particular: `*`.
    Any,
    /// A resource by the members of the input: `parameter{Name}` is `arn:aws:ssm:REGION:ACCOUNT:parameter/x`. A member that
    /// holds an ARN already is taken as it is.
    Of(&'static str),
    /// The ARNs that the function finds in the input.
    By(fn(&S, &Input) -> Vec<String>),
    /// Actions that the operation consists of, each with its resource, as the function finds them in the input.
    Each(fn(&S, &Input) -> Vec<(&'static str, String)>),
}

pub(super) enum Run<S: 'static> {
    Now(fn(&S, &Request) -> Reply),
    Later(for<'a> fn(&'a S, &'a Request) -> BoxFuture<'a, Reply>),
}

impl<S> Operation<S> {
    /// An operation that answers at once.
    pub(crate) const fn now(name: &'static str, honours: &'static str, run: fn(&S, &Request) -> Reply) -> Self {
        Self {
            name,
            honours: Some(honours),
            actions: &[],
            resource: Resource::Any,
            keys: no_keys,
            free: false,
            by_secret: false,
            passes: &[],
            sound: |_, _| Ok(()),
            run: Run::Now(run),
        }
    }

    /// An operation that waits for something.
    pub(crate) const fn later(
        name: &'static str,
        honours: &'static str,
        run: for<'a> fn(&'a S, &'a Request) -> BoxFuture<'a, Reply>,
    ) -> Self {
        Self {
            name,
            honours: Some(honours),
            actions: &[],
            resource: Resource::Any,
            keys: no_keys,
            free: false,
            by_secret: false,
            passes: &[],
            sound: |_, _| Ok(()),
            run: Run::Later(run),
        }
    }

    /// A door that is open to the plane alone.
    pub(crate) const fn private(name: &'static str, run: fn(&S, &Request) -> Reply) -> Self {
        Self {
            name,
            honours: None,
            actions: &[],
            resource: Resource::Any,
            keys: no_keys,
            free: false,
            by_secret: false,
            passes: &[],
            sound: |_, _| Ok(()),
            run: Run::Now(run),
        }
    }

    /// A door that is open to the plane alone, behind which something is waited for.
    pub(crate) const fn private_later(
        name: &'static str,
        run: for<'a> fn(&'a S, &'a Request) -> BoxFuture<'a, Reply>,
    ) -> Self {
        Self {
            name,
            honours: None,
            actions: &[],
            resource: Resource::Any,
            keys: no_keys,
            free: false,
            by_secret: false,
            passes: &[],
            sound: |_, _| Ok(()),
            run: Run::Later(run),
        }
    }

    /// The same operation, done to a resource that the input names.
    #[must_use]
    pub(crate) const fn on(mut self, resource: &'static str) -> Self {
        self.resource = Resource::Of(resource);
        self
    }

    /// The same operation, done to what `find` finds in the input.
    #[must_use]
    pub(crate) const fn on_found(mut self, find: fn(&S, &Input) -> Vec<String>) -> Self {
        self.resource = Resource::By(find);
        self
    }

    /// The same operation, of which IAM is told these condition keys.
    #[must_use]
    pub(crate) const fn asking(mut self, keys: FindKeys<S>) -> Self {
        self.keys = keys;
        self
    }

    /// The same operation, which nobody needs to be allowed.
    #[must_use]
    pub(crate) const fn free(mut self) -> Self {
        self.free = true;
        self
    }

    /// The same operation, which consists of the actions that `find` finds in the input, each on its own resource.
    #[must_use]
    pub(crate) const fn on_each(mut self, find: fn(&S, &Input) -> Vec<(&'static str, String)>) -> Self {
        self.resource = Resource::Each(find);
        self
    }

    /// The same operation, which somebody who signs nothing may do with a secret that the input has, such as the token in a
    /// letter.
    #[must_use]
    pub(crate) const fn by_secret(mut self) -> Self {
        self.by_secret = true;
        self
    }

    /// The same operation, which hands roles to services: for each the member that names it (`pipeline.roleArn`, looking
    /// through lists) and the service. The caller needs `iam:PassRole`.
    #[must_use]
    pub(crate) const fn passing(mut self, roles: &'static [(&'static str, &'static str)]) -> Self {
        self.passes = roles;
        self
    }

    /// The same operation, whose input is looked at before IAM is asked: what names nothing that could be is told as that, to
    /// those, too, who may not.
    #[must_use]
    pub(crate) const fn sound(mut self, look: Sound<S>) -> Self {
        self.sound = look;
        self
    }

    /// The same operation, which IAM calls otherwise.
    #[must_use]
    pub(crate) const fn called(mut self, actions: &'static [&'static str]) -> Self {
        self.actions = actions;
        self
    }
}

/// The condition keys of most operations.
fn no_keys<S>(_: &S, _: &Input) -> Vec<(String, Vec<String>)> {
    Vec::new()
}
