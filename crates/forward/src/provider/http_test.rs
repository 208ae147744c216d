//! The API's side of real sockets: what it is asked, and what its answers make of a request.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::super::api::{Api as Server, Say, answer};
use super::*;

/// Longer than anything here takes; a test that reaches it is stuck.
const STUCK: Duration = Duration::from_secs(15);

const UP: &str = r#"{"id":"a b/c?","protocol":"socks5","host":"127.0.0.1","port":1080,"country_code":"US","unknown":[1]}"#;

fn provider(server: &Server, path: &str) -> (Api, Arc<Account>) {
    let account = Arc::new(Account::default());
    let url = format!("{}{path}", server.url());
    (Api::new(&url, Arc::clone(&account)).unwrap(), account)
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(STUCK, future).await.unwrap()
}

async fn find(api: &Api) -> Result<Upstream, Refusal> {
    soon(api.find("a b/c?", "1", "manual")).await
}

fn told(result: Result<impl Sized, Refusal>) -> String {
    result.err().unwrap().detail.to_string()
}

#[tokio::test]
async fn a_look_up_sends_the_account() {
    let server = Server::start(&[answer(200, "", UP)]).await;
    let (api, account) = provider(&server, "/sdk/v1/?own=1&api-key=base");
    account.set_header("X-Api-Key", "k3y").unwrap();
    account.set_header("x-api-key", "other k3y").unwrap();
    account.set_query("api key", "ä&=#").unwrap();
    account.set_query("plan", "overridden").unwrap();
    account.set_country("HK");
    let upstream = find(&api).await.unwrap();
    assert_eq!(upstream.to_string(), "socks5://127.0.0.1:1080");
    assert_eq!(upstream.location.country_code, "US");
    let heads = server.asked();
    let head = heads[0].to_lowercase();
    assert_eq!(
        heads[0].lines().next().unwrap(),
        "GET /sdk/v1/proxies/a%20b%2Fc%3F?own=1&api-key=base&api%20key=%C3%A4%26%3D%23&plan=1&action=manual&user_country_code=HK HTTP/1.1"
    );
    for header in [
        format!("\r\nhost: {}\r\n", server.address),
        "\r\nx-api-key: other k3y\r\n".to_owned(),
        "\r\naccept: application/json\r\n".to_owned(),
        format!("\r\nuser-agent: loopwire/{}\r\n", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.contains(&header), "{header} in {head}");
    }
    assert_eq!(heads.len(), 1);
}

#[tokio::test]
async fn a_pick_sends_the_fields_of_the_filter_and_nothing_else() {
    let good = |id: &str| format!(r#"{{"id":"{id}","protocol":"http","host":"h","port":1}}"#);
    let list = format!(
        "[{},null,{{\"id\":1}},{},{}]",
        good("z"),
        good("y"),
        good("x")
    );
    let one = format!("[{}]", good("z"));
    let enveloped = format!(r#"{{"success":true,"data":{list}}}"#);
    let server = Server::start(&[&list, &enveloped, &one].map(|body| answer(200, "", body))).await;
    let (api, _) = provider(&server, "");
    let (mut filter, _) =
        Filter::from_json(r#"{"country":["US","HK"],"state":"New York","zip":"1","isp":"I"}"#)
            .unwrap();
    filter.today = true;
    let ids = |found: Vec<Upstream>| found.into_iter().map(|up| up.id).collect::<Vec<_>>();
    assert_eq!(ids(soon(api.pick(&filter, 2)).await.unwrap()), ["z", "y"]);
    let any = soon(api.pick(&Filter::default(), 5)).await.unwrap();
    assert_eq!(ids(any), ["z", "y", "x"]);
    let lone = soon(api.pick(&Filter::default(), 5)).await.unwrap();
    assert_eq!(ids(lone), ["z"]);
    assert_eq!(
        server.targets(),
        [
            "/proxies?country=US%2CHK&state=New%20York&zip=1&isp=I&today=true&limit=2&plan=1&action=manual",
            "/proxies?limit=5",
            "/proxies?limit=5"
        ]
    );
}

#[tokio::test]
async fn a_pick_without_a_match_is_an_error() {
    for (body, detail) in [
        ("[]", "no port available"),
        (r#"{"data":[]}"#, "no port available"),
        (r#"[{"id":"a","protocol":"gopher"}]"#, "no port available"),
        ("{}", "provider unreadable"),
        (r#"{"data":null}"#, "provider unreadable"),
        ("", "provider unreadable"),
    ] {
        let server = Server::start(&[answer(200, "", body)]).await;
        let (api, _) = provider(&server, "");
        assert_eq!(told(soon(api.pick(&Filter::default(), 5)).await), detail);
    }
}

#[tokio::test]
async fn ids_that_would_change_the_path_are_not_requested() {
    let server = Server::start(&[answer(200, "", UP)]).await;
    let (api, _) = provider(&server, "");
    for id in ["", ".", ".."] {
        let found = soon(api.find(id, "1", "manual")).await;
        assert_eq!(found.unwrap_err().detail, Detail::UnknownProxy);
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_401_waits_for_another_key_and_retries_within_the_same_deadline() {
    let no = answer(401, "", "");
    let server = Server::start(&[no.clone(), no, answer(200, "", UP)]).await;
    let (api, account) = provider(&server, "");
    let setting = async {
        server.until(1).await;
        account.set_query("api-key", "second").unwrap();
        server.until(2).await;
        account.set_header("X-Api-Key", "third").unwrap();
    };
    let (found, ()) = tokio::join!(find(&api), setting);
    found.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    assert!(!asked[0].contains("second") && asked[1].contains("api-key=second"));
    assert!(!asked[1].contains("third") && asked[2].contains("third"));
}

#[tokio::test]
async fn a_key_that_is_set_during_a_request_is_tried_at_once() {
    let go = Arc::new(Notify::new());
    let held = Say::Held("HTTP/1.1 401 No\r\n\r\n".to_owned(), Arc::clone(&go));
    let server = Server::start(&[held, answer(200, "", UP)]).await;
    let (api, account) = provider(&server, "");
    let setting = async {
        server.until(1).await;
        account.set_query("api-key", "new").unwrap();
        go.notify_one();
    };
    let (found, ()) = tokio::join!(find(&api), setting);
    found.unwrap();
    assert!(server.targets()[1].contains("api-key=new"));
}

#[tokio::test]
async fn an_api_that_does_not_answer_times_out() {
    let server = Server::start(&[Say::Nothing]).await;
    let (api, _) = provider(&server, "");
    let client = api.client.clone().with_deadline(Duration::from_millis(100));
    let api = Api { client, ..api };
    assert_eq!(find(&api).await.unwrap_err().detail, Detail::Unknown);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_401_without_another_key_ends_by_time_or_by_call() {
    let no = answer(401, "", r#"{"message":"KEY_EXPIRED"}"#);
    let server = Server::start(&[no]).await;
    let (api, account) = provider(&server, "");
    let closing = async {
        server.until(1).await;
        account.close_token_chan();
    };
    let begun = Instant::now();
    let (found, ()) = tokio::join!(find(&api), closing);
    assert_eq!(told(found), "status:401|message:KEY_EXPIRED");
    assert!(begun.elapsed() < STUCK / 2, "at once");
    assert_eq!(server.asked().len(), 1);

    let patience = Duration::from_millis(300);
    let api = Api { patience, ..api };
    let begun = Instant::now();
    assert_eq!(told(find(&api).await), "status:401|message:KEY_EXPIRED");
    assert!(begun.elapsed() >= patience, "a later request waits again");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn wrong_keys_do_not_extend_the_wait_of_the_first_401() {
    let server = Server::start(&[answer(401, "", "")]).await;
    let (api, account) = provider(&server, "");
    let patience = Duration::from_millis(600);
    let api = Api { patience, ..api };
    let setting = async {
        for number in 1.. {
            server.until(number).await;
            account.set_query("api-key", &number.to_string()).unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let begun = Instant::now();
    let found = tokio::select! {
        found = find(&api) => found,
        () = setting => unreachable!("counts for ever"),
    };
    assert_eq!(told(found), "status:401|message:UNAUTHORIZED");
    assert!(begun.elapsed() >= patience && begun.elapsed() < STUCK / 2);
    assert!((2..=12).contains(&server.asked().len()));
}

#[tokio::test]
async fn a_busy_api_is_asked_again_if_it_sends_retry_after() {
    for (status, headers, times) in [
        (429, "Retry-After: 0\r\n", 2),
        (503, "Retry-After: 1\r\n", 2),
        (503, "Retry-After: 21\r\n", 1),
        (429, "Retry-After: soon\r\n", 1),
        (429, "", 1),
        (500, "Retry-After: 0\r\n", 1),
        // By the API's own clock, which is years away from ours.
        (
            429,
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:38 GMT\r\n",
            2,
        ),
        (429, "Retry-After: Sun, 06 Nov 1994 08:49:38 GMT\r\n", 2),
    ] {
        let server = Server::start(&[answer(status, headers, "")]).await;
        let (api, _) = provider(&server, "");
        assert!(told(find(&api).await).starts_with(&format!("status:{status}|")));
        assert_eq!(server.asked().len(), times, "{status} {headers}");

        let server = Server::start(&[answer(status, headers, ""), answer(200, "", UP)]).await;
        let (api, _) = provider(&server, "");
        let begun = Instant::now();
        assert_eq!(find(&api).await.is_ok(), times == 2, "{status} {headers}");
        if headers == "Retry-After: 1\r\n" {
            assert!(begun.elapsed() >= Duration::from_secs(1));
        }
    }
}

#[tokio::test]
async fn a_message_that_repeats_a_key_is_not_passed_on() {
    let say = |message: &str| answer(403, "", &format!(r#"{{"message":"{message}"}}"#));
    for (message, detail) in [
        ("key k3y-query is bad", "status:403|message:FORBIDDEN"),
        ("key k3y-header is bad", "status:403|message:FORBIDDEN"),
        ("key k3y base is bad", "status:403|message:FORBIDDEN"),
        ("NOT_ALLOWED", "status:403|message:NOT_ALLOWED"),
    ] {
        let server = Server::start(&[say(message)]).await;
        let (api, account) = provider(&server, "/?key=k3y%20base");
        account.set_query("api-key", "k3y-query").unwrap();
        account
            .set_header("Authorization", "Bearer k3y-header")
            .unwrap();
        assert_eq!(told(find(&api).await), detail);
        assert!(!format!("{api:?}").contains("k3y"), "{api:?}");
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_read() {
    // No length, so that only the bytes themselves tell.
    let body = " ".repeat((4 << 20) + 1);
    let server = Server::start(&[Say::Bytes(format!("HTTP/1.1 200 OK\r\n\r\n{body}{UP}"))]).await;
    let (api, _) = provider(&server, "");
    assert_eq!(told(find(&api).await), "provider unreadable");
    let body = " ".repeat((4 << 20) - UP.len());
    let server = Server::start(&[Say::Bytes(format!("HTTP/1.1 200 OK\r\n\r\n{body}{UP}"))]).await;
    let (api, _) = provider(&server, "");
    assert!(find(&api).await.is_ok());
}

mod tls {
    //! HTTPS, with an authority of our own.

    use std::path::PathBuf;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::RootCertStore;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// A server for `127.0.0.1`, and the certificate of its issuer in PEM.
    fn acceptor() -> (TlsAcceptor, String) {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        (TlsAcceptor::from(Arc::new(config)), issuer.pem())
    }

    #[tokio::test]
    async fn an_untrusted_api_is_not_asked() {
        let (acceptor, _) = acceptor();
        let server = Server::with(&[answer(200, "", UP)], Some(acceptor)).await;
        let url = format!("https://{}", server.address);
        let api = Api::new(&url, Arc::default()).unwrap();
        assert_eq!(find(&api).await.unwrap_err().detail, Detail::Unknown);
        assert!(server.asked().is_empty());
    }

    #[tokio::test]
    async fn an_api_with_a_trusted_certificate_is_asked() {
        let (acceptor, pem) = acceptor();
        let server = Server::with(&[answer(200, "", UP)], Some(acceptor)).await;
        let url = format!("https://{}", server.address);
        let client = Client::new(Arc::default(), move || {
            let mut store = RootCertStore::empty();
            let authority = CertificateDer::from_pem_slice(pem.as_bytes());
            store.add(authority.unwrap()).unwrap();
            store
        });
        let api = Api::new(&url, Arc::default()).unwrap();
        let api = Api { client, ..api };
        assert!(find(&api).await.is_ok());
        assert_eq!(server.asked().len(), 1);
    }

    /// Runs in a child process whose environment names a certificate authority; does nothing in any other process.
    #[tokio::test]
    async fn requests_with_the_authorities_of_its_environment() {
        let Ok(url) = std::env::var("LOOPWIRE_TEST_ASK") else {
            return;
        };
        find(&Api::new(&url, Arc::default()).unwrap())
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn node_extra_ca_certs_are_trusted() {
        let (acceptor, pem) = acceptor();
        let server = Server::with(&[answer(200, "", UP)], Some(acceptor)).await;
        let path = std::env::temp_dir().join(format!("loopwire-extra-{}", std::process::id()));
        std::fs::write(&path, pem).unwrap();
        // A child process, because a test cannot set an environment variable for itself only.
        let running = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "provider::http::tests::tls::requests_with_the_authorities_of_its_environment",
            ])
            .env("LOOPWIRE_TEST_ASK", format!("https://{}", server.address))
            .env("NODE_EXTRA_CA_CERTS", &path)
            .kill_on_drop(true)
            .output();
        let output = soon(running).await.unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(server.asked().len(), 1);
    }

    #[test]
    fn a_pem_file_gives_all_certificates_that_can_be_read() {
        let path: PathBuf =
            std::env::temp_dir().join(format!("loopwire-ca-{}", std::process::id()));
        let [(_, one), (_, two)] = [acceptor(), acceptor()];
        let broken = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
        std::fs::write(&path, format!("{one}\n{broken}{two}")).unwrap();
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(loopwire_trust::certificates(&path));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(store.len(), 2);
        assert!(loopwire_trust::certificates(&path).is_empty());
    }
}
