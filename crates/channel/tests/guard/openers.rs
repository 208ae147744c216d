//! Slow openers: who does not finish is closed in time, and never keeps others out.

use std::time::{Duration, Instant};

use loopwire_channel::{
    MAX_BODY_BYTES, MAX_HEAD_BYTES, MAX_HEADERS, MAX_OPEN_HEADS, RECEIVE_DEADLINE,
    REQUEST_DEADLINE, Reason, RequestLimits,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::{House, PATIENCE, TOKEN, answer, bearer, closed, handshake};

/// A time that is over soon, and one that is never over in a test.
const SOON: Duration = Duration::from_millis(150);
const NEVER: Duration = Duration::from_secs(600);

#[test]
fn what_is_shipped() {
    assert_eq!(RECEIVE_DEADLINE, Duration::from_secs(5));
    assert_eq!(REQUEST_DEADLINE, Duration::from_secs(5));
    assert_eq!(MAX_OPEN_HEADS, 64);
    assert_eq!(MAX_HEADERS, 64);
    assert_eq!(MAX_HEAD_BYTES, 16 * 1024);
    assert_eq!(MAX_BODY_BYTES, 16 * 1024);
    let limits = RequestLimits::default();
    assert_eq!(
        (
            limits.receive,
            limits.request,
            limits.open_heads,
            limits.headers
        ),
        (
            RECEIVE_DEADLINE,
            REQUEST_DEADLINE,
            MAX_OPEN_HEADS,
            MAX_HEADERS
        )
    );
    assert_eq!(
        (limits.head_bytes, limits.body_bytes),
        (MAX_HEAD_BYTES, MAX_BODY_BYTES)
    );
}

async fn impatient_receiver() -> House {
    House::limited(RequestLimits {
        receive: SOON,
        request: NEVER,
        ..RequestLimits::default()
    })
    .await
}

#[tokio::test]
async fn silence_and_half_a_head_end_with_the_receive_deadline() {
    let house = impatient_receiver().await;
    for start in [
        "",
        "GET",
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ",
    ] {
        let mut stream = house.connect().await;
        stream.write_all(start.as_bytes()).await.unwrap();
        assert!(!closed(&mut stream).await.contains(" 200 "), "{start:?}");
    }
    house
        .until("three deadlines", |house| {
            house.policy.counters.refused(Reason::Deadline) == 3
                && house.policy.counters.open_heads() == 0
        })
        .await;
}

/// Writes a byte at a time until the other side has had enough; whether it had.
async fn drip(stream: TcpStream, text: &str) -> bool {
    let (mut reader, mut writer) = stream.into_split();
    let end = tokio::spawn(async move { reader.read_to_end(&mut Vec::new()).await });
    let dripping = async {
        for byte in text.bytes().cycle() {
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(SOON / 10).await;
        }
    };
    tokio::select! {
        () = dripping => true,
        ended = end => ended.is_ok(),
        () = tokio::time::sleep(PATIENCE) => false,
    }
}

#[tokio::test]
async fn a_dripping_head_ends_with_the_receive_deadline() {
    let house = impatient_receiver().await;
    let mut stream = house.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert!(drip(stream, "X-A: b\r\n").await);
}

#[tokio::test]
async fn a_body_that_does_not_come_ends_with_the_receive_deadline() {
    let house = impatient_receiver().await;
    let head = format!(
        "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}Content-Length: 1000\r\n\r\n",
        house.port,
        bearer()
    );
    let mut silent = house.connect().await;
    silent.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(closed(&mut silent).await, "");
    let mut dripping = house.connect().await;
    dripping.write_all(head.as_bytes()).await.unwrap();
    assert!(drip(dripping, "b").await);
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_is_not_read_ends_with_the_request_deadline() {
    let house = House::limited(RequestLimits {
        receive: NEVER,
        request: SOON,
        ..RequestLimits::default()
    })
    .await;
    assert_eq!(house.ask("GET", "/never", &bearer()).await.raw, "");
    let mut deaf = house.connect().await;
    let head = format!(
        "GET /large HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n",
        house.port,
        bearer()
    );
    deaf.write_all(head.as_bytes()).await.unwrap();
    house
        .until("two deadlines", |house| {
            house.policy.counters.refused(Reason::Deadline) == 2
        })
        .await;
    // An upgraded connection is not under it any more.
    let mut upgraded = stay(&house).await;
    tokio::time::sleep(SOON * 2).await;
    upgraded.shutdown().await.unwrap();
    assert!(closed(&mut upgraded).await.ends_with(" bye"));
}

/// A WebSocket connection that lasts until it is shut down.
pub(crate) async fn stay(house: &House) -> TcpStream {
    let mut stream = house.connect().await;
    let head = format!(
        "GET /ws/{TOKEN} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\nstay",
        house.port,
        handshake()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"stay") {
        assert_ne!(stream.read_buf(&mut said).await.unwrap(), 0);
    }
    stream
}

/// Opens a request that is incomplete and waits until the listener has it.
async fn half(house: &House, open: u64) -> TcpStream {
    let mut stream = house.connect().await;
    let head = format!("GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", house.port);
    stream.write_all(head.as_bytes()).await.unwrap();
    house
        .until("the opener is in", |house| {
            house.policy.counters.open_heads() >= open
        })
        .await;
    stream
}

#[tokio::test]
async fn the_opener_too_many_turns_the_oldest_out() {
    let house = House::limited(RequestLimits {
        receive: NEVER,
        request: NEVER,
        ..RequestLimits::default()
    })
    .await;
    // A request that waits for its answer, and a WebSocket, are not openers any more.
    let mut waiting = house.connect().await;
    let head = format!(
        "GET /never HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n",
        house.port,
        bearer()
    );
    waiting.write_all(head.as_bytes()).await.unwrap();
    let mut upgraded = stay(&house).await;
    house
        .until("no opener", |house| house.policy.counters.open_heads() == 0)
        .await;

    let mut openers = Vec::new();
    for open in 1..=MAX_OPEN_HEADS as u64 {
        openers.push(half(&house, open).await);
    }
    assert_eq!(house.policy.counters.refused(Reason::Crowded), 0);
    let mut last = house.connect().await;
    assert_eq!(closed(&mut openers[0]).await, "");
    assert_eq!(house.policy.counters.refused(Reason::Crowded), 1);
    assert_eq!(house.policy.counters.open_heads(), MAX_OPEN_HEADS as u64);
    // All the others are still there.
    for opener in &mut openers[1..] {
        opener.write_all(b"\r\n").await.unwrap();
        assert_eq!(answer(opener).await.status, 200);
    }
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        house.port
    );
    last.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut last).await.status, 200);
    upgraded.shutdown().await.unwrap();
    assert!(closed(&mut upgraded).await.ends_with(" bye"));
    let still = tokio::time::timeout(Duration::from_millis(20), waiting.read_u8()).await;
    assert!(still.is_err(), "the waiting request was turned out");
}

/// One thread, and clients that are in the kernel's queue already with their heads: the accept loop
/// could take them all before any of their tasks has had a turn.
#[tokio::test]
async fn nobody_is_turned_out_before_its_head_was_looked_for() {
    let house = House::limited(RequestLimits {
        receive: NEVER,
        request: NEVER,
        open_heads: 1,
        ..RequestLimits::default()
    })
    .await;
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        house.port
    );
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = std::net::TcpStream::connect(("127.0.0.1", house.port)).unwrap();
        std::io::Write::write_all(&mut client, head.as_bytes()).unwrap();
        client.set_nonblocking(true).unwrap();
        clients.push(TcpStream::from_std(client).unwrap());
    }
    for client in &mut clients {
        assert_eq!(answer(client).await.status, 200);
    }
    assert_eq!(house.policy.counters.refused(Reason::Crowded), 0);
}

#[tokio::test]
async fn requests_without_a_body_to_come_count_as_openers_too() {
    let house = House::limited(RequestLimits {
        receive: NEVER,
        request: NEVER,
        open_heads: 2,
        ..RequestLimits::default()
    })
    .await;
    let head = format!(
        "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}Content-Length: 9\r\n\r\n",
        house.port,
        bearer()
    );
    let mut posts = Vec::new();
    for _ in 0..3 {
        let mut post = house.connect().await;
        post.write_all(head.as_bytes()).await.unwrap();
        posts.push(post);
    }
    assert_eq!(closed(&mut posts[0]).await, "");
    posts[2].write_all(b"the body.").await.unwrap();
    assert_eq!(answer(&mut posts[2]).await.body(), "the body.");
}

#[tokio::test]
async fn answers_that_nobody_reads_are_bounded() {
    let house = House::limited(RequestLimits {
        receive: NEVER,
        request: NEVER,
        unanswered: 3,
        ..RequestLimits::default()
    })
    .await;
    let head = format!(
        "GET /never HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n",
        house.port,
        bearer()
    );
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let mut stream = house.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    house
        .until("one is turned out", |house| {
            house.policy.counters.refused(Reason::Crowded) == 1
        })
        .await;
}

/// Threads and a runtime of their own, as an attacker has them.
fn hammer(
    port: u16,
    openers: usize,
    done: tokio_util::sync::CancellationToken,
) -> std::thread::JoinHandle<u64> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let mut tasks = tokio::task::JoinSet::new();
            for number in 0..openers {
                let done = done.clone();
                tasks.spawn(async move {
                    let mut opened = 0;
                    let attack = async {
                        loop {
                            let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await
                            else {
                                tokio::time::sleep(Duration::from_millis(5)).await;
                                continue;
                            };
                            opened += 1;
                            let start = [
                                "",
                                "GET / HT",
                                "POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
                            ];
                            let _ = stream.write_all(start[number % 3].as_bytes()).await;
                            let _ = stream.read_to_end(&mut Vec::new()).await;
                        }
                    };
                    tokio::select! {
                        () = attack => {}
                        () = done.cancelled() => {}
                    }
                    opened
                });
            }
            tasks.join_all().await.into_iter().sum()
        })
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_slow_openers_keep_nobody_out() {
    let house = House::open().await;
    let done = tokio_util::sync::CancellationToken::new();
    let attack = hammer(house.port, 1000, done.clone());
    house
        .until("the attack is on", |house| {
            house.policy.counters.refused(Reason::Crowded) > 1000
        })
        .await;
    let mut times = Vec::new();
    let mut turned_out = 0;
    let attack_began = Instant::now();
    while attack_began.elapsed() < Duration::from_millis(1500) {
        let start = Instant::now();
        let answer = house.upgrade(&format!("/ws/{TOKEN}"), "").await;
        match answer.status {
            101 => times.push(start.elapsed()),
            _ => turned_out += 1,
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    done.cancel();
    let opened = attack.join().unwrap();
    times.sort();
    // A client that the machine itself stops between its connect and its head can be unlucky.
    assert!(turned_out * 20 <= times.len(), "{turned_out} turned out");
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    let count = times.len();
    println!(
        "{opened} openers; {count} good clients, {turned_out} turned out: median {median:?}, worst {worst:?}"
    );
    // The figure to reach is 100 ms and is printed; what is asserted leaves room for a busy machine,
    // and none for a listener that lets openers sit or for a SYN that has to be sent again.
    assert!(
        median < Duration::from_millis(500),
        "median {median:?}, worst {worst:?}"
    );
    house
        .until("all openers are gone", |house| {
            house.policy.counters.open_heads() == 0
        })
        .await;
}
