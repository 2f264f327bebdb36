/// The unit of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Less is better.
    Seconds,
    /// Less is better.
    Milliseconds,
    /// Less is better.
    Microseconds,
    /// More is better.
    PerSecond,
    /// 1024 KiB; less is better.
    Mebibytes,
    /// A million bytes; less is better.
    Megabytes,
    /// Less is better.
    Bytes,
    /// How many; fewer are better.
    Count,
}

impl Unit {
    /// How it is written.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "µs",
            Self::PerSecond => "/s",
            Self::Mebibytes => "MiB",
            Self::Megabytes => "MB",
            Self::Bytes => "B",
            Self::Count => "",
        }
    }

    /// Whether more of it is better.
    pub(crate) fn more_is_better(self) -> bool {
        self == Self::PerSecond
    }

    /// A value with its significant digits.
    pub(crate) fn format(self, value: f64) -> String {
        match self {
            Self::Seconds if value >= 1.0 => format!("{value:.2}"),
            Self::Seconds => format!("{value:.3}"),
            Self::PerSecond if value < 10.0 => format!("{value:.1}"),
            Self::PerSecond | Self::Microseconds | Self::Bytes | Self::Count => {
                format!("{value:.0}")
            }
            Self::Milliseconds if value < 10.0 => format!("{value:.2}"),
            Self::Milliseconds | Self::Mebibytes | Self::Megabytes => format!("{value:.1}"),
        }
    }
}
