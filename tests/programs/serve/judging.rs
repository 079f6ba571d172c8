//! Judgements by the page and by programs: grades, undo, typed queries, and the training that the page names.

use std::fs;

use serde_json::json;

use super::{Answer, Server, lines, place};
use crate::support::program::{Place, assert_fails, assert_succeeds};

/// A folder of its own beside the index and the models.
fn own_place() -> Place {
    let own = Place::new();
    for name in ["idx", "runs", "texts"] {
        std::os::unix::fs::symlink(place().path(name), own.path(name)).expect("links can be made");
    }
    own
}

/// The address that an answer leads on to.
fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}{}", answer.head, answer.text());
    let line = answer.head.lines().find_map(|line| line.strip_prefix("location: "));
    line.expect("a location").to_owned()
}

/// The document that a page shows for judging.
fn shown(page: &str) -> Option<String> {
    let rest = page.split("name=\"document\" value=\"").nth(1)?;
    rest.split('"').next().map(str::to_owned)
}

fn read(place: &Place, name: &str) -> String {
    fs::read_to_string(place.path(name)).unwrap_or_default()
}

#[test]
fn a_query_is_typed_judged_and_undone_by_forms_alone() {
    let place = own_place();
    let flags = "--index idx --model runs/text --judgements q.txt --queries texts/topics.test.tsv --pool-depth 3 --pool-random 2";
    let server = Server::start(&place, flags);
    let topics = String::from_utf8(place.read("texts/topics.train.tsv")).expect("text");
    let words = topics.lines().next().and_then(|line| line.split('\t').nth(1)).expect("a topic").to_owned();
    let list = server.get("/judge").text();
    assert!(list.contains("0 judgements of 0 queries") && list.contains("q.topics.tsv"), "{list}");
    let typed = location(&server.form("/judge/add", &format!("text={}&id=mine", words.replace(' ', "+"))));
    assert_eq!(typed, "/judge/query?id=mine");
    let again = location(&server.form("/judge/add", &format!("text={}&id=", words.replace(' ', "++"))));
    assert_eq!(again, typed);
    let mut page = server.get(&typed).text();
    let mut judged = vec![];
    while let Some(document) = shown(&page) {
        let grade = judged.len() % 5;
        let next = server.form("/judge/grade", &format!("query=mine&document={document}&grade={grade}"));
        judged.push(format!("mine 0 {document} {grade}"));
        assert_eq!(read(&place, "q.txt").lines().last(), judged.last().map(String::as_str)); // before the answer
        page = server.get(&location(&next)).text();
    }
    assert!((5..=8).contains(&judged.len()), "3 of each ranking and 2 by chance: {judged:?}");
    assert!(
        page.contains("All documents of this query are judged") && page.contains("Next query: "),
        "{page}"
    );
    assert_eq!(read(&place, "q.topics.tsv"), format!("id\ttext\nmine\t{words}\n"));

    let undone = location(&server.form("/judge/undo", "query=mine"));
    let last = judged.pop().expect("judged");
    let document = last.split(' ').nth(2).expect("an id").to_owned();
    assert_eq!(undone, format!("/judge/query?id=mine&document={document}"));
    assert_eq!(read(&place, "q.txt").lines().collect::<Vec<_>>(), judged);
    assert_eq!(shown(&server.get("/judge/query?id=mine").text()), Some(document.clone()));
    // Another grade replaces the first, and an empty one withdraws it.
    let first = judged[0].split(' ').nth(2).expect("an id").to_owned();
    server.form("/judge/grade", &format!("query=mine&document={first}&grade=4"));
    assert_eq!(lines(&place.read("q.txt")).last().map(|line| line[3].clone()), Some("4".into()));
    server.form("/judge/grade", &format!("query=mine&document={first}&grade="));
    assert_eq!(read(&place, "q.txt").lines().collect::<Vec<_>>(), judged[1..]);
    server.form("/judge/undo", "query=mine");
    server.form("/judge/undo", "query=mine");
    assert_eq!(lines(&place.read("q.txt")).len(), judged.len());

    for (path, body, status) in [
        ("/judge/grade", "query=mine&document=nobody&grade=1", 404),
        ("/judge/grade", "query=nobody&document=x&grade=1", 404),
        ("/judge/grade", "query=mine&document=x&grade=good", 400),
        ("/judge/grade", "query=mine&grade=1", 400),
        ("/judge/add", "text=", 400),
        ("/judge/add", "text=other+words&id=mine", 400),
        ("/judge/add", "text=words&id=a+b", 400),
    ] {
        let answer = server.form(path, body);
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text());
        assert!(answer.text().contains("class=\"failure\""), "{}", answer.text());
    }
    for path in ["/judge/query?id=nobody", "/judge/query?id=mine&document=nobody"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    assert_eq!(lines(&place.read("q.txt")).len(), judged.len());
}

#[test]
fn programs_judge_and_the_command_of_the_page_trains() {
    let place = own_place();
    let missing = place.irgan(&["serve", "--index", "idx", "--port", "0", "--judgements", "my/q.qrels"]);
    assert_fails(&missing, 1, &["my/q.qrels: cannot open for writing"]);
    fs::create_dir(place.path("my")).expect("a folder");
    let server = Server::start(&place, "--index idx --judgements my/q.qrels --pool-depth 8 --pool-random 4");
    let topics = lines(&place.read("texts/topics.train.tsv"));
    let known = String::from_utf8(place.read("texts/qrels.train.txt")).expect("text");
    for topic in topics.iter().take(8) {
        let added = server
            .post("/judgements/queries", &json!({ "id": topic[0], "text": topic[1..].join(" ") }))
            .good();
        assert_eq!(added["id"], topic[0].as_str());
        let pool = server.get(&format!("/judgements?query={}", topic[0])).good();
        for document in pool["documents"].as_array().expect("a pool") {
            let id = document["id"].as_str().expect("an id");
            assert!(document["grade"].is_null());
            let grade = known.lines().find_map(|line| line.strip_prefix(&format!("{} 0 {id} ", topic[0])));
            let grade = grade.and_then(|grade| grade.parse::<i32>().ok()).unwrap_or(0);
            let body = json!({ "query": topic[0], "document": id, "grade": grade });
            assert_eq!(server.post("/judgements", &body).good()["grade"], grade);
        }
        let pool = server.get(&format!("/judgements?query={}", topic[0])).good();
        assert_eq!(pool["query"]["left"], 0);
    }
    let state = server.get("/judgements").good();
    assert_eq!(state["judged-queries"], 8);
    assert_eq!(state["judgements"], lines(&place.read("my/q.qrels")).len());
    let first = json!({ "query": topics[0][0], "document": "nobody", "grade": 1 });
    server.post("/judgements", &first).assert_fails(404, &["\"nobody\" is not in the index"]);
    for (body, part) in [
        (
            json!({ "query": topics[0][0], "document": "d1", "grade": 5 }),
            "grade: expected a number from 0 to 4, found 5",
        ),
        (json!({ "query": topics[0][0], "document": "d1", "grade": -1 }), "found -1"),
        (json!({ "query": topics[0][0], "document": "d1", "grade": 1.5 }), "the body: "),
        (json!({ "query": topics[0][0], "document": "d1" }), "missing field `grade`"),
        (json!({ "query": topics[0][0], "document": "d1", "grade": 1, "by": "me" }), "unknown field `by`"),
    ] {
        server.post("/judgements", &body).assert_fails(400, &[part]);
    }
    let page = server.get("/judge").text();
    let command = page.split("<code>").find_map(|part| part.strip_prefix("irgan train ")).expect("a command");
    let command = command.split('<').next().expect("its end");
    assert_eq!(
        command,
        "--pairwise --index idx --queries my/q.topics.tsv --qrels my/q.qrels --out runs/judged-1"
    );
    // That command, but faster, and into a folder of this test.
    let words =
        format!("train {command} -q --rounds 1 --fit-epochs 20 --latent 4 --controls none --baselines mle");
    let words = words.replace("--out runs/judged-1", "--out judged");
    assert_succeeds(&place.irgan(&words.split(' ').collect::<Vec<_>>()));
    drop(server);
    let server = Server::start(&place, "--index idx --model judged --judgements my/q.qrels --read-only");
    assert!(server.get("/judge").text().contains("of 8 queries"));
    let (query, document) = (&topics[0][0], lines(&place.read("my/q.qrels"))[0][2].clone());
    let body = json!({ "query": query, "document": document, "grade": null });
    let before = place.read("my/q.qrels");
    server.post("/judgements", &body).assert_fails(403, &["only reads"]);
    server.post("/judgements/undo", &json!({})).assert_fails(403, &["only reads"]);
    server.post("/judgements/queries", &json!({ "text": "new words" })).assert_fails(403, &["only reads"]);
    assert_eq!(
        server.form("/judge/grade", &format!("query={query}&document={document}&grade=1")).status,
        403
    );
    let page = server.get(&format!("/judge/query?id={query}&document={document}"));
    assert!(page.status == 200 && !page.text().contains("name=\"grade\""), "{}", page.text());
    assert_eq!(place.read("my/q.qrels"), before);
}

#[test]
fn judgements_are_taken_from_its_own_pages_alone() {
    let place = own_place();
    let server = Server::start(&place, "--index idx --judgements q.txt --queries texts/topics.test.tsv");
    let topic = lines(&place.read("texts/topics.test.tsv"))[0][0].clone();
    let pool = server.get(&format!("/judgements?query={topic}")).good();
    let document = pool["documents"][0]["id"].as_str().expect("an id").to_owned();
    let body = format!("query={topic}&document={document}&grade=2");
    let form = "Content-Type: application/x-www-form-urlencoded";
    let own = format!("Origin: http://localhost:{}", server.port);
    for (headers, status) in [
        (vec!["Sec-Fetch-Site: cross-site"], 403),
        (vec!["Sec-Fetch-Site: same-site"], 403),
        (vec!["Origin: http://evil.example"], 403),
        (vec!["Origin: null"], 403),
        (vec![own.as_str()], 303),
        (vec!["Sec-Fetch-Site: same-origin"], 303),
    ] {
        let answer = server.send("POST", "/judge/grade", &[&[form], &headers[..]].concat(), body.as_bytes());
        assert_eq!(answer.status, status, "{headers:?}");
        assert_eq!(read(&place, "q.txt").is_empty(), status == 403, "{headers:?}");
    }
    // A page of another name that leads here.
    let rebound = server.raw(b"GET /judgements HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    rebound.assert_fails(421, &["answers to no other name"]);
    let second = place.irgan(&["serve", "--index", "idx", "--port", "0", "--judgements", "q.txt"]);
    assert_fails(&second, 1, &["q.txt: another process writes to this file"]);
}

#[test]
fn a_service_for_others_asks_for_its_token() {
    let server = Server::start(place(), "--index idx --host 0.0.0.0 --token correct-horse-battery");
    assert_eq!(server.get("/health").status, 200);
    let refused = server.get("/search?q=x");
    refused.assert_fails(401, &["expected the token"]);
    assert!(refused.head.contains("www-authenticate: Basic"), "{}", refused.head);
    server
        .send("GET", "/search?q=x", &["Authorization: Bearer correct-horse-batterx"], b"")
        .assert_fails(401, &[]);
    let bearer = "Authorization: Bearer correct-horse-battery";
    server.send("GET", "/search?q=x", &[bearer], b"").good();
    server.send("GET", "/metrics", &[], b"").assert_fails(401, &[]);
    // `me:correct-horse-battery`, as a browser sends it.
    let basic = "Authorization: Basic bWU6Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";
    assert_eq!(server.send("GET", "/", &[basic, "Accept: text/html"], b"").status, 200);
}
