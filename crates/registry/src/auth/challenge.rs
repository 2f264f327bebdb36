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

/// The best of the offers, a token before a password, if there is one this crate can use.
pub(crate) fn best(headers: &HeaderMap) -> Option<Challenge> {
    let offers: Vec<_> = headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .flat_map(|value| parse(&String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let bearer = offers
        .iter()
        .find(|offer| matches!(offer, Challenge::Bearer { .. }));
    bearer.or_else(|| offers.first()).cloned()
}

/// The challenges of one header that this crate knows.
///
/// A header is a comma-separated list of schemes with comma-separated parameters, whose quoted
/// values may hold commas and escaped quotes.
fn parse(header: &str) -> Vec<Challenge> {
    let mut found = Vec::new();
    let mut current: Option<(String, Vec<(String, String)>)> = None;
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = take_token(rest);
        if word.is_empty() {
            // Something that is no token, such as a stray quote: step over it.
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
            found.extend(current.take().and_then(challenge));
            current = Some((word.to_ascii_lowercase(), Vec::new()));
            rest = after;
        }
    }
    found.extend(current.take().and_then(challenge));
    found
}

fn challenge((scheme, parameters): (String, Vec<(String, String)>)) -> Option<Challenge> {
    let get = |name: &str| {
        let found = parameters.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    };
    match scheme.as_str() {
        "bearer" => Some(Challenge::Bearer {
            realm: get("realm")?,
            service: get("service"),
        }),
        "basic" => Some(Challenge::Basic {
            service: get("service"),
        }),
        _ => None,
    }
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

    use super::*;

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
            assert_eq!(parse(header), expected, "{header}");
        }
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
            prop_assert_eq!(parse(&header), vec![basic(""), expected]);
        }
    }
}
