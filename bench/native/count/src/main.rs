//! The WebSocket client that only counts: walks frame headers, prints one line of JSON at the end.
//!
//! `count --port P --path /ws/token --events N [--match S --at K] [--send S] [--lone] [--spin] [--hold]`
//!
//! An event is a text or binary frame whose payload has `S` (at most 8 bytes) at offset `K`; all other
//! frames are passed over. It prints `open` once the upgrade is answered, and with `--hold` reads no
//! further before a line comes in on its standard input: what the server can send until then waits in the
//! kernel. `--lone` takes the nanoseconds of CLOCK_MONOTONIC from each event's payload. All times it
//! prints are of that clock: `requested` (the upgrade is asked for), `started` (reading begins), `first`,
//! `last`.
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const BUFFER: usize = 256 * 1024;
/// Header, offset and match fit in this; shorter rests are carried over to the next read.
const HEAD: usize = 64;
/// `{"type":"harness","payload":"`
const STAMP_AT: usize = 29;

struct Options {
    port: u16,
    path: String,
    events: u64,
    pattern: Vec<u8>,
    at: usize,
    send: Option<String>,
    lone: bool,
    spin: bool,
    hold: bool,
    deadline: u64,
}

fn options() -> Options {
    let mut options = Options {
        port: 0,
        path: "/".into(),
        events: 0,
        pattern: b"harness\"".to_vec(),
        at: 9,
        send: None,
        lone: false,
        spin: false,
        hold: false,
        deadline: 60,
    };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let mut value = || {
            args.next()
                .unwrap_or_else(|| panic!("{name} needs a value"))
        };
        match name.as_str() {
            "--port" => options.port = value().parse().expect("a port"),
            "--path" => options.path = value(),
            "--events" => options.events = value().parse().expect("a number"),
            "--match" => options.pattern = value().into_bytes(),
            "--at" => options.at = value().parse().expect("an offset"),
            "--send" => options.send = Some(value()),
            "--lone" => options.lone = true,
            "--spin" => options.spin = true,
            "--hold" => options.hold = true,
            "--deadline" => options.deadline = value().parse().expect("seconds"),
            _ => panic!("unknown option {name}"),
        }
    }
    assert!(options.pattern.len() <= 8 && options.at + 8 + 14 <= HEAD);
    options
}

fn now() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn masked_text(text: &str) -> Vec<u8> {
    assert!(text.len() < 126);
    // A mask of zeroes is a mask.
    let mut frame = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// Eight bytes at `place`, and how much of them counts.
fn pattern(bytes: &[u8]) -> (u64, u64) {
    let (mut value, mut mask) = ([0; 8], [0; 8]);
    value[..bytes.len()].copy_from_slice(bytes);
    mask[..bytes.len()].fill(0xff);
    (u64::from_le_bytes(value), u64::from_le_bytes(mask))
}

struct Seen {
    events: u64,
    frames: u64,
    close: u16,
    latencies: Vec<u64>,
}

fn main() {
    let options = options();
    let mut stream = TcpStream::connect(("127.0.0.1", options.port)).expect("a connection");
    stream.set_nodelay(true).expect("TCP_NODELAY");
    let requested = now();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        options.path, options.port
    );
    stream
        .write_all(request.as_bytes())
        .expect("to send the upgrade");

    // The answer is read byte by byte, so that no frame behind it is taken with it.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream
            .read_exact(&mut byte)
            .expect("an answer to the upgrade");
        answer.push(byte[0]);
    }
    if !answer.starts_with(b"HTTP/1.1 101") {
        println!(
            "{{\"error\":{:?}}}",
            String::from_utf8_lossy(&answer)
                .lines()
                .next()
                .unwrap_or("")
        );
        std::process::exit(1);
    }
    if let Some(text) = &options.send {
        stream.write_all(&masked_text(text)).expect("to send");
    }
    println!("open");
    if options.hold {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .expect("a line on standard input");
    }
    if options.spin {
        stream.set_nonblocking(true).expect("a non-blocking socket");
    } else {
        stream
            .set_read_timeout(Some(Duration::from_secs(options.deadline)))
            .expect("a timeout");
    }

    let (value, mask) = pattern(&options.pattern);
    let mut seen = Seen {
        events: 0,
        frames: 0,
        close: 0,
        latencies: Vec::new(),
    };
    let mut buffer = vec![0u8; HEAD + BUFFER];
    let (mut kept, mut skip, mut bytes) = (0usize, 0usize, 0u64);
    let (started, mut first, mut last) = (now(), 0, 0);
    let give_up = started + options.deadline * 1_000_000_000;
    let mut ended = "all";
    'read: while seen.events < options.events {
        let got = match stream.read(&mut buffer[kept..]) {
            Ok(0) => {
                ended = "end of stream";
                break;
            }
            Ok(got) => got,
            Err(error) if error.kind() == ErrorKind::WouldBlock && options.spin => {
                std::hint::spin_loop();
                if now() > give_up {
                    ended = "deadline";
                    break;
                }
                continue;
            }
            Err(error) => {
                ended = if error.kind() == ErrorKind::WouldBlock {
                    "deadline"
                } else {
                    "reset"
                };
                break;
            }
        };
        let arrived = if options.lone || first == 0 { now() } else { 0 };
        if first == 0 {
            first = arrived;
        }
        bytes += got as u64;
        let end = kept + got;
        kept = 0;
        let mut at = skip.min(end);
        skip -= at;
        while at < end {
            let rest = &buffer[at..end];
            if rest.len() < 2 {
                kept = rest.len();
                break;
            }
            let short = (rest[1] & 0x7f) as usize;
            let header = match short {
                126 => 4,
                127 => 10,
                _ => 2,
            };
            if rest.len() < header {
                kept = rest.len();
                break;
            }
            let length = match short {
                126 => u16::from_be_bytes([rest[2], rest[3]]) as usize,
                127 => u64::from_be_bytes(rest[2..10].try_into().expect("eight bytes")) as usize,
                short => short,
            };
            let frame = header + length;
            // What must be in the buffer to tell what this frame is.
            let needed = if options.lone {
                frame.min(BUFFER)
            } else {
                frame.min(header + options.at + 8)
            };
            if rest.len() < needed {
                kept = rest.len();
                break;
            }
            seen.frames += 1;
            match rest[0] & 0x0f {
                1 | 2 if length >= options.at + 8 => {
                    let place = header + options.at;
                    let word =
                        u64::from_le_bytes(rest[place..place + 8].try_into().expect("eight bytes"));
                    if word & mask == value {
                        seen.events += 1;
                        if options.lone {
                            let stamp = rest[header + STAMP_AT..frame]
                                .iter()
                                .take_while(|byte| byte.is_ascii_digit())
                                .fold(0u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
                            seen.latencies.push(arrived.saturating_sub(stamp));
                        }
                    }
                }
                8 => {
                    seen.close = if length >= 2 && rest.len() >= header + 2 {
                        u16::from_be_bytes([rest[header], rest[header + 1]])
                    } else {
                        1005
                    };
                    ended = "close";
                    break 'read;
                }
                _ => {}
            }
            let taken = frame.min(rest.len());
            skip = frame - taken;
            at += taken;
        }
        if kept > 0 {
            buffer.copy_within(end - kept..end, 0);
        }
    }
    if last == 0 {
        last = now();
    }
    seen.latencies.sort_unstable();
    let percentile = |part: f64| {
        let place = (seen.latencies.len() as f64 * part) as usize;
        seen.latencies
            .get(place.min(seen.latencies.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0)
    };
    println!(
        "{{\"events\":{},\"frames\":{},\"bytes\":{bytes},\"ended\":\"{ended}\",\"close\":{},\
         \"requested\":\"{requested}\",\"started\":\"{started}\",\"first\":\"{first}\",\"last\":\"{last}\",\
         \"p50\":{},\"p99\":{}}}",
        seen.events,
        seen.frames,
        seen.close,
        percentile(0.5),
        percentile(0.99)
    );
}
