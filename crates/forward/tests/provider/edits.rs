//! Edits of the list: a port uses what the list says now, whether that answers already or not.

use std::net::SocketAddr;

use crate::support::upstream::{Kind, Upstream};
use crate::support::{TestEngine, entry, quick, soon, until};

fn socks(address: SocketAddr, more: &str) -> String {
    entry("socks5", address, more)
}

/// Waits until the port uses that upstream, and is online or not.
async fn uses(setup: &TestEngine, address: SocketAddr, online: bool) {
    let wanted = format!("socks5://{address}");
    until(&format!("{wanted}, online: {online}"), || {
        setup.config("/upstream") == wanted.as_str() && setup.config("/is_online") == online
    })
    .await;
}

/// A tunnel through the port, which that upstream must see.
async fn serves(setup: &TestEngine, upstream: &Upstream) {
    let echo = crate::support::echo().await;
    upstream.asked();
    drop(crate::support::tunnel(setup, echo).await);
    let asked = upstream.asked();
    assert!(
        asked.iter().any(|one| one.contains(&echo.to_string())),
        "{asked:?}"
    );
}

#[tokio::test]
async fn an_edited_entry_that_does_not_answer_yet_takes_the_port_offline_until_it_does() {
    let old = Upstream::start(Kind::Socks).await;
    let mut new = Upstream::start(Kind::Socks).await;
    new.kill().await;
    let setup = TestEngine::forwarding(quick(), old.entry("")).await;
    setup.list(&[new.entry("")]);
    uses(&setup, new.address, false).await;
    assert!(
        setup
            .config("/last_error")
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    // The old one still runs and is not used: the list no longer has it.
    old.asked();
    let mut refused = setup.connect().await;
    tokio::io::AsyncWriteExt::write_all(
        &mut refused,
        b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
    )
    .await
    .unwrap();
    let answer = crate::support::read_to_end(&mut refused).await;
    assert!(answer.starts_with("HTTP/1.1 50"), "{answer}");
    assert!(old.asked().is_empty());
    new.revive();
    uses(&setup, new.address, true).await;
    serves(&setup, &new).await;
    let states = setup.take().into_iter();
    let states: Vec<_> = states.map(|(_, detail)| detail).collect();
    assert!(states[0].contains(r#""online":false"#), "{states:?}");
    assert!(states[1].contains(r#""online":true"#), "{states:?}");
    assert_eq!(states.len(), 2, "{states:?}");
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn an_entry_is_edited_while_the_port_is_offline_and_while_another_edit_is_tried() {
    let mut first = Upstream::start(Kind::Socks).await;
    let silent = Upstream::start(Kind::Silent).await;
    let last = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::forwarding(quick(), first.entry("")).await;
    first.kill().await;
    assert!(!soon("testPort", setup.engine.test_port(setup.port)).await);
    setup.hurry();
    setup.list(&[socks(silent.address, "")]);
    until("the first edit is tried", || {
        silent
            .seen
            .connections
            .load(std::sync::atomic::Ordering::Relaxed)
            > 0
    })
    .await;
    setup.list(&[last.entry("")]);
    uses(&setup, last.address, true).await;
    serves(&setup, &last).await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn edited_credentials_are_used_even_if_they_are_refused() {
    let upstream = Upstream::with(Kind::Socks, Some(("a", "right"))).await;
    let with =
        |password: &str| upstream.entry(&format!(r#""username":"a","password":"{password}","#));
    let setup = TestEngine::forwarding(quick(), with("right")).await;
    setup.list(&[with("wrong")]);
    uses(&setup, upstream.address, false).await;
    setup.list(&[with("right")]);
    uses(&setup, upstream.address, true).await;
    serves(&setup, &upstream).await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn an_edit_is_not_lost_when_the_same_list_is_set_again() {
    let (old, new) = (
        Upstream::start(Kind::Socks).await,
        Upstream::start(Kind::Socks).await,
    );
    let setup = TestEngine::forwarding(quick(), old.entry("")).await;
    let url = setup.engine.api_host();
    setup.list(&[new.entry("")]);
    setup.engine.set_api_host(&url).unwrap();
    uses(&setup, new.address, true).await;
    setup.list(&[]);
    setup.engine.set_api_host(&url).unwrap();
    until("the port is removed", || {
        !setup.engine.is_running_port(setup.port)
    })
    .await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn another_list_does_not_concern_the_ports_of_the_first_one() {
    let upstream = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::forwarding(quick(), upstream.entry("")).await;
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other.json");
    std::fs::write(&other, "[]").unwrap();
    let url = format!("file://{}", other.display());
    setup.engine.set_api_host(&url).unwrap();
    std::fs::write(
        &other,
        format!(
            "[{}]",
            entry("http", upstream.address, "").replace("up", "b")
        ),
    )
    .unwrap();
    // Longer than several looks at the list.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert!(setup.engine.is_running_port(setup.port));
    serves(&setup, &upstream).await;
    assert!(setup.events().is_empty());
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn an_entry_that_cannot_be_used_is_told_and_the_last_good_one_goes_on() {
    let upstream = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::forwarding(quick(), upstream.entry("")).await;
    setup.list(&[upstream.entry("").replace("socks5", "gopher")]);
    let problem = "the edited entry cannot be used: proxy invalid";
    until(problem, || setup.config("/last_error") == problem).await;
    assert_eq!(setup.config("/is_online"), true);
    serves(&setup, &upstream).await;
    // Put right, it is taken like any other edit.
    let next = Upstream::start(Kind::Socks).await;
    setup.list(&[next.entry("")]);
    uses(&setup, next.address, true).await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_port_that_was_picked_by_a_filter_never_becomes_direct_by_an_edit() {
    for (named, kept) in [(false, false), (true, true)] {
        let upstream = Upstream::start(Kind::Socks).await;
        let setup = TestEngine::new(quick(), &[upstream.entry("")]);
        let engine = &setup.engine;
        if named {
            let creating = engine.create_with_id(setup.port, "up", "1", "manual");
            soon("createWithId", creating).await.unwrap();
        } else {
            let creating = engine.quick_create_at_port(setup.port, "request", "1");
            soon("quickCreateAtPort", creating).await.unwrap();
        }
        setup.events();
        setup.list(&[r#"{"id":"up","protocol":"direct"}"#.to_owned()]);
        let event = setup.next(1).await.remove(0);
        let reason = if kept { "edited" } else { "direct refused" };
        assert!(
            event.1.contains(&format!(r#""reason":"{reason}""#)),
            "{event:?}"
        );
        assert_eq!(engine.is_running_port(setup.port), kept);
        engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_renewed_proxy_with_another_address_is_used_before_it_answers() {
    use crate::support::api::{Api, answer};
    let old = Upstream::start(Kind::Socks).await;
    let mut new = Upstream::start(Kind::Socks).await;
    new.kill().await;
    let provider = Api::start(&[
        answer(200, "", &old.entry("")),
        answer(200, "", &new.entry("")),
    ])
    .await;
    let setup = TestEngine::new(quick(), &[]);
    setup.engine.set_api_host(&provider.url()).unwrap();
    let creating = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    soon("createWithId", creating).await.unwrap();
    let second = std::time::Duration::from_secs(1);
    setup.engine.set_renew_setting(second, 0, false);
    setup.engine.enable_auto_renew(true);
    uses(&setup, new.address, false).await;
    new.revive();
    uses(&setup, new.address, true).await;
    setup.engine.shutdown().await;
}
