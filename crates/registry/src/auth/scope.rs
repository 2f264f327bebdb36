//! Scopes of tokens.

/// What a token must permit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Only identification: what a login asks for.
    Login,
    /// To read a repository.
    Pull { repository: String },
    /// To read and write a repository and, for a mount, to read another one.
    Push {
        repository: String,
        from: Option<String>,
    },
}

/// Whether one of the `asked` scopes permits what `wanted` does: the same resource, with all of its
/// actions.
pub(crate) fn covers(asked: &[String], wanted: &str) -> bool {
    let split = |scope: &str| -> (String, Vec<String>) {
        let (resource, actions) = scope.rsplit_once(':').unwrap_or((scope, ""));
        let actions = actions.split(',').map(str::to_owned).collect();
        (resource.to_owned(), actions)
    };
    let (resource, actions) = split(wanted);
    asked.iter().any(|asked| {
        let (other, permitted) = split(asked);
        let all = permitted.iter().any(|action| action == "*");
        other == resource
            && actions
                .iter()
                .all(|action| all || permitted.contains(action))
    })
}

impl Scope {
    /// The `scope` parameters, the target first: some registries look at no other.
    pub(crate) fn parameters(&self) -> Vec<String> {
        match self {
            Self::Login => Vec::new(),
            Self::Pull { repository } => vec![format!("repository:{repository}:pull")],
            Self::Push { repository, from } => {
                let mut scopes = vec![format!("repository:{repository}:pull,push")];
                scopes.extend(from.as_ref().map(|from| format!("repository:{from}:pull")));
                scopes
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_scope_covers() {
        let asked = Scope::Push {
            repository: "a/b".into(),
            from: Some("c".into()),
        };
        let asked = asked.parameters();
        for (wanted, expected) in [
            ("repository:a/b:pull", true),
            ("repository:a/b:push,pull", true),
            ("repository:a/b:delete", false),
            ("repository:c:pull", true),
            ("repository:c:pull,push", false),
            ("repository:mirror/a/b:pull", false),
            ("registry:catalog:*", false),
            ("", false),
        ] {
            assert_eq!(covers(&asked, wanted), expected, "{wanted}");
        }
        assert!(covers(&["repository:a:*".into()], "repository:a:pull"));
    }
}
