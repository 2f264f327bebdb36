//! `/events`: events of images and containers.

mod filter;
mod format;
mod message;
mod texts;

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use hyper::{Response, StatusCode};
use jiff::Timestamp;
use sockerless_events::Subscription;
use tokio::sync::OwnedSemaphorePermit;

use self::filter::Filter;
use self::format::Format;
pub(crate) use self::texts::Texts;
use crate::answer::{self, Body, Broken};
use crate::call::Call;
use crate::connection::Exchange;
use crate::ending::Ending;
use crate::frontend::Frontend;
use crate::query::Params;
use crate::status::Failure;
use crate::timestamp;
use crate::version::ApiVersion;

/// `GET /events`: from `since` on, or from now on, until `until` or until the client or the daemon
/// ends the connection.
pub(crate) async fn events(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let period = Period::of(&params, Timestamp::now())?;
    let format = Format::of(call.version, &call.parts.headers);
    let filter = Filter::of(&params)?;
    let limits = &frontend.config.connections;
    let Ok(place) = Arc::clone(&frontend.event_readers).try_acquire_owned() else {
        return Err(Failure::of_status(
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "{} clients read events, as many as --max-event-readers allows: try again when \
                 one of them has left",
                limits.event_readers
            ),
        ));
    };
    let events = Events {
        events: frontend
            .images
            .events()
            .subscribe(period.since, period.until)
            .await,
        filter,
        format,
        version: call.version,
        texts: Arc::clone(&frontend.event_texts),
        ending: call.exchange.ending(),
        sent: call.exchange.written(),
        most: limits.event_bytes,
        exchange: Arc::clone(&call.exchange),
        _place: place,
    };
    let lines = stream::unfold(events, |mut events| async move {
        let line = events.next().await?;
        Some((line, events))
    });
    Ok(answer::stream(format.content_type(), lines))
}

/// The period of the requested events.
#[derive(Debug, PartialEq, Eq)]
struct Period {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Period {
    fn of(params: &Params, now: Timestamp) -> Result<Self, Failure> {
        let time = |name: &str| {
            let text = params.non_empty(name);
            let time = text.map(|text| timestamp::parse(text, now)).transpose();
            time.map_err(|error| {
                Failure::bad_request(format!("invalid value for '{name}': {error}"))
            })
        };
        let (since, until) = (time("since")?, time("until")?);
        if let (Some(since), Some(until)) = (since, until)
            && until < since
        {
            let text = |name| params.get(name).unwrap_or_default();
            return Err(Failure::bad_request(format!(
                "`since` time ({}) cannot be after `until` time ({})",
                text("since"),
                text("until")
            )));
        }
        // With only an end, the period begins with the oldest known event.
        let since = since.or(until.map(|_| Timestamp::MIN));
        Ok(Self { since, until })
    }
}

/// The lines of a response.
struct Events {
    events: Subscription,
    filter: Filter,
    format: Format,
    version: ApiVersion,
    texts: Arc<Texts>,
    ending: Ending,
    exchange: Arc<Exchange>,
    /// How many bytes the client has read at least when it has read every line so far.
    sent: u64,
    /// How many bytes may be unread when it gets the next line.
    most: u64,
    _place: OwnedSemaphorePermit,
}

impl Events {
    /// Waits for the next line. Known events are sent before the end.
    async fn next(&mut self) -> Option<Result<Bytes, Broken>> {
        // A reader that stops keeps at most `most` bytes of lines, and falls behind.
        let taken = self.sent.saturating_sub(self.most);
        poll_fn(|cx| self.exchange.poll_written(taken, cx)).await;
        loop {
            let event = tokio::select! {
                biased;
                event = self.events.next() => event?,
                () = self.ending.wanted() => return None,
            };
            if self.filter.fits(&event) {
                let line = self.texts.line(&event, self.version, self.format);
                self.sent += line.as_ref().map_or(0, Bytes::len) as u64;
                return Some(line);
            }
            // There may be a thousand events that do not match.
            tokio::task::consume_budget().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(query: &str) -> Result<Period, String> {
        let params = Params::parse(query).expect("valid");
        let now = Timestamp::from_second(1000).expect("a time");
        Period::of(&params, now).map_err(|failure| {
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
            failure.message
        })
    }

    #[test]
    fn periods() {
        let at = |second| Some(Timestamp::from_second(second).expect("a time"));
        for (query, since, until) in [
            ("", None, None),
            ("since=&until=", None, None),
            ("since=0", at(0), None),
            ("since=10s", at(990), None),
            ("since=5&until=5", at(5), at(5)),
            ("until=7", Some(Timestamp::MIN), at(7)),
        ] {
            assert_eq!(period(query), Ok(Period { since, until }), "{query}");
        }
        for (query, message) in [
            (
                "since=x",
                "invalid value for 'since': failed to parse value as time or duration: \"x\"",
            ),
            (
                "until=x",
                "invalid value for 'until': failed to parse value as time or duration: \"x\"",
            ),
            (
                "since=6&until=5",
                "`since` time (6) cannot be after `until` time (5)",
            ),
        ] {
            assert_eq!(period(query), Err(message.to_owned()), "{query}");
        }
    }
}
