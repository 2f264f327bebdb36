use std::time::Duration;

use super::crowd::Room;
use super::front::HeadLimits;

/// How much clients may ask of the daemon's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at once. Beyond them, those that wait for a request make room.
    pub connections: usize,
    /// Bytes of the head of one request.
    pub head_bytes: usize,
    /// Bytes of all heads that have not ended, beyond the first 4 KiB of each.
    pub heads_bytes: usize,
    /// How long a head may take from its first byte on.
    pub head_time: Duration,
    /// How long a connection may stand idle.
    pub idle_time: Duration,
    /// Readers of `GET /events` at once.
    pub event_readers: usize,
    /// Bytes of events that one of them has not taken, before it gets the next.
    pub event_bytes: u64,
}

/// How long somebody at the door may take to say what it wants.
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
