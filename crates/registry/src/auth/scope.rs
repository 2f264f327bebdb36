/// What a token shall permit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// To be known, no more: what a login asks for.
    Login,
    /// To read a repository.
    Pull { repository: String },
    /// To read and write a repository and, for a mount, to read another one.
    Push {
        repository: String,
        from: Option<String>,
    },
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
