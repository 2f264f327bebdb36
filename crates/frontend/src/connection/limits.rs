//! Limits on connections, heads and readers of events.

use std::time::Duration;

use super::crowd::Room;
use super::front::HeadLimits;

/// Limits on the connections of all clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at once. Beyond them, idle ones make room.
    pub connections: usize,
    /// Bytes of the head of one request.
    pub head_bytes: usize,
    /// Bytes of all heads that have not ended, beyond the first 4 KiB of each.
    pub heads_bytes: usize,
    /// How long a head may take from its first byte on.
    pub head_time: Duration,
    /// How long a connection may be idle.
    pub idle_time: Duration,
    /// Readers of `GET /events` at once.
    pub event_readers: usize,
    /// Unread bytes of events up to which one of them gets the next event.
    pub event_bytes: u64,
}

/// How long a connection at the door may take to send its request.
const DOOR_TIME: Duration = Duration::from_secs(2);

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 512,
            head_bytes: 128 << 10,
            heads_bytes: 4 << 20,
            head_time: Duration::from_secs(30),
            // As dockerd's.
            idle_time: Duration::from_secs(5 * 60),
            event_readers: 256,
            event_bytes: 16 << 10,
        }
    }
}

impl ConnectionLimits {
    pub(super) fn heads(&self, room: Room) -> HeadLimits {
        HeadLimits {
            bytes: self.head_bytes,
            time: match room {
                Room::Inside => self.head_time,
                Room::Door => self.head_time.min(DOOR_TIME),
            },
        }
    }
}
