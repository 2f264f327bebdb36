use sockerless_frontend::{Chunks, Framing, Head, end_of_head, judge_head};

/// Reads `data` as the head of a request and the bytes after it.
pub fn head(data: &[u8]) {
    let end = whole(data);
    assert_eq!(end, piece_by_piece(data), "the end depends on how it came");
    let Some(end) = end else { return };
    let (head, rest) = data.split_at(end);
    let Ok(Head { bytes, framing }) = judge_head(head) else {
        return;
    };
    // The passed-on head gets the same result, and ends in the same place.
    assert_eq!(whole(&bytes), Some(bytes.len()));
    let again = Head {
        bytes: bytes.clone(),
        framing,
    };
    assert_eq!(judge_head(&bytes), Ok(again));
    assert!(bytes.len() <= 3 * head.len());
    if framing == Framing::Chunked {
        chunks(rest);
    }
}

fn whole(data: &[u8]) -> Option<usize> {
    end_of_head(data, 0).ok().flatten()
}

fn piece_by_piece(data: &[u8]) -> Option<usize> {
    let mut seen = 0;
    for length in 0..=data.len() {
        match end_of_head(&data[..length], seen) {
            Ok(None) => seen = length,
            Ok(end) => return end,
            Err(_) => return None,
        }
    }
    None
}

/// The end of a body is in the same place however its bytes are split.
fn chunks(body: &[u8]) {
    let mut chunks = Chunks::default();
    let whole = chunks.take(body).ok();
    let is_end = chunks.is_end();
    let mut pieces = Chunks::default();
    let mut taken = Some(0);
    for byte in body {
        let one = pieces.take(&[*byte]).ok();
        taken = taken.zip(one).map(|(taken, one)| taken + one);
        if taken.is_none() {
            break;
        }
    }
    assert_eq!(taken, whole);
    if whole.is_some() {
        assert_eq!(pieces.is_end(), is_end);
    }
}
