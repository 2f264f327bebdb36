//! Name resolution and opening of TCP connections.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;

use super::connector::ConnectError;
use super::reach::Reach;
use crate::host;

/// The delay before the next address is tried in parallel.
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// Connects to the first address of `name` that responds, of those that `reach` admits.
pub(super) async fn dial(name: &str, port: u16, reach: &Reach) -> Result<TcpStream, ConnectError> {
    let found = tokio::net::lookup_host((host::bare(name), port))
        .await
        .map_err(|error| ConnectError::Lookup {
            host: name.to_owned(),
            error,
        })?;
    let mut addresses = Vec::new();
    let mut refused = None;
    for address in found {
        match reach.admit(name, address.ip()) {
            Ok(()) => addresses.push(address),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    if let (true, Some(error)) = (addresses.is_empty(), refused) {
        return Err(error);
    }
    let (stream, address) =
        first_to_answer(&addresses)
            .await
            .map_err(|error| ConnectError::Connect {
                host: format!("{name}:{port}"),
                error,
            })?;
    let own = stream.local_addr().map(|own| own.ip());
    let own = own.map_err(|error| ConnectError::Connect {
        host: format!("{name}:{port}"),
        error,
    })?;
    reach.reached(name, address.ip(), own)?;
    Ok(stream)
}

/// Tries the addresses in order: the next one as soon as one fails or is slow.
async fn first_to_answer(addresses: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
    let mut untried = addresses.iter();
    let mut tries = FuturesUnordered::new();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        if let Some(address) = untried.next() {
            tries.push(connect(*address));
        } else if tries.is_empty() {
            return Err(last);
        }
        tokio::select! {
            Some(outcome) = tries.next() => match outcome {
                Ok(connected) => return Ok(connected),
                Err(error) => last = error,
            },
            () = tokio::time::sleep(NEXT_ADDRESS), if untried.len() > 0 => {}
        }
    }
}

async fn connect(address: SocketAddr) -> io::Result<(TcpStream, SocketAddr)> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok((stream, address))
}
