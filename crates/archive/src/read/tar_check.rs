use crate::tar::{Event, Kind, TarError, Walker};

/// Walks the tar of a layer as it passes by, to prove that it is one and to add up its files.
#[derive(Debug)]
pub(super) struct TarCheck {
    walker: Walker,
    content_size: u64,
    fault: Option<TarError>,
}

impl TarCheck {
    pub(super) fn new(header_bytes: u64) -> Self {
        Self {
            walker: Walker::new(header_bytes),
            content_size: 0,
            fault: None,
        }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while self.fault.is_none() {
            match self.walker.step(bytes) {
                Ok((_, Event::More | Event::End)) => break,
                Ok((used, event)) => {
                    if let Event::Entry(entry) = event
                        && entry.kind == Kind::File
                    {
                        self.content_size = self.content_size.saturating_add(entry.size);
                    }
                    bytes = &bytes[used..];
                }
                Err(fault) => self.fault = Some(fault),
            }
        }
    }

    /// Whether it is known to be no tar: whatever follows cannot mend it.
    pub(super) fn failed(&self) -> bool {
        self.fault.is_some()
    }

    /// Bytes of the files in the tar, or what is wrong with it.
    pub(super) fn finish(self) -> Result<u64, TarError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => self.walker.finish().map(|()| self.content_size),
        }
    }
}
