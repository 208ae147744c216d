//! The server compared with `openapi.json`: everything it does is documented, and everything documented exists.

use std::collections::BTreeSet;
use std::net::TcpListener;

use loopwire_forward::API_ROUTES;
use serde_json::{Value, json};

use crate::support::api::{Api as Provider, answer};
use crate::support::server::{Answer, TOKEN, TestServer};
use crate::support::upstream::{Kind, Upstream};

/// The document, and the parts of it that were seen.
struct Document {
    all: Value,
    seen: BTreeSet<(String, String, String)>,
}

impl Document {
    fn read() -> Self {
        let text = include_str!("../../openapi.json");
        Self {
            all: serde_json::from_str(text).unwrap(),
            seen: BTreeSet::new(),
        }
    }

    /// The value at that pointer; references are followed.
    fn follow<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(pointer) => self
                .all
                .pointer(pointer.strip_prefix('#').unwrap())
                .expect(pointer),
            None => value,
        }
    }

    fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.all["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap();
            methods
                .iter()
                .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
    }

    fn parameters<'a>(&'a self, operation: &'a Value) -> Vec<&'a Value> {
        let parameters = operation["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        parameters.map(|one| self.follow(one)).collect()
    }

    /// Whether a value matches the schema; a schema may refer to others of the document.
    fn check(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let whole = json!({"allOf": [schema], "components": self.all["components"]});
        let validator = jsonschema::draft202012::new(&whole).map_err(|error| error.to_string())?;
        let errors: Vec<_> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        match errors.is_empty() {
            true => Ok(()),
            false => Err(errors.join("; ")),
        }
    }

    /// An answer must be documented: its status, content type and body.
    fn hold(&mut self, path: &str, method: &str, answer: &Answer) {
        let status = answer.status.to_string();
        let what = format!("{method} {path} {status} {}", answer.kind());
        let operation = &self.all["paths"][path][method];
        let response = operation["responses"].get(&status).expect(&what);
        let content = self.follow(response)["content"]
            .get(answer.kind())
            .expect(&what);
        let body = match answer.kind() {
            "application/json" => answer.json(),
            _ => Value::from(answer.body.as_str()),
        };
        if let Err(error) = self.check(&content["schema"], &body) {
            panic!("{what}: {error}\n{}", answer.body);
        }
        self.seen
            .insert((path.to_owned(), method.to_owned(), status));
    }

    /// Sends every method and format, and compares each answer with the document.
    async fn ask(&mut self, server: &TestServer, path: &str, query: &str, status: u16) {
        let methods: Vec<String> = (self.operations())
            .filter(|(known, ..)| *known == path)
            .map(|(_, method, _)| method.to_owned())
            .collect();
        for method in methods {
            for t in ["", "&t=2", "&t=1"] {
                let target = format!("{path}?{query}{t}");
                let answer = server.ask(&method.to_uppercase(), &target, "", "").await;
                assert_eq!(answer.status, status, "{method} {target}: {}", answer.body);
                self.hold(path, &method, &answer);
                if status == 200 && path == "/api/proxy" {
                    server.get("/api/port_free?ports=all").await.json();
                }
            }
        }
    }
}

/// What GET changes something at. HEAD must be safe, so it is not answered there.
const CHANGING: [&str; 3] = ["/api/proxy", "/api/set_port_range", "/api/port_free"];

#[tokio::test]
async fn routes_methods_and_parameters_are_those_of_the_document() {
    let document = Document::read();
    assert_eq!(document.all["openapi"], "3.1.0");
    let paths: BTreeSet<_> = document.operations().map(|(path, ..)| path).collect();
    assert_eq!(paths, API_ROUTES.iter().map(|route| route.path).collect());
    let mut ids = BTreeSet::new();
    for (path, method, operation) in document.operations() {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()));
        let route = API_ROUTES.iter().find(|route| route.path == path).unwrap();
        let names: Vec<_> = document
            .parameters(operation)
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, route.parameters, "{path}");
        if method == "post" {
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            let names: Vec<_> = body["properties"].as_object().unwrap().keys().collect();
            assert_eq!(names, route.parameters, "{path}");
        }
    }
    let server = TestServer::open(&[], 1);
    for path in paths {
        for method in ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"] {
            let described = &document.all["paths"][path][method.to_lowercase()];
            // HEAD follows from GET in HTTP, where GET changes nothing.
            let there = !described.is_null() || (method == "HEAD" && !CHANGING.contains(&path));
            // An invalid parameter, so that nothing is done.
            let answer = server.ask(method, &format!("{path}?t=3"), "", "").await;
            let expected: &[u16] = if there { &[200, 400] } else { &[405] };
            assert!(
                expected.contains(&answer.status),
                "{method} {path}: {answer:?}"
            );
            assert_eq!(answer.head.contains("\nallow: "), !there, "{answer:?}");
            assert!(method != "HEAD" || answer.body.is_empty(), "{answer:?}");
        }
    }
    assert_eq!(server.get("/api").await.status, 404);
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn schemas_are_valid_and_reject_what_they_should() {
    let document = Document::read();
    for (name, schema) in document.all["components"]["schemas"].as_object().unwrap() {
        assert!(
            document.check(schema, &json!({"else": 1})).is_err(),
            "{name}"
        );
    }
    for parameter in document.all["components"]["parameters"]
        .as_object()
        .unwrap()
        .values()
    {
        let example = parameter.get("example").unwrap_or(&Value::Null);
        if !example.is_null() {
            assert_eq!(document.check(&parameter["schema"], example), Ok(()));
        }
    }
}

#[tokio::test]
async fn every_parameter_is_read_and_its_errors_name_it() {
    let mut document = Document::read();
    let server = TestServer::open(&[], 1);
    let operations: Vec<_> = document
        .operations()
        .filter(|(path, ..)| *path != "/api/openapi.json")
        .map(|(path, method, operation)| {
            let names = document.parameters(operation).into_iter();
            let names: Vec<_> = names
                .map(|one| {
                    (
                        one["name"].as_str().unwrap().to_owned(),
                        one["schema"].clone(),
                    )
                })
                .collect();
            (path.to_owned(), method.to_owned(), names)
        })
        .collect();
    for (path, method, parameters) in operations {
        for (name, schema) in parameters {
            let wrong = match schema["type"].as_str().unwrap() {
                "integer" => "0".to_owned(),
                _ if schema.get("maxLength").is_some() => {
                    let length = schema["maxLength"].as_u64().unwrap() as usize;
                    "x".repeat(length + 1)
                }
                _ => "wrong".to_owned(),
            };
            assert!(document.check(&schema, &json!(wrong)).is_err(), "{name}");
            let answer = match method.as_str() {
                "get" => server.get(&format!("{path}?{name}={wrong}")).await,
                _ => server.post(&path, &json!({&name: wrong}).to_string()).await,
            };
            assert_eq!(
                answer.status, 400,
                "{method} {path} {name}: {}",
                answer.body
            );
            assert!(
                answer.refusal().starts_with(&format!("{name}: ")),
                "{}",
                answer.body
            );
            document.hold(&path, &method, &answer);
        }
    }
    assert!(server.setup.events().is_empty());
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn every_answer_is_documented_and_every_documented_answer_occurs() {
    let mut document = Document::read();
    let endpoints: Vec<_> = API_ROUTES.iter().map(|route| route.path).collect();

    let upstream = Upstream::start(Kind::Http).await;
    let server = TestServer::open(&[upstream.entry(r#""country_code":"US","#)], 2);
    for (path, query) in [
        ("/api/proxy", "num=2"),
        ("/api/proxy", "port={0}"),
        ("/api/port_check", ""),
        ("/api/port_status", ""),
        ("/api/today_list", ""),
        ("/api/set_port_range", "start_port={0}&port_num=2"),
        ("/api/port_free", "ports={0}"),
        ("/api/openapi.json", ""),
    ] {
        document.ask(&server, path, query, 200).await;
    }
    // With some entries in the answers that are lists.
    server.get("/api/proxy").await.data();
    document.ask(&server, "/api/port_check", "", 200).await;
    document.ask(&server, "/api/port_status", "", 200).await;
    let _other = TcpListener::bind(("127.0.0.1", server.start + 1)).unwrap();
    document.ask(&server, "/api/proxy", "", 406).await;
    document
        .ask(&server, "/api/proxy", "country=XX&port={0}", 404)
        .await;

    let large = " ".repeat(20_000);
    for path in &endpoints {
        let guarded = TestServer::with(&[], 1, Some(TOKEN));
        document.ask(&guarded, path, "", 401).await;
        guarded.setup.engine.shutdown().await;
        for method in ["get", "post"] {
            if document.all["paths"][path].get(method).is_none() {
                continue;
            }
            let verb = method.to_uppercase();
            let cross = "Sec-Fetch-Site: cross-site\r\n";
            let answer = server.ask(&verb, path, cross, "").await;
            assert_eq!(answer.status, 403);
            document.hold(path, method, &answer);
            if *path == "/api/openapi.json" {
                continue;
            }
            let answer = server.ask(&verb, path, "", &large).await;
            assert_eq!(answer.status, 413);
            document.hold(path, method, &answer);
            let answer = server.ask(&verb, &format!("{path}?t=3"), "", "").await;
            assert_eq!(answer.status, 400);
            document.hold(path, method, &answer);
            let form = "Content-Type: application/x-www-form-urlencoded\r\n";
            let answer = server.ask(&verb, path, form, "t=2").await;
            assert_eq!(answer.status, 400);
            document.hold(path, method, &answer);
        }
    }
    server.setup.engine.shutdown().await;

    let saved = tempfile::tempdir().unwrap();
    let server = TestServer::open(&[upstream.entry("")], 1);
    let dir = saved.path().join("saved");
    server.setup.engine.set_save_data_path(&dir).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    document.ask(&server, "/api/proxy", "", 500).await;
    server.setup.engine.shutdown().await;

    for (status, expected) in [(402, 402), (404, 404), (400, 400), (406, 406), (503, 502)] {
        let provider = Provider::start(&[answer(status, "", "")]).await;
        let server = TestServer::open(&[], 1);
        server.setup.engine.set_api_host(&provider.url()).unwrap();
        for path in ["/api/proxy", "/api/today_list"] {
            document.ask(&server, path, "", expected).await;
        }
        server.setup.engine.shutdown().await;
    }

    let described: BTreeSet<_> = document
        .operations()
        .flat_map(|(path, method, operation)| {
            let responses = operation["responses"].as_object().unwrap();
            let one = move |status: &String| (path.to_owned(), method.to_owned(), status.clone());
            responses.keys().map(one).collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<_> = described.difference(&document.seen).collect();
    assert!(
        missing.is_empty(),
        "described and never answered: {missing:?}"
    );
}
