use std::convert::Infallible;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use listenfd::ListenFd;
use sd_notify::NotifyState;
use sockerless_frontend::Frontend;
use tokio::runtime::{self, Runtime};
use tokio::sync::{mpsc, watch};

use crate::cli::ServeOptions;
use crate::defaults;
use crate::host::Host;
use crate::listener::{self, AsyncListener, Listener, Socket};
use crate::logging;
use crate::shutdown::Signals;
use crate::storage::Storage;
use crate::wiring;

/// How long running requests may take when the daemon is to end. With what follows that makes ten
/// seconds, after which `docker stop` and others kill.
const GRACE: Duration = Duration::from_secs(9);
/// How long threads that block may take after that.
const LAST_GRACE: Duration = Duration::from_millis(500);

/// Serves until a signal comes.
///
/// The lock of the data root comes first, so that a second daemon takes no socket away.
pub(crate) fn run(options: ServeOptions) -> Result<()> {
    logging::begin(&options.log_level, options.log_format)?;
    options.check()?;
    let storage = Storage::open(&options)?;
    let hosts = match options.host.as_slice() {
        [] => vec![defaults::host()?],
        hosts => hosts.to_vec(),
    };
    let (sockets, files): (Vec<_>, Vec<_>) = bind(&hosts)?
        .into_iter()
        .map(|listener| (listener.socket, listener.file))
        .unzip();
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
    let result = {
        let frontend = runtime.block_on(wiring::frontend(&options, &storage));
        // Signals and the time until the end are seen by this thread, whatever the others do.
        frontend.and_then(|frontend| main.block_on(serve(frontend, sockets, &runtime)))
    };
    runtime.shutdown_timeout(LAST_GRACE);
    // The files of the sockets go here.
    drop(files);
    result
}

fn bind(hosts: &[Host]) -> Result<Vec<Listener>> {
    let mut inherited = ListenFd::from_env();
    let mut listeners = Vec::new();
    for host in hosts {
        listeners.extend(listener::bind(host, &mut inherited)?);
    }
    if listeners.is_empty() {
        bail!("there is no socket to listen on: give one with --host");
    }
    Ok(listeners)
}

async fn serve(frontend: Frontend, sockets: Vec<Socket>, workers: &Runtime) -> Result<()> {
    let mut signals = Signals::new().context("cannot listen for signals")?;
    let (stop, stopped) = watch::channel(false);
    // Nothing is ever sent: the channel ends when every connection has dropped its sender.
    let (running, mut ended) = mpsc::channel::<Infallible>(1);
    for socket in sockets {
        let address = socket.address();
        let listener = {
            let _entered = workers.enter();
            AsyncListener::new(socket).with_context(|| format!("cannot listen at {address}"))?
        };
        tracing::info!(listening = %address, "ready");
        workers.spawn(accept(
            listener,
            frontend.clone(),
            stopped.clone(),
            running.clone(),
        ));
    }
    drop((running, stopped));
    notify(NotifyState::Ready);

    let signal = signals.next().await;
    tracing::info!(
        signal,
        "shutting down: running requests may end, new ones are not taken"
    );
    notify(NotifyState::Stopping);
    stop.send_replace(true);
    tokio::select! {
        _ = ended.recv() => tracing::info!("all requests have ended"),
        () = tokio::time::sleep(GRACE) => {
            tracing::warn!(seconds = GRACE.as_secs(), "requests that still run are cut off");
        }
        signal = signals.next() => {
            tracing::warn!(signal, "a second signal: requests that still run are cut off");
        }
    }
    Ok(())
}

/// Takes connections until the daemon is to end. `running` lives as long as any of them.
async fn accept(
    listener: AsyncListener,
    frontend: Frontend,
    mut stopped: watch::Receiver<bool>,
    running: mpsc::Sender<Infallible>,
) {
    loop {
        let connection = tokio::select! {
            connection = listener.accept() => connection,
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        let frontend = frontend.clone();
        let mut stopped = stopped.clone();
        let running = running.clone();
        tokio::spawn(async move {
            let stopped = async move {
                // An error means that nobody can say stop any more, which is the same.
                drop(stopped.wait_for(|stop| *stop).await);
            };
            connection.serve(&frontend, stopped).await;
            drop(running);
        });
    }
}

/// Tells systemd, if it wants to know.
fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "the service manager cannot be told");
    }
}
