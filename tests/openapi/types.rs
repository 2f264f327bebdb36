use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use sockerless_testkit::tool::output;

use crate::client::Answer;

/// The folders of `types/`. A compilation of Docker's types keeps one processor busy and Cargo locks
/// a target folder, so there are two of them.
const HALVES: [&[&str]; 2] = [&["1.41", "1.53"], &["1.44", "1.49"]];

/// Compiles the programs of all versions.
static COMPILED: LazyLock<()> = LazyLock::new(|| {
    std::thread::scope(|scope| {
        for half in HALVES {
            scope.spawn(move || {
                for version in half {
                    succeed(&mut Types(version).cargo("build"));
                }
            });
        }
    });
});

/// Docker's types of one API version, by the name of their folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Types(pub(crate) &'static str);

impl Types {
    /// The deviations of each response from its type: paths and faults.
    pub(crate) fn check(self, answers: &[Answer]) -> Vec<Vec<(String, String)>> {
        LazyLock::force(&COMPILED);
        let stdout = succeed(self.cargo("run").stdin(lines(answers)));
        let checked: Vec<_> = stdout.lines().map(faults).collect();
        assert_eq!(checked.len(), answers.len());
        checked
    }

    fn cargo(self, command: &str) -> Command {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/types");
        let manifest = folder.join(format!("v{}", self.0)).join("Cargo.toml");
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([command, "--quiet", "--locked", "--manifest-path"])
            .arg(manifest)
            .arg("--target-dir")
            .arg(self.target());
        cargo
    }

    fn target(self) -> PathBuf {
        let half = HALVES.iter().position(|half| half.contains(&self.0));
        let half = half.expect("a version that is compiled");
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("openapi-types-{half}"))
    }
}

fn succeed(command: &mut Command) -> String {
    let output = output(command).unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The responses as a file, positioned at its beginning.
fn lines(answers: &[Answer]) -> File {
    let mut file = BufWriter::new(tempfile::tempfile().unwrap());
    for Answer { kind, value, .. } in answers {
        writeln!(file, "{}", json!({ "kind": kind, "answer": value })).unwrap();
    }
    let mut file = file.into_inner().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

fn faults(line: &str) -> Vec<(String, String)> {
    let faults: Vec<Value> = serde_json::from_str(line).unwrap();
    let text = |fault: &Value, key: &str| fault[key].as_str().expect("a text").to_owned();
    faults
        .iter()
        .map(|fault| (text(fault, "path"), text(fault, "fault")))
        .collect()
}

/// The programs in `types/` report deviations.
#[test]
fn what_does_not_fit_is_told() {
    let answer = |kind: &'static str, value: Value| Answer {
        kind,
        request: String::new(),
        value,
    };
    let answers = [
        answer("error", json!({ "message": "m" })),
        answer("error", json!({ "message": "m", "more": null })),
        answer("container created", json!({ "Id": "1" })),
        answer(
            "container",
            json!({ "State": { "Status": "idle" }, "Odd": 1 }),
        ),
        answer("info", json!({ "NCPU": "2", "Driver": 1 })),
        answer("image", json!({ "Created": "yesterday" })),
        answer("image", json!({ "Created": "2026-01-02T03:04:05.5Z" })),
        answer(
            "images removed",
            json!([{ "Untagged": "a:1" }, { "Deleted": 1 }]),
        ),
        answer(
            "image",
            json!({ "GraphDriver": { "Name": "n", "Data": null } }),
        ),
    ];
    let told: Vec<String> = Types("1.53")
        .check(&answers)
        .into_iter()
        .map(|faults| {
            let faults: Vec<_> = faults
                .into_iter()
                .map(|(path, fault)| format!("{path}: {fault}"))
                .collect();
            faults.join("; ")
        })
        .collect();
    assert_eq!(
        told,
        [
            "",
            ".more: unknown key",
            ": refused: missing field `Warnings`",
            ".Odd: unknown key; .State.Status: refused: unknown variant `idle`, expected one of ``, \
             `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`, `stopping`",
            ".Driver: refused: invalid type: integer `1`, expected a string; \
             .NCPU: refused: invalid type: string \"2\", expected i64",
            ".Created: refused: input contains invalid characters",
            "",
            "[].Deleted: refused: invalid type: integer `1`, expected a string",
            ".GraphDriver.Data: null is read as {}",
        ]
    );
}
