//! When silence is blamed on the network and when on the host.

use super::super::upstream_health::tests::upstream;
use super::*;

struct Scene {
    outage: Outage,
    now: Instant,
}

impl Scene {
    fn new() -> Self {
        Self {
            outage: Outage::default(),
            now: Instant::now(),
        }
    }

    fn silent(&mut self, host: &str, after: u64) -> Verdict {
        self.now += Duration::from_secs(after);
        self.outage
            .judge(&upstream(host), &Failure::DialTimeout, self.now)
    }
}

const LOCAL: Verdict = Verdict::Local(LocalError::Network);

#[test]
fn three_silent_hosts_are_a_local_outage() {
    let mut scene = Scene::new();
    for (host, verdict) in [
        ("a.test", Verdict::Dead),
        ("b.test", Verdict::Dead),
        // The same two hosts again still count as two.
        ("a.test", Verdict::Dead),
        ("b.test", Verdict::Dead),
        ("c.test", LOCAL),
        ("a.test", LOCAL),
        ("d.test", LOCAL),
    ] {
        assert_eq!(scene.silent(host, 1), verdict, "{host}");
    }
}

#[test]
fn failures_far_apart_do_not_count_together() {
    let mut scene = Scene::new();
    for host in ["a.test", "b.test", "c.test", "d.test"] {
        assert_eq!(scene.silent(host, 16), Verdict::Dead, "{host}");
    }
    assert_eq!(scene.silent("e.test", 1), LOCAL);
}

#[test]
fn any_answer_ends_an_outage() {
    let refused = || Failure::Unreachable(io::ErrorKind::ConnectionRefused.into());
    type Answer = fn(&Outage);
    let answers: [Answer; 3] = [
        |outage| outage.reached(&upstream("z.test")),
        |outage| {
            // The password is wrong, but the host answered.
            outage.judge(&upstream("z.test"), &Failure::ProxyAuth, Instant::now());
        },
        |outage| {
            outage.judge(&upstream("z.test"), &Failure::Status(502), Instant::now());
        },
    ];
    for answer in answers {
        let mut scene = Scene::new();
        scene.silent("a.test", 0);
        scene.silent("b.test", 0);
        answer(&scene.outage);
        assert_eq!(scene.silent("c.test", 0), Verdict::Dead);
    }
    let mut scene = Scene::new();
    for host in ["a.test", "b.test", "c.test"] {
        scene.silent(host, 0);
    }
    let verdict = scene
        .outage
        .judge(&upstream("d.test"), &refused(), scene.now);
    assert_eq!(verdict, Verdict::Dead);
    assert_eq!(scene.silent("e.test", 0), Verdict::Dead);
}

#[test]
fn local_upstreams_say_nothing_about_the_network() {
    let mut scene = Scene::new();
    for host in ["127.0.0.1", "127.0.0.2", "::1", "localhost"] {
        assert_eq!(scene.silent(host, 0), Verdict::Dead, "{host}");
    }
    scene.silent("a.test", 0);
    scene.silent("b.test", 0);
    scene.outage.reached(&upstream("127.0.0.1"));
    assert_eq!(scene.silent("c.test", 0), LOCAL);
}
