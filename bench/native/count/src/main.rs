//! The WebSocket client that only counts: walks frame headers, prints one line of JSON at the end.
//!
//! `count --port P --path /ws/token --events N [--match S --at K] [--send S] [--lone] [--spin] [--hold]`,
//! or `count --self-test`
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
/// `{"type":"gap"`, of which these are the last four bytes.
const GAP_AT: usize = 9;
const GAP: u64 = u32::from_le_bytes(*b"gap\"") as u64;

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
    self_test: bool,
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
        self_test: false,
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
            "--self-test" => options.self_test = true,
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

/// What a stream of bytes has shown so far.
struct Counter {
    value: u64,
    mask: u64,
    at: usize,
    lone: bool,
    /// Bytes of a frame that are still to come and say nothing.
    skip: usize,
    events: u64,
    frames: u64,
    close: Option<u16>,
    /// The server said that it has left events out: no more than the others will come.
    gap: bool,
    latencies: Vec<u64>,
}

impl Counter {
    fn new(options: &Options) -> Self {
        let (value, mask) = pattern(&options.pattern);
        Self {
            value,
            mask,
            at: options.at,
            lone: options.lone,
            skip: 0,
            events: 0,
            frames: 0,
            close: None,
            gap: false,
            latencies: Vec::new(),
        }
    }

    /// Walks the frames of `bytes`; how much at the end is too little to tell, and must come again.
    #[inline]
    fn walk(&mut self, bytes: &[u8], arrived: u64) -> usize {
        let mut at = self.skip.min(bytes.len());
        self.skip -= at;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let Some((header, length)) = header(rest) else {
                return rest.len();
            };
            let frame = header + length;
            let needed = if self.lone {
                frame.min(BUFFER)
            } else {
                frame.min(header + self.at + 8)
            };
            if rest.len() < needed {
                return rest.len();
            }
            self.frames += 1;
            match rest[0] & 0x0f {
                1 | 2 if length >= self.at + 8 => self.look(rest, header, frame, arrived),
                8 => {
                    let code = rest[header..].first_chunk().copied();
                    self.close = Some(code.map_or(1005, u16::from_be_bytes));
                    return 0;
                }
                _ => {}
            }
            let taken = frame.min(rest.len());
            self.skip = frame - taken;
            at += taken;
        }
        0
    }

    #[inline]
    fn look(&mut self, rest: &[u8], header: usize, frame: usize, arrived: u64) {
        let place = header + self.at;
        let word = u64::from_le_bytes(rest[place..place + 8].try_into().expect("eight bytes"));
        if word & self.mask != self.value {
            self.gap |= self.at == GAP_AT && word & 0xffff_ffff == GAP;
            return;
        }
        self.events += 1;
        if self.lone {
            let stamp = rest[header + STAMP_AT..frame]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .fold(0u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
            self.latencies.push(arrived.saturating_sub(stamp));
        }
    }

    fn percentile(&self, part: f64) -> u64 {
        let place = (self.latencies.len() as f64 * part) as usize;
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get(place.min(last)).copied().unwrap_or(0)
    }
}

/// Lengths of a frame's header and payload, once enough of it is there.
#[inline]
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    match bytes.get(1)? & 0x7f {
        126 => {
            let length = bytes.get(2..4)?.try_into().expect("two bytes");
            Some((4, u16::from_be_bytes(length).into()))
        }
        127 => {
            let length = bytes.get(2..10)?.try_into().expect("eight bytes");
            Some((10, u64::from_be_bytes(length) as usize))
        }
        short => Some((2, short.into())),
    }
}

/// Connects and asks for the upgrade; the stream stands before the first frame.
fn connect(options: &Options) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", options.port)).expect("a connection");
    stream.set_nodelay(true).expect("TCP_NODELAY");
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
    let status = String::from_utf8_lossy(&answer);
    if !status.starts_with("HTTP/1.1 101") {
        tell(status.lines().next().unwrap_or_default());
        std::process::exit(1);
    }
    if let Some(text) = &options.send {
        stream.write_all(&masked_text(text)).expect("to send");
    }
    stream
}

/// Tells the subject that has started this client. If it has gone, nobody waits for what was seen: the runner says why it has.
fn tell(line: &str) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(1);
    }
}

/// How fast it walks frames that are in memory already: an upper bound for what it can measure.
fn self_test(options: &Options) {
    let payload = format!(
        "{{\"type\":\"harness\",\"payload\":\"{}\"}}",
        "x".repeat(89)
    );
    let mut frame = vec![0x81, payload.len() as u8];
    frame.extend_from_slice(payload.as_bytes());
    let bytes = frame.repeat(BUFFER / frame.len());
    let mut counter = Counter::new(options);
    let began = now();
    while now() - began < 300_000_000 {
        assert_eq!(counter.walk(std::hint::black_box(&bytes), 0), 0);
    }
    let nanoseconds = (now() - began) as f64 / counter.events as f64;
    println!(
        "{nanoseconds:.2} ns/frame, {:.1} GB/s",
        frame.len() as f64 / nanoseconds
    );
}

fn main() {
    let options = options();
    if options.self_test {
        return self_test(&options);
    }
    let requested = now();
    let mut stream = connect(&options);
    tell("open");
    if options.hold {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .expect("a line on standard input");
    }
    if options.spin {
        stream.set_nonblocking(true).expect("a non-blocking socket");
    } else {
        let deadline = Duration::from_secs(options.deadline);
        stream.set_read_timeout(Some(deadline)).expect("a timeout");
    }

    let mut counter = Counter::new(&options);
    let mut buffer = vec![0u8; HEAD + BUFFER];
    let (mut kept, mut bytes) = (0, 0);
    let (started, mut first) = (now(), 0);
    let give_up = started + options.deadline * 1_000_000_000;
    let mut ended = "all";
    while counter.events < options.events {
        let got = match stream.read(&mut buffer[kept..]) {
            Ok(0) => {
                ended = "end of stream";
                break;
            }
            Ok(got) => got,
            Err(error)
                if error.kind() == ErrorKind::WouldBlock && options.spin && now() < give_up =>
            {
                std::hint::spin_loop();
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
        bytes += got;
        let end = kept + got;
        kept = counter.walk(&buffer[..end], arrived);
        if counter.close.is_some() {
            ended = "close";
            break;
        }
        if counter.gap {
            // Heartbeats would keep it waiting for what was left out.
            ended = "gap";
            break;
        }
        buffer.copy_within(end - kept..end, 0);
    }
    let last = now();
    counter.latencies.sort_unstable();
    tell(&format!(
        "{{\"events\":{},\"frames\":{},\"bytes\":{bytes},\"ended\":\"{ended}\",\"close\":{},\
         \"requested\":\"{requested}\",\"started\":\"{started}\",\"first\":\"{first}\",\"last\":\"{last}\",\
         \"p50\":{},\"p99\":{}}}",
        counter.events,
        counter.frames,
        counter.close.unwrap_or(0),
        counter.percentile(0.5),
        counter.percentile(0.99)
    ));
}
