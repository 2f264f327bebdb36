//! `/auth`: credentials for a registry.

use hyper::Response;
use serde::Serialize;
use sockerless_images::LoginRequest;
use sockerless_oci::json::{Member, any_case, decode};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// The largest body: identity tokens have a few thousand bytes.
const BODY_BYTES: usize = 64 << 10;

/// `POST /auth`: verifies credentials with the registry.
pub(crate) async fn login(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let too_large = "the credentials are too large: at most 64 KiB are read";
    let body = call.upload.whole(BODY_BYTES, too_large).await?;
    let token = frontend.images.login(parse(&body)?).await?;
    answer::json(&LoginAnswer::new(token))
}

/// Parses the body as Go does: keys in any case, and absent values are empty. Errors quote nothing
/// of it, because it may be a password.
fn parse(body: &[u8]) -> Result<LoginRequest, Failure> {
    #[derive(Debug, Default)]
    struct Credentials {
        username: Member<String>,
        password: Member<String>,
        identity_token: Member<String>,
        server_address: Member<String>,
    }

    any_case!(Credentials, "credentials" {
        "username" => username,
        "password" => password,
        "identitytoken" => identity_token,
        "serveraddress" => server_address,
    });

    let invalid = |what: String| Failure::bad_request(format!("invalid JSON: {what}"));
    let credentials: Credentials = decode(body).map_err(|error| {
        invalid(match error.position() {
            _ if error.is_eof() => "got EOF while reading request body".to_owned(),
            _ if error.is_data() => "credentials are an object".to_owned(),
            Some((line, column)) => {
                format!("line {line}, column {column} of the request body is wrong")
            }
            // A bound, which quotes nothing of the body.
            None => error.to_string(),
        })
    })?;
    let text = |name: &str, member: Member<String>| match member {
        Member::Missing => Ok(String::new()),
        Member::Is(text) => Ok(text),
        Member::Wrong => Err(invalid(format!("{name} has to be a string"))),
    };
    Ok(LoginRequest {
        username: text("username", credentials.username)?,
        password: text("password", credentials.password)?,
        identity_token: text("identitytoken", credentials.identity_token)?,
        server_address: text("serveraddress", credentials.server_address)?,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LoginAnswer {
    /// Empty when the registry returned none.
    identity_token: String,
    status: &'static str,
}

impl LoginAnswer {
    fn new(identity_token: Option<String>) -> Self {
        Self {
            identity_token: identity_token.unwrap_or_default(),
            status: "Login Succeeded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let request = parse(
            br#"{"username":"no","UserName":"me","password":"no","Password":"s3cret","email":1e999,"serveraddress":"h:5000","identitytoken":null}"#,
        );
        let request = request.map_err(|failure| failure.message).expect("valid");
        assert_eq!(request.username, "me");
        assert_eq!(request.password, "s3cret");
        assert_eq!(request.identity_token, "");
        assert_eq!(request.server_address, "h:5000");
    }

    #[test]
    fn bad_bodies_are_refused_without_their_words() {
        for (body, message) in [
            ("", "got EOF while reading request body"),
            (
                r#"{"password":"s3cret""#,
                "got EOF while reading request body",
            ),
            (
                r#"{"password":s3cret}"#,
                "line 1, column 13 of the request body is wrong",
            ),
            (
                r#"{"password":"s3cret"} s3cret"#,
                "line 1, column 23 of the request body is wrong",
            ),
            (r#"["s3cret"]"#, "credentials are an object"),
            (r#"{"password":["s3cret"]}"#, "password has to be a string"),
            (r#"{"username":5}"#, "username has to be a string"),
        ] {
            let failure = parse(body.as_bytes()).expect_err(body);
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
            assert_eq!(failure.message, format!("invalid JSON: {message}"));
        }
    }

    #[test]
    fn answers() {
        let text = |token| serde_json::to_string(&LoginAnswer::new(token)).expect("JSON");
        assert_eq!(
            text(None),
            r#"{"IdentityToken":"","Status":"Login Succeeded"}"#
        );
        assert_eq!(
            text(Some("t".to_owned())),
            r#"{"IdentityToken":"t","Status":"Login Succeeded"}"#
        );
    }
}
