use sockerless_dockerfile::apply;
use sockerless_oci::config::RunConfig;

/// Applies `data`, a line for each of the parameters `changes`, to the config of an import: it is
/// refused with a message and nothing is changed, or the result can be serialized and parsed again.
pub fn changes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for os in ["linux", "windows"] {
        check(&lines, os);
    }
}

fn check(lines: &[String], os: &str) {
    let before = RunConfig {
        env: vec!["PATH=/bin".to_owned()],
        ..RunConfig::default()
    };
    let mut run = before.clone();
    match apply(&mut run, lines, os) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_eq!(run, before);
        }
        Ok(()) => {
            let json = serde_json::to_string(&run).expect("JSON");
            let read: RunConfig = serde_json::from_str(&json).expect("what was written");
            assert_eq!(serde_json::to_string(&read).expect("JSON"), json);
        }
    }
}
