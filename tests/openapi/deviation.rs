use std::collections::BTreeMap;

use crate::client::Answer;

/// What does not fit its type: the kind of the answer, where in it, and what is wrong. With it an
/// answer that shows it.
pub(crate) type Deviations = BTreeMap<Deviation, String>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deviation {
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    pub(crate) fault: String,
}

/// Each deviation once.
pub(crate) fn all(answers: &[Answer], faults: &[Vec<(String, String)>]) -> Deviations {
    let mut all = Deviations::new();
    for (answer, faults) in answers.iter().zip(faults) {
        for (path, fault) in faults {
            let deviation = Deviation {
                kind: answer.kind,
                path: path.clone(),
                fault: fault.clone(),
            };
            all.entry(deviation)
                .or_insert_with(|| format!("{}: {}", answer.request, answer.value));
        }
    }
    all
}
