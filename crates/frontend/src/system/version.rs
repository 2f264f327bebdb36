//! `GET /version`.

use hyper::Response;
use serde_json::json;

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;
use crate::version::ApiVersion;

/// `GET /version`.
///
/// Docker's build information (Go, commit, time) has no value here, but clients expect a text.
pub(crate) async fn version(frontend: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    let config = &frontend.config;
    let (max, min) = (ApiVersion::MAX.to_string(), ApiVersion::MIN.to_string());
    let (os, architecture) = (&config.platform.os, &config.platform.architecture);
    let kernel = &frontend.machine.kernel_version;
    answer::json(&json!({
        "Platform": { "Name": "Sockerless" },
        "Components": [{
            "Name": "Engine",
            "Version": config.version,
            "Details": {
                "ApiVersion": max,
                "Arch": architecture,
                "BuildTime": "",
                "Experimental": "false",
                "GitCommit": "",
                "GoVersion": "",
                "KernelVersion": kernel,
                "MinAPIVersion": min,
                "Os": os,
            },
        }],
        "Version": config.version,
        "ApiVersion": max,
        "MinAPIVersion": min,
        "GitCommit": "",
        "GoVersion": "",
        "Os": os,
        "Arch": architecture,
        "KernelVersion": kernel,
        "BuildTime": "",
    }))
}
