use std::collections::BTreeMap;

use crate::client::Answer;

/// Deviations from a type: the kind of the response, the position in it, and the fault. Each with a
/// response that shows it.
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
