//! Splits what git says into lines. A line ends with a line feed, or with a carriage return that has it replaced.
//! ssh ends its lines with both, and means that they stay.

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The longest line that is looked at; the rest of a longer one is left out. Git's own lines are far shorter, and a
/// server may send anything.
const MAX_LINE_BYTES: usize = 4 << 10;

/// How much is read at a time.
const READ_BYTES: usize = 8 << 10;

/// Calls `take` with each line, and with whether it stays (it ended with a line feed), until the end. A line that ends
/// with both characters is taken twice: nobody waits to see whether the second one comes.
pub(super) async fn read(mut from: impl AsyncRead + Unpin, mut take: impl FnMut(&[u8], bool)) {
    let (mut buffer, mut line) = (vec![0; READ_BYTES], Vec::new());
    // Whether a carriage return has ended the line.
    let mut ended = false;
    // An error ends the output as its end does: how git has ended decides.
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        for byte in &buffer[..len] {
            match byte {
                b'\n' => {
                    if !line.is_empty() {
                        take(&line, true);
                    }
                    line.clear();
                    ended = false;
                }
                b'\r' => {
                    if !line.is_empty() && !ended {
                        take(&line, false);
                    }
                    ended = true;
                }
                byte => {
                    if std::mem::take(&mut ended) {
                        line.clear();
                    }
                    if line.len() < MAX_LINE_BYTES {
                        line.push(*byte);
                    }
                }
            }
        }
    }
    if !line.is_empty() && !ended {
        take(&line, true);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_end_with_either_character_and_a_long_one_is_cut() {
        let mut said = b"a: 1%\ra: 2%\r\r\nremote: b\n\n\rx\r".to_vec();
        said.extend(vec![b'x'; 1 << 20]);
        said.extend(b"\nlast");
        let mut heard = Vec::new();
        read(said.as_slice(), |line, stays| {
            heard.push((String::from_utf8(line.to_vec()).unwrap(), stays));
        })
        .await;
        let lens: Vec<_> = heard.iter().map(|(line, _)| line.len()).collect();
        assert_eq!(lens, [5, 5, 5, 9, 1, MAX_LINE_BYTES, 4]);
        let stay: Vec<_> = heard.iter().map(|(_, stays)| *stays).collect();
        assert_eq!(stay, [false, false, true, true, false, true, true]);
    }
}
