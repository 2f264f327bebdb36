//! `make torture-replicas`.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Parser;
use sockerless_torture::{End, Plan, run};

/// Three daemons, 32 clients that do everything at random, and faults; what was acknowledged has to
/// be what every daemon says at the end.
#[derive(Debug, Parser)]
#[command(name = "sockerless-torture", version)]
struct Cli {
    /// The daemon
    #[arg(long, value_name = "FILE", default_value = "target/release/sockerless")]
    sockerless: PathBuf,

    /// How long
    #[arg(long, default_value_t = 30)]
    minutes: u64,

    /// So many operations, instead of a time
    #[arg(long, value_name = "NUMBER")]
    operations: Option<u64>,

    /// Where all chance comes from [default: the time]
    #[arg(long)]
    seed: Option<u64>,

    /// How many daemons
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=9))]
    daemons: u8,

    /// How many clients
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u8).range(1..))]
    clients: u8,

    /// How many groups of four images each client has
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    slots: u8,

    /// Where the report and the daemons' logs are written
    #[arg(long, value_name = "DIR", default_value = "target/torture")]
    folder: PathBuf,
}

fn main() -> io::Result<ExitCode> {
    let cli = Cli::parse();
    fs::create_dir_all(&cli.folder)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let plan = Plan {
        sockerless: cli.sockerless,
        seed: cli.seed.unwrap_or(now.unwrap_or_default().as_secs()),
        daemons: cli.daemons.into(),
        clients: cli.clients.into(),
        slots: cli.slots.into(),
        end: match cli.operations {
            Some(operations) => End::Operations(operations),
            None => End::Time(Duration::from_secs(60 * cli.minutes)),
        },
        logs: cli.folder.clone(),
    };
    for daemon in 0..plan.daemons {
        // Logs of another run would be continued.
        let _none = fs::remove_file(plan.logs.join(format!("daemon-{daemon}.log")));
    }
    writeln!(io::stderr(), "seed {}", plan.seed)?;
    let report = run(&plan);
    let text = report.to_string();
    fs::write(cli.folder.join("report.md"), &text)?;
    io::stdout().write_all(text.as_bytes())?;
    Ok(match report.is_clean() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
