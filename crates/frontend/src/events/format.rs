//! The formats of a stream of events, and the choice by the `Accept` header.

use bytes::Bytes;
use hyper::header::{ACCEPT, HeaderMap, HeaderValue};

use crate::version::ApiVersion;

/// How a stream of JSON values is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON lines under their old media type.
    Json,
    JsonLines,
    Ndjson,
    /// RFC 7464: each value begins with a record separator.
    JsonSequence,
}

/// The formats that clients can choose, the first one by default.
const OFFERED: [Format; 3] = [Format::JsonLines, Format::Ndjson, Format::JsonSequence];

const SEPARATOR: char = '\u{1e}';

impl Format {
    /// The one that the client prefers. Before API 1.52 there is no choice.
    pub(super) fn of(version: ApiVersion, headers: &HeaderMap) -> Self {
        if !version.at_least(52) {
            return Self::Json;
        }
        let accepted: Vec<Accepted<'_>> = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(Accepted::parse)
            .collect();
        let mut best = (Self::JsonLines, (0.0, 0));
        for format in OFFERED {
            for accepted in &accepted {
                let rank = (accepted.quality, accepted.fits(format.name()));
                if rank.1 > 0 && rank > best.1 {
                    best = (format, rank);
                }
            }
        }
        best.0
    }

    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    /// One value, as it is sent.
    pub(super) fn line(self, json: &str) -> Bytes {
        match self {
            Self::JsonSequence => format!("{SEPARATOR}{json}\n"),
            _ => format!("{json}\n"),
        }
        .into()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLines => "application/jsonl",
            Self::Ndjson => "application/x-ndjson",
            Self::JsonSequence => "application/json-seq",
        }
    }
}

/// One part of an `Accept` header.
#[derive(Debug)]
struct Accepted<'a> {
    /// `application/jsonl`, `application/*`, `*/*`
    range: &'a str,
    /// More than 0 and at most 1.
    quality: f32,
}

impl<'a> Accepted<'a> {
    /// `None` for what is not accepted.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let range = parts.next()?;
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        let quality = match quality {
            Some(quality) => quality.parse().ok()?,
            None => 1.0,
        };
        (quality > 0.0).then_some(Self { range, quality })
    }

    /// How precisely it matches a media type: 0 is not at all.
    fn fits(&self, media_type: &str) -> u8 {
        let kind = self.range.strip_suffix('*');
        match kind {
            None => 3 * u8::from(self.range.eq_ignore_ascii_case(media_type)),
            Some("*/") => 1,
            Some(kind) => 2 * u8::from(kind.ends_with('/') && media_type.starts_with(kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(version: &str, accept: &[&'static str]) -> Format {
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        let values = accept.iter();
        let headers = values.map(|value| (ACCEPT, HeaderValue::from_static(value)));
        Format::of(version, &headers.collect())
    }

    #[test]
    fn clients_choose() {
        use Format::{Json, JsonLines, JsonSequence, Ndjson};
        for (accept, chosen) in [
            (&[][..], JsonLines),
            (&["*/*"], JsonLines),
            (&["application/*"], JsonLines),
            (&["application/json"], JsonLines),
            (&["text/*, text/plain"], JsonLines),
            (&["application/jsonl"], JsonLines),
            (&["application/x-ndjson"], Ndjson),
            (&["Application/X-NDJSON; charset=utf-8"], Ndjson),
            (&["application/json-seq"], JsonSequence),
            (&["application/json-seq, */*"], JsonSequence),
            (&["*/*", "application/x-ndjson"], Ndjson),
            (
                &["application/json-seq;q=0.5, application/x-ndjson; q=0.6"],
                Ndjson,
            ),
            (&["application/json-seq;q=0.5, */*;q=0.9"], JsonLines),
            (&["application/json-seq;q=0"], JsonLines),
            (&["application/json-seq;q=x"], JsonLines),
        ] {
            assert_eq!(format("1.52", accept), chosen, "{accept:?}");
        }
        assert_eq!(format("1.51", &["application/json-seq"]), Json);
        assert_eq!(format("1.24", &[]), Json);
    }

    #[test]
    fn lines() {
        for (format, content_type, line) in [
            (Format::Json, "application/json", "{}\n"),
            (Format::JsonLines, "application/jsonl", "{}\n"),
            (Format::Ndjson, "application/x-ndjson", "{}\n"),
            (Format::JsonSequence, "application/json-seq", "\u{1e}{}\n"),
        ] {
            assert_eq!(format.content_type(), content_type);
            assert_eq!(format.line("{}"), line);
        }
    }
}
