use crate::frontend::Frontend;
use crate::status::Failure;

/// Whatever runs a container: nothing here does, and nothing pretends to.
pub(crate) async fn run(frontend: &Frontend, name: &str) -> Failure {
    match frontend.engine.container(name).await {
        Ok(_) => no_backend(),
        Err(error) => error.into(),
    }
}

/// What is said of everything that would run.
pub(crate) fn no_backend() -> Failure {
    Failure::not_implemented("no execution backend is configured")
}
