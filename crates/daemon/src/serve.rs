//! `sockerless serve`: starting, accepting connections, and shutting down.

use std::convert::Infallible;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use listenfd::ListenFd;
use rustix::fs::Mode;
use sd_notify::NotifyState;
use sockerless_frontend::Frontend;
use sockerless_images::{Images, Proxies};
use tokio::runtime::{self, Runtime};
use tokio::sync::{mpsc, watch};

use crate::cli::ServeOptions;
use crate::data_root;
use crate::defaults;
use crate::host::Host;
use crate::listener::{self, AsyncListener, Listener, Socket, Watch};
use crate::logging::Log;
use crate::reload::reload;
use crate::shutdown::{Order, Signals};
use crate::storage::Storage;
use crate::version;
use crate::wiring;

/// How long running requests may take during shutdown. With the rest of the shutdown that makes
/// less than ten seconds, after which `docker stop` and others kill.
const GRACE: Duration = Duration::from_secs(9);
/// How long blocking threads may take after that.
const LAST_GRACE: Duration = Duration::from_millis(500);

/// Serves until a signal to shut down arrives.
///
/// The data root is locked first, so that a second daemon does not take a socket away.
pub(crate) fn run(options: ServeOptions) -> Result<()> {
    let log = Log::begin(&options.log_level, options.log_format);
    options.check()?;
    Proxies::check_environment()?;
    rustix::process::umask(Mode::from_raw_mode(data_root::MASK));
    let storage = Storage::open(&options)?;
    announce(&options, &storage);
    let hosts = match options.host.as_slice() {
        [] => vec![defaults::host()?],
        hosts => hosts.to_vec(),
    };
    let listeners = bind(&hosts, options.allow_insecure_tcp)?;
    // They are removed at the very end, when nothing listens any more.
    let files: Vec<_> = listeners.iter().filter_map(|l| l.file.clone()).collect();
    let workers = thread::available_parallelism()
        .map_or(2, NonZero::get)
        .max(2);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .context("cannot start the threads of the daemon")?;
    let main = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the thread that waits for signals")?;
    // From here on SIGHUP does not end the process, even while the state is being opened.
    let signals = {
        let _entered = main.enter();
        Signals::new().context("cannot listen for signals")?
    };
    let result = {
        let parts = runtime.block_on(async {
            let config = wiring::config(&options);
            let (images, containers) = wiring::stores(config, &options, &storage).await?;
            let frontend = wiring::frontend(&images, containers, &options, &storage)?;
            anyhow::Ok((images, frontend))
        });
        // This thread handles signals and the shutdown timeout, whatever the others do.
        parts.and_then(|(images, frontend)| {
            main.block_on(serve(
                &images, &frontend, listeners, signals, &log, &runtime,
            ))
        })
    };
    runtime.shutdown_timeout(LAST_GRACE);
    drop(files);
    result
}

/// Logs what this daemon is, and which of its options have no effect.
fn announce(options: &ServeOptions, storage: &Storage) {
    let data_root = storage.data_root();
    let staging = options.staging.repository();
    tracing::info!(
        version = version::VERSION,
        commit = version::COMMIT,
        data_root = data_root.map_or_else(|| "none".to_owned(), |path| path.display().to_string()),
        state = options.state.kind(),
        content = options.content.name(),
        staging = staging.map_or("none", |staging| staging.repository()),
        "sockerless starts"
    );
    if let Some(missing) = options.registries.missing_certs_dir() {
        tracing::warn!("{missing}: no certificate of it is used");
    }
}

fn bind(hosts: &[Host], allow_insecure_tcp: bool) -> Result<Vec<Listener>> {
    let mut inherited = ListenFd::from_env();
    let mut listeners = Vec::new();
    for host in hosts {
        listeners.extend(listener::bind(host, &mut inherited, allow_insecure_tcp)?);
    }
    if listeners.is_empty() {
        bail!("there is no socket to listen on: give one with --host");
    }
    Ok(listeners)
}

async fn serve(
    images: &Images,
    frontend: &Frontend,
    listeners: Vec<Listener>,
    mut signals: Signals,
    log: &Log,
    workers: &Runtime,
) -> Result<()> {
    let (stop, stopped) = watch::channel(false);
    // Nothing is ever sent: the channel closes when every connection has dropped its sender.
    let (running, mut ended) = mpsc::channel::<Infallible>(1);
    for Listener { socket, file } in listeners {
        let address = socket.address();
        warn_of_tcp(&socket, &address);
        let listener = {
            let _entered = workers.enter();
            AsyncListener::new(socket).with_context(|| format!("cannot listen at {address}"))?
        };
        tracing::info!(listening = %address, "ready");
        workers.spawn(accept(
            listener,
            Watch::new(file),
            frontend.clone(),
            stopped.clone(),
            running.clone(),
        ));
    }
    drop((running, stopped));
    notify(&[NotifyState::Ready]);

    let signal = loop {
        match signals.next().await {
            Order::End(signal) => break signal,
            Order::Reload => {
                let now = NotifyState::monotonic_usec_now().ok();
                let states: Vec<_> = [NotifyState::Reloading].into_iter().chain(now).collect();
                notify(&states);
                reload(images, log).await;
                notify(&[NotifyState::Ready]);
            }
        }
    };
    tracing::info!(
        signal,
        "shutting down: running requests may end, new ones are not taken"
    );
    notify(&[NotifyState::Stopping]);
    stop.send_replace(true);
    tokio::select! {
        _ = ended.recv() => tracing::info!("all requests have ended"),
        () = tokio::time::sleep(GRACE) => {
            tracing::warn!(seconds = GRACE.as_secs(), "requests that still run are cut off");
        }
        signal = signals.end() => {
            tracing::warn!(signal, "a second signal: requests that still run are cut off");
        }
    }
    Ok(())
}

fn warn_of_tcp(socket: &Socket, address: &str) {
    if socket.is_exposed() {
        tracing::warn!(
            address,
            "no TLS and no authentication: whoever reaches this address may do everything"
        );
    } else if socket.is_tcp() {
        tracing::warn!(
            address,
            "no TLS and no authentication: every user of this machine may do everything here"
        );
    }
}

/// Accepts connections until shutdown. Each holds a clone of `running`.
async fn accept(
    mut listener: AsyncListener,
    mut watch: Watch,
    frontend: Frontend,
    mut stopped: watch::Receiver<bool>,
    running: mpsc::Sender<Infallible>,
) {
    loop {
        let connection = tokio::select! {
            connection = listener.accept() => connection,
            restored = watch.restored() => {
                listener = restored;
                continue;
            }
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        let mut stopped = stopped.clone();
        let stopped = async move {
            // An error means that the sender is gone, which also means stop.
            drop(stopped.wait_for(|stop| *stop).await);
        };
        let served = connection.serve(&frontend, stopped);
        let running = running.clone();
        tokio::spawn(async move {
            served.await;
            drop(running);
        });
    }
}

/// Notifies systemd, if it expects that.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "cannot notify systemd");
    }
}
