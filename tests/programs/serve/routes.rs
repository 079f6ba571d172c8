//! Every route, good and bad, against what the commands print.

use serde_json::{Value, json};

use super::{Server, lines, place};
use crate::support::program::{assert_fails, assert_succeeds, stdout};

/// The first topic of the test file: its id, and its words in an address.
fn topic() -> (String, String, String) {
    let topics = String::from_utf8(place().read("texts/topics.test.tsv")).expect("text");
    let (id, words) = topics.lines().next().and_then(|line| line.split_once('\t')).expect("a topic");
    (id.to_owned(), words.to_owned(), words.replace(' ', "+"))
}

/// Ids and scores of the hits in an answer.
fn hits(answer: &Value) -> Vec<(String, f32)> {
    let hit = |hit: &Value| {
        (hit["id"].as_str().expect("an id").to_owned(), hit["score"].as_f64().expect("a score") as f32)
    };
    answer.as_array().expect("a list").iter().map(hit).collect()
}

/// Ids and scores of a topic in a run file.
fn in_run(run: &[u8], topic: &str) -> Vec<(String, f32)> {
    let own = lines(run).into_iter().filter(|columns| columns[0] == topic);
    own.map(|columns| (columns[2].clone(), columns[4].parse().expect("a score"))).collect()
}

#[test]
fn searches_and_rankings_are_those_of_the_commands() {
    let place = place();
    let server = Server::start(place, "--index idx --model runs/text --recommender runs/pop");
    let (id, words, query) = topic();
    for (ranker, flags) in [("bm25", &[][..]), ("feedback", &["--feedback"])] {
        let run = format!("{ranker}.run");
        let search =
            ["search", "--index", "idx", "--queries", "texts/topics.test.tsv", "-k", "25", "--out", &run];
        assert_succeeds(&place.irgan(&[&search[..], flags].concat()));
        let answer = server.get(&format!("/search?q={query}&k=25&ranker={ranker}")).good();
        assert_eq!(hits(&answer["hits"]), in_run(&place.read(&run), &id), "{ranker}");
        assert_eq!((&answer["query"], &answer["ranker"]), (&json!(words), &json!(ranker)));
    }
    let printed = place.irgan(&["search", "--index", "idx", &words, "-k", "4", "--format", "json"]);
    let printed: Value = serde_json::from_str(&stdout(&printed)).expect("JSON");
    assert_eq!(server.get(&format!("/search?q={query}&k=4&ranker=bm25")).good()["hits"], printed);

    let rank = [
        "rank",
        "--model",
        "runs/text",
        "--index",
        "idx",
        "--queries",
        "texts/topics.test.tsv",
        "--out",
        "text.run",
        "-q",
    ];
    assert_succeeds(&place.irgan(&rank));
    let run = place.read("text.run");
    let expected = in_run(&run, &id);
    let answer = server.get(&format!("/search?q={query}&k=1000")).good();
    assert_eq!((answer["ranker"].as_str(), hits(&answer["hits"])), (Some("model"), expected.clone()));
    let topics = String::from_utf8(place.read("texts/topics.test.tsv")).expect("text");
    let queries: Vec<Value> = topics
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(id, text)| json!({ "id": id, "text": text }))
        .collect();
    let answer = server.post("/rank", &json!({ "queries": queries })).good();
    assert!(answer["ranker"].as_str().is_some_and(|name| name.starts_with("listnet-")), "{answer}");
    for ranking in answer["rankings"].as_array().expect("rankings") {
        assert_eq!(hits(&ranking["documents"]), in_run(&run, ranking["query"].as_str().expect("an id")));
    }
    let answer = server.post("/rank", &json!({ "queries": [{ "id": id, "text": words }], "k": 2 })).good();
    assert_eq!(hits(&answer["rankings"][0]["documents"]), expected[..2]);

    let user = "u1";
    let printed =
        place.irgan(&["recommend", "--model", "runs/pop", "--user", user, "-k", "7", "--format", "json"]);
    let printed: Value = serde_json::from_str(&stdout(&printed)).expect("JSON");
    let items = server.get("/recommend?user=u1&k=7").good()["items"].clone();
    let names = |list: &Value| -> Vec<Value> {
        list.as_array().expect("a list").iter().map(|item| item["item"].clone()).collect()
    };
    assert_eq!(names(&items), names(&printed));
    assert_eq!(names(&items).len(), 7);
}

#[test]
fn vectors_are_ranked_as_in_a_file_and_errors_name_their_cause() {
    let place = place();
    let server = Server::start(place, "--index idx --model runs/pair");
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/planted/test.txt");
    assert_succeeds(&place.irgan(&[
        "rank",
        "--model",
        "runs/pair",
        "--data",
        data,
        "--out",
        "pair.run",
        "-q",
    ]));
    let run = place.read("pair.run");
    let text = std::fs::read_to_string(data).expect("a file");
    let first = lines(&run)[0][0].clone();
    let own: Vec<&str> = text.lines().filter(|line| line.contains(&format!(" qid:{first} "))).collect();
    let vector = |line: &&str| -> Vec<f64> {
        let values = line.split('#').next().expect("values").split_whitespace().skip(2);
        values.map(|pair| pair.split_once(':').expect("a pair").1.parse().expect("a value")).collect()
    };
    let id = |line: &&str| {
        line.split_once('#').map(|(_, id)| id.trim().rsplit(' ').next().unwrap_or("").to_owned())
    };
    let vectors: Vec<Vec<f64>> = own.iter().map(vector).collect();
    let ids: Vec<Option<String>> = own.iter().map(id).collect();
    let body = match ids.iter().all(Option::is_some) {
        true => json!({ "features": vectors, "ids": ids }),
        false => json!({ "features": vectors }),
    };
    let answer = server.post("/rank", &body).good();
    let scores = |list: Vec<(String, f32)>| list.into_iter().map(|(_, score)| score).collect::<Vec<_>>();
    assert_eq!(scores(hits(&answer["documents"])), scores(in_run(&run, &first)));

    let width = vectors[0].len();
    let row = vec![0.5; width];
    let missing: Vec<Option<f64>> = (0..width).map(|place| (place > 0).then_some(0.5)).collect();
    assert_eq!(
        server.post("/rank", &json!({ "features": [row, missing], "k": 1 })).good()["documents"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(server.post("/rank", &json!({ "features": [] })).good()["documents"], json!([]));
    for (body, status, part) in [
        (json!({ "features": [[1.0]] }), 400, "values in row 1, found 1"),
        (
            json!({ "features": [row], "ids": ["a", "b"] }),
            400,
            "ids: expected one for each of 1 rows, found 2",
        ),
        (json!({ "features": [row], "k": 0 }), 400, "k: expected a number from 1 to 1000"),
        (json!({ "features": ["x"] }), 400, "invalid type"),
        (json!({ "feature": [] }), 400, "unknown field `feature`"),
        (json!({}), 400, "expected `queries`, or `features`"),
        (json!([]), 400, "the body: "),
        (
            json!({ "queries": [{ "id": "1", "text": "x" }] }),
            404,
            "no ranker of texts is served: expected `model.folder` (--model)",
        ),
    ] {
        server.post("/rank", &body).assert_fails(status, &[part]);
    }
    server.get("/recommend?user=u1").assert_fails(404, &["expected `serve.recommender` (--recommender)"]);
    server
        .get("/search?q=x&ranker=model")
        .assert_fails(400, &["no trained ranker: expected `model.folder` (--model)"]);
    server
        .get("/judgements")
        .assert_fails(404, &["nothing is judged here: expected `serve.judgements` (--judgements)"]);
}

#[test]
fn documents_pages_and_the_rest_answer_and_refuse() {
    let server =
        Server::start(place(), "--index idx --model runs/text --max-query 60 --max-k 50 --max-body 3000");
    let (_, words, query) = topic();
    let best = server.get(&format!("/search?q={query}&k=1")).good()["hits"][0].clone();
    let id = best["id"].as_str().expect("an id");
    let document = server.get(&format!("/documents/{id}")).good();
    assert_eq!(document["id"], id);
    let text = document["fields"].to_string();
    assert!(words.split(' ').any(|word| text.contains(word)), "{text}");

    let page = server.get(&format!("/?q={query}"));
    assert_eq!(page.status, 200);
    let html = page.text();
    for part in ["<mark>", "BM25", "Trained ranker", "listnet-", "class=\"chip", "class=\"move", id] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(
        page.head.contains("content-security-policy: default-src 'none'; script-src 'self'"),
        "{}",
        page.head
    );
    assert!(!html.contains("<script>") && !html.contains("style=") && !html.contains(" onclick"), "{html}");
    let page = server.get(&format!("/document?id={id}&q={query}")).text();
    assert!(page.contains("<mark>") && page.contains(id), "{page}");
    assert!(server.get("/").text().contains("300 documents"));
    let hostile = server.get("/?q=%3Cscript%3Ealert(1)%3C/script%3E").text();
    assert!(!hostile.contains("<script>alert") && hostile.contains("&lt;script&gt;"), "{hostile}");
    assert!(server.get("/?q=the").text().contains("no word to search for"));

    assert_eq!(server.get("/health").good()["status"], "ok");
    assert_eq!(server.get("/openapi.json").good()["openapi"], "3.1.0");
    for file in ["/style.css", "/script.js", "/icon.svg"] {
        assert_eq!(server.get(file).status, 200, "{file}");
    }
    for (path, status, part) in [
        ("/search", 400, "q: expected a text, found nothing"),
        ("/search?q=", 400, "q: expected a text, found nothing"),
        ("/search?q=x&k=51", 400, "k: expected a number from 1 to 50, found \"51\""),
        ("/search?q=x&rank=bm25", 400, "unknown parameter \"rank\": expected q, k, ranker"),
        ("/search?q=x&ranker=best", 400, "ranker: expected bm25, feedback or model, found \"best\""),
        ("/search?q=x&q=y", 400, "q: given twice"),
        ("/search?q=%ff%fe", 400, "UTF-8"),
        ("/documents/nobody", 404, "no document with this id"),
        ("/documents/../../etc/passwd", 404, "no document with this id"),
        ("/documents/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404, "no document with this id"),
        ("/documents/%ff", 400, "UTF-8"),
        ("/documents/", 404, "nothing at this address"),
        ("/nothing", 404, "nothing at this address"),
        ("/rank", 405, "another method"),
        ("/recommend?user=u1", 404, "no recommender"),
    ] {
        server.get(path).assert_fails(status, &[part]);
    }
    server
        .get(&format!("/search?q={}", "x".repeat(61)))
        .assert_fails(400, &["q: expected at most 60 characters, found 61"]);
    let page = server.send("GET", "/nothing", &["Accept: text/html,*/*"], b"");
    assert!(page.status == 404 && page.text().starts_with("<!DOCTYPE html>"), "{}", page.text());
    server
        .post("/rank", &json!({ "queries": [] }))
        .assert_fails(400, &["queries: expected 1 to 100, found 0"]);
    server
        .post("/rank", &json!({ "queries": [{ "id": "a b", "text": "x" }] }))
        .assert_fails(400, &["white space"]);
    server
        .post("/rank", &json!({ "queries": [{ "id": "1", "text": "x".repeat(4000) }] }))
        .assert_fails(413, &["larger"]);
    server
        .send("POST", "/rank", &["Content-Type: text/plain"], b"{}")
        .assert_fails(415, &["application/json"]);
    server
        .send("POST", "/rank", &["Content-Type: application/json"], b"{")
        .assert_fails(400, &["the body: EOF"]);
    server.send("DELETE", "/search", &[], b"").assert_fails(405, &["another method"]);

    let metrics = server.get("/metrics").text();
    for line in [
        "irgan_requests_total{route=\"/documents/{*id}\",status=\"404\"}",
        "irgan_requests_total{route=\"other\",status=\"404\"}",
        "irgan_request_seconds_bucket{route=\"/search\",le=\"+Inf\"}",
        "irgan_index_documents 300",
        "irgan_requests_in_flight 1",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}

#[test]
fn compressed_answers_are_those_that_are_not() {
    use std::io::Read as _;
    let server = Server::start(place(), "--index idx");
    let plain = server.get("/openapi.json").body;
    let mut stream = server.connect();
    std::io::Write::write_all(
        &mut stream,
        format!(
            "GET /openapi.json HTTP/1.0\r\nHost: localhost:{}\r\nAccept-Encoding: gzip\r\n\r\n",
            server.port
        )
        .as_bytes(),
    )
    .expect("sent");
    let packed = super::read_answer(stream);
    assert!(packed.head.contains("content-encoding: gzip"), "{}", packed.head);
    let mut unpacked = vec![];
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain);
}

#[test]
fn settings_that_do_not_go_together_end_the_command() {
    let place = place();
    let fails = |words: &str, code: i32, parts: &[&str]| {
        let words = format!("serve --port 0 {words}");
        assert_fails(&place.irgan(&words.split_whitespace().collect::<Vec<_>>()), code, parts);
    };
    fails("--index idx --host 0.0.0.0", 2, &["`serve.host` (--host) 0.0.0.0", "`serve.token` (--token)"]);
    fails("--index idx --token short", 2, &["16 or more"]);
    fails("--index nowhere", 1, &["nowhere"]);
    fails("--index idx --model runs/pop", 1, &["`serve.recommender` (--recommender)"]);
    fails("--index idx --recommender runs/text", 1, &["runs/text"]);
    fails("--index idx --max-k 0", 2, &["a limit of 0"]);
    fails("--index idx --judgements idx", 1, &["expected a file of lines"]);
    let server = Server::start(place, "--index idx");
    let port = server.port.to_string();
    let taken = place.irgan(&["serve", "--index", "idx", "--port", &port]);
    assert_fails(&taken, 1, &[&format!("http://127.0.0.1:{port}: cannot listen")]);
}
