use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::archives::Archives;
use crate::cli::{Options, Scaling, Site};
use crate::peers::Sockerless;
use crate::report::{BENCHMARK, Machine, Page, Report, SCALING, say};
use crate::works::Work;

/// How long rates are measured.
const SPELL: Duration = Duration::from_secs(2);

/// The state that all works need.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The daemon.
    pub(crate) sockerless: Sockerless,
    /// The file whose size counts.
    pub(crate) shipped: PathBuf,
    /// This program, for the baseline.
    pub(crate) own_binary: PathBuf,
    /// The archives.
    pub(crate) archives: Archives,
    /// The number of rounds.
    pub(crate) rounds: usize,
    /// How long rates are measured.
    pub(crate) spell: Duration,
    /// Names for the slowest inspection.
    pub(crate) tags: u32,
    /// Images for the slowest start.
    pub(crate) images: u32,
    /// Names in the large database.
    pub(crate) names: u32,
    works: Vec<Work>,
    page: &'static Page,
    /// Where the page goes.
    report: PathBuf,
    /// Folders of daemons are made in here.
    scratch: PathBuf,
    machine: Machine,
    /// Held as long as this runs.
    _lock: File,
}

impl Bench {
    /// Prepares all works with other programs, or a part of them.
    pub(crate) fn beside_others(options: Options) -> Result<Self> {
        let is_complete = options.is_complete();
        let bench = Self::new(options.site, is_complete, &BENCHMARK)?;
        Ok(Self {
            shipped: options.shipped.unwrap_or(bench.shipped),
            tags: options.tags,
            images: options.images,
            works: match options.works.is_empty() {
                true => Work::BESIDE_OTHERS.to_vec(),
                false => options.works,
            },
            ..bench
        })
    }

    /// Prepares the works with PostgreSQL.
    pub(crate) fn on_postgres(scaling: Scaling) -> Result<Self> {
        let is_complete = scaling.is_complete();
        Ok(Self {
            names: scaling.names,
            works: Work::ON_POSTGRES.to_vec(),
            ..Self::new(scaling.site, is_complete, &SCALING)?
        })
    }

    /// Prepares a bench; removes leftovers of an interrupted run.
    fn new(site: Site, is_complete: bool, page: &'static Page) -> Result<Self> {
        ensure!(
            rustix::process::geteuid().is_root(),
            "others are started as root or as other users, so this has to be root"
        );
        fs::create_dir_all(&site.folder)?;
        let folder = site.folder.canonicalize()?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock()
            .context("another run has the folder of the bench")?;
        let scratch = folder.join("scratch");
        if scratch.exists() {
            fs::remove_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
        }
        fs::create_dir_all(&scratch)?;
        let binary = &site.sockerless;
        let binary = binary
            .canonicalize()
            .with_context(|| binary.display().to_string())?;
        let report = match is_complete {
            true => site.report,
            false => folder.clone(),
        };
        Ok(Self {
            shipped: binary.clone(),
            sockerless: Sockerless::new(binary),
            own_binary: std::env::current_exe()?,
            archives: Archives::new(&folder),
            rounds: site.rounds,
            spell: SPELL,
            tags: 0,
            images: 0,
            names: 0,
            works: Vec::new(),
            page,
            report,
            machine: Machine::this(&scratch, site.rounds, page.programs)?,
            scratch,
            _lock: lock,
        })
    }

    /// Measures everything and writes the page.
    pub(crate) fn run(&self) -> Result<()> {
        let begun = Instant::now();
        let mut report = Report::new(self.page, self.machine.clone())?;
        for work in &self.works {
            work.run(self, &mut report)?;
        }
        report.write(&self.report)?;
        fs::remove_dir_all(&self.scratch)?;
        let (met, goals) = report.met();
        let minutes = begun.elapsed().as_secs_f64() / 60.0;
        let page = self.report.join(self.page.file());
        say(&format!(
            "{met} of {goals} goals met, in {minutes:.1} minutes; written to {}",
            page.display()
        ))
    }

    /// A new folder on the disk, for one turn of one contestant.
    pub(crate) fn folder(&self) -> Result<TempDir> {
        tempfile::Builder::new()
            .prefix("")
            .rand_bytes(4)
            .tempdir_in(&self.scratch)
            .context("a temporary folder")
    }

    /// A command of this program.
    pub(crate) fn own_command(&self, name: &str, from: &Path) -> std::process::Command {
        let mut command = std::process::Command::new(&self.own_binary);
        command.arg(name).arg(from);
        command
    }
}
