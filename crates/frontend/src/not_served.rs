//! Endpoints of the Docker Engine that are known but not implemented.

use hyper::Response;

use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// Any endpoint that is not implemented: the message names it, and for a build, where to do that
/// instead.
pub(crate) async fn not_served(_: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    Err(refusal(&call.route.endpoint()))
}

fn refusal(endpoint: &str) -> Failure {
    // The names of variables say enough.
    let endpoint = endpoint.replace(":.*}", "}");
    let is_build = ["/build", "/session", "/grpc"];
    let path = endpoint.split_whitespace().last().unwrap_or_default();
    let instead = if is_build.iter().any(|build| path.starts_with(build)) {
        ". Build elsewhere: `docker buildx create --driver kubernetes --use` (or `--driver remote`), \
         then `docker buildx build --load`"
    } else {
        ""
    };
    Failure::not_implemented(format!(
        "sockerless does not serve {endpoint}: it loads, pulls, imports, pushes, saves, tags, lists \
         and removes images, and creates containers from them{instead}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let message = |endpoint: &str| refusal(endpoint).message;
        assert_eq!(
            message("POST /networks/{name:.*}/connect"),
            "sockerless does not serve POST /networks/{name}/connect: it loads, pulls, imports, \
             pushes, saves, tags, lists and removes images, and creates containers from them"
        );
        assert!(message("POST /build").contains("docker buildx build --load"));
    }
}
