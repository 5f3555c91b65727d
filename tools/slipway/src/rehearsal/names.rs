//! The names of the things of a rehearsal.

/// Names by application and stage.
#[derive(Clone, Debug)]
pub struct Names {
    /// The application's name, from which the others are made.
    pub application: String,
    /// The stage that is released to.
    pub stage: String,
    /// The pipeline, and the stack that holds it.
    pub pipeline: String,
    /// The pipeline's stack.
    pub pipeline_stack: String,
    /// The application's stack.
    pub stack: String,
    /// The function whose alias is shifted, once it is known.
    pub function: Option<String>,
    /// The alias of the function whose traffic is shifted.
    pub alias: String,
}

impl Names {
    /// The names that `pipeline.yaml` and `template.yaml` give.
    pub fn of(application: &str, stage: &str) -> Self {
        Self {
            application: application.to_owned(),
            stage: stage.to_owned(),
            pipeline: application.to_owned(),
            pipeline_stack: format!("{application}-pipeline"),
            stack: format!("{application}--{stage}"),
            function: None,
            alias: "live".to_owned(),
        }
    }
}
