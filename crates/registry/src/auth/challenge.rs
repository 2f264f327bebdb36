//! Parsing of `WWW-Authenticate`: which authentication a registry asks for.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// One way of authenticating that a registry offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// Ask `realm` for a token.
    Bearer {
        realm: String,
        service: Option<String>,
    },
    /// Send user and password.
    Basic { service: Option<String> },
}

/// A challenge and what it says about the refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) challenge: Challenge,
    /// What a token has to permit, in the form of the `scope` parameter.
    pub(crate) scopes: Vec<String>,
    pub(crate) error: Option<TokenError>,
}

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// It is no longer valid.
    Invalid,
    /// It does not permit this.
    Scope,
}

/// The best of the offers, a token before a password, if there is one this crate can use.
pub(crate) fn best(headers: &HeaderMap) -> Option<Offer> {
    let mut offers: Vec<_> = headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .flat_map(|value| parse(&String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let bearer = offers
        .iter()
        .position(|offer| matches!(offer.challenge, Challenge::Bearer { .. }));
    bearer
        .or((!offers.is_empty()).then_some(0))
        .map(|at| offers.swap_remove(at))
}

/// The challenges of one header that this crate knows.
///
/// A header is a comma-separated list of schemes with comma-separated parameters, whose quoted
/// values may hold commas and escaped quotes.
fn parse(header: &str) -> Vec<Offer> {
    let mut found = Vec::new();
    let mut current: Option<(String, Vec<(String, String)>)> = None;
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = take_token(rest);
        if word.is_empty() {
            // Not a token, such as a stray quote: skip it.
            let mut characters = rest.chars();
            if characters.next().is_none() {
                break;
            }
            rest = characters.as_str();
            continue;
        }
        let spaced = after.trim_start_matches([' ', '\t']);
        if let Some(value) = spaced.strip_prefix('=') {
            let (value, after) = take_value(value.trim_start_matches([' ', '\t']));
            if let Some((_, parameters)) = &mut current {
                parameters.push((word.to_ascii_lowercase(), value));
            }
            rest = after;
        } else {
            found.extend(current.take().and_then(offer));
            current = Some((word.to_ascii_lowercase(), Vec::new()));
            rest = after;
        }
    }
    found.extend(current.take().and_then(offer));
    found
}

fn offer((scheme, parameters): (String, Vec<(String, String)>)) -> Option<Offer> {
    let get = |name: &str| {
        let found = parameters.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    };
    let challenge = match scheme.as_str() {
        "bearer" => Challenge::Bearer {
            realm: get("realm")?,
            service: get("service"),
        },
        "basic" => Challenge::Basic {
            service: get("service"),
        },
        _ => return None,
    };
    let scopes = get("scope").unwrap_or_default();
    Some(Offer {
        challenge,
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        error: match get("error").as_deref() {
            Some("invalid_token") => Some(TokenError::Invalid),
            Some("insufficient_scope") => Some(TokenError::Scope),
            _ => None,
        },
    })
}

fn take_token(text: &str) -> (&str, &str) {
    let is_token = |character: char| {
        character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(character)
    };
    let end = text
        .find(|character| !is_token(character))
        .unwrap_or(text.len());
    text.split_at(end)
}

/// A quoted string, or everything up to a comma or a space.
fn take_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return (value, characters.as_str()),
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Challenge, HeaderMap, TokenError, WWW_AUTHENTICATE, parse};

    fn bearer(realm: &str, service: &str) -> Challenge {
        let service = (!service.is_empty()).then(|| service.to_owned());
        Challenge::Bearer {
            realm: realm.to_owned(),
            service,
        }
    }

    fn basic(service: &str) -> Challenge {
        Challenge::Basic {
            service: (!service.is_empty()).then(|| service.to_owned()),
        }
    }

    fn challenges(header: &str) -> Vec<Challenge> {
        let offers = parse(header).into_iter();
        offers.map(|offer| offer.challenge).collect()
    }

    #[test]
    fn headers_of_real_registries() {
        for (header, expected) in [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push",error="insufficient_scope""#,
                vec![bearer("https://auth.docker.io/token", "registry.docker.io")],
            ),
            (
                r#"Basic realm="https://1.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com""#,
                vec![basic("ecr.amazonaws.com")],
            ),
            (
                r#"Negotiate, bearer REALM=/token , service = "a \"b\", c", Basic realm="x, y""#,
                vec![bearer("/token", "a \"b\", c"), basic("")],
            ),
            ("Negotiate abc==, Basic", vec![basic("")]),
            (r#"Bearer service="no realm""#, vec![]),
            (r#"Bearer realm="open"#, vec![bearer("open", "")]),
            ("", vec![]),
        ] {
            assert_eq!(challenges(header), expected, "{header}");
        }
    }

    #[test]
    fn what_is_wanted_and_why() {
        for (parameters, scopes, error) in [
            ("", &[][..], None),
            (r#"scope="""#, &[], None),
            (
                r#"scope="repository:a/b:pull,push repository:c:pull",error="insufficient_scope""#,
                &["repository:a/b:pull,push", "repository:c:pull"],
                Some(TokenError::Scope),
            ),
            (r#"error="invalid_token""#, &[], Some(TokenError::Invalid)),
            (r#"error="other""#, &[], None),
        ] {
            let header = format!(r#"Bearer realm="/t",{parameters}"#);
            let offers = parse(&header);
            assert_eq!(offers.len(), 1, "{header}");
            assert_eq!(offers[0].scopes, scopes, "{header}");
            assert_eq!(offers[0].error, error, "{header}");
        }
    }

    fn best(headers: &HeaderMap) -> Option<Challenge> {
        super::best(headers).map(|offer| offer.challenge)
    }

    #[test]
    fn a_token_comes_before_a_password() {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, "Basic realm=x".parse().expect("valid"));
        assert_eq!(best(&headers), Some(basic("")));
        headers.append(
            WWW_AUTHENTICATE,
            "Bearer realm=\"/t\"".parse().expect("valid"),
        );
        assert_eq!(best(&headers), Some(bearer("/t", "")));
        assert_eq!(best(&HeaderMap::new()), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", marks in "[BearBasic=\",\\\\ /é]{0,60}") {
            let _ = parse(&text);
            let _ = parse(&marks);
        }

        #[test]
        fn any_quoted_value_is_found(realm in "\\PC{1,40}", service in "\\PC{1,40}") {
            let quote = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
            let header = format!(
                "Basic realm=\"a\", Bearer realm=\"{}\",service=\"{}\",scope=\"x,y\"",
                quote(&realm), quote(&service),
            );
            let expected = Challenge::Bearer { realm, service: Some(service) };
            prop_assert_eq!(challenges(&header), vec![basic(""), expected]);
        }
    }
}
