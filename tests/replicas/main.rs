//! Several daemons under many clients and faults are one service: the short form of
//! `make torture-replicas`.

use sockerless_torture::{End, Plan, run};

#[test]
fn nothing_is_lost_and_nothing_invented() {
    let logs = tempfile::tempdir().expect("a temporary folder");
    let plan = Plan {
        sockerless: env!("CARGO_BIN_EXE_sockerless-tests").into(),
        seed: 1,
        daemons: 3,
        clients: 32,
        slots: 2,
        end: End::Operations(1500),
        logs: logs.path().to_owned(),
    };
    let report = run(&plan);
    if !report.is_clean() {
        let logs = logs.keep();
        panic!("the daemons' logs are in {}\n{report}", logs.display());
    }
}
