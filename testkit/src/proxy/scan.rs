//! Finds request lines in the bytes of a connection.

/// The methods of the distribution protocol, as request lines begin.
const METHODS: [&[u8]; 6] = [
    b"GET /",
    b"HEAD /",
    b"POST /",
    b"PUT /",
    b"PATCH /",
    b"DELETE /",
];

/// No request line of the tests is longer.
const LONGEST: usize = 8 * 1024;

/// Finds request lines in the bytes of a connection. Bodies are not parsed: no body of the tests
/// contains a request line.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    /// What may be the beginning of a line.
    rest: Vec<u8>,
    /// Where `rest` begins in the connection.
    at: usize,
}

impl Scanner {
    /// Adds the next bytes, and returns each request line in them with its position.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<(usize, String)> {
        self.rest.extend_from_slice(bytes);
        let mut found = Vec::new();
        let mut here = 0;
        while here < self.rest.len() {
            let rest = &self.rest[here..];
            let begins = METHODS
                .iter()
                .any(|method| rest.starts_with(method) || method.starts_with(rest));
            if !begins {
                here += 1;
                continue;
            }
            let line = rest.windows(2).position(|two| two == b"\r\n");
            match line.and_then(|end| std::str::from_utf8(&rest[..end]).ok()) {
                Some(line) if line.ends_with(" HTTP/1.1") => {
                    found.push((
                        self.at + here,
                        line.trim_end_matches(" HTTP/1.1").to_owned(),
                    ));
                    here += line.len();
                }
                None if line.is_none() && rest.len() < LONGEST => break,
                _ => here += 1,
            }
        }
        self.rest.drain(..here);
        self.at += here;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_pieces_and_after_bodies() {
        let wire =
            b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n\x00P\xffPATCH /a?b=c HTTP/1.1\r\n\r\nGET /x";
        let expected = [(0, "GET /v2/".to_owned()), (33, "PATCH /a?b=c".to_owned())];
        for size in 1..wire.len() {
            let mut scanner = Scanner::default();
            let found: Vec<_> = wire
                .chunks(size)
                .flat_map(|piece| scanner.feed(piece))
                .collect();
            assert_eq!(found, expected, "{size}");
        }
    }
}
