//! The events against `fixtures/forward.json`, byte for byte.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use serde::Deserialize;
use serde_json::value::RawValue;

use super::*;

#[derive(Deserialize)]
struct Fixture {
    name: String,
    event: Box<RawValue>,
    detail: Option<Box<RawValue>>,
}

fn fixtures() -> Vec<Fixture> {
    serde_json::from_str(include_str!("../../../../fixtures/forward.json")).unwrap()
}

fn assert_is(fixture: &Fixture, event: &Event) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(text(event.json()), fixture.event.get(), "{}", fixture.name);
    if let Some(detail) = &fixture.detail {
        let key = format!(",\"data\":{}", detail.get());
        assert_eq!(text(event.detail()), key, "{}", fixture.name);
    }
}

#[test]
fn each_event_equals_its_fixture() {
    let range = Range::new("127.0.0.1:%d", 60_000, 20).unwrap();
    let ours = [
        restore_done(&[60_000], &[]),
        setting_port_change(&range),
        forward_list_completed("request id", &[60_000], &[], &[]),
        proxy_error("request id", &[60_000], &[], &Detail::UpstreamRefused(407)),
        port_state_update(60_000, true, "forwarded"),
        port_removed(60_000, "port out of range"),
        log("debug message"),
        http_error("HTTP Start error"),
    ];
    for (fixture, event) in fixtures().iter().zip(&ours) {
        assert_is(fixture, event);
    }
}

#[test]
fn each_detail_has_a_fixture_and_each_fixture_a_detail() {
    let fixtures = fixtures();
    let details: Vec<_> = fixtures
        .iter()
        .filter(|fixture| fixture.name.starts_with("proxyError: "))
        .collect();
    assert_eq!(details.len(), Detail::all().len());
    for (fixture, detail) in details.into_iter().zip(Detail::all()) {
        assert_is(fixture, &proxy_error("1", &[60_000], &[], &detail));
    }
}
