//! A service that is killed while judgements are posted: every one that was acknowledged is in the file, and no line is torn.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::time::Duration;

use serde_json::json;

use super::{Server, lines, place};
use crate::support::program::{Place, assert_succeeds};

/// Times that the service is killed.
const KILLS: u64 = 24;

/// Posts grades of `documents` one after the other until the connection breaks; returns those that were acknowledged.
fn post_until_killed(server: &Server, documents: &[String], round: u64) -> BTreeMap<String, u64> {
    let mut stream = BufReader::new(server.connect());
    let mut acknowledged = BTreeMap::new();
    for (number, document) in documents.iter().cycle().take(4 * documents.len()).enumerate() {
        // Grades change, so that lines are replaced too.
        let grade = (round + number as u64 + number as u64 / documents.len() as u64) % 5;
        let body = json!({ "query": "t1", "document": document, "grade": grade }).to_string();
        let request = format!(
            "POST /judgements HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            server.port,
            body.len()
        );
        if stream.get_mut().write_all(request.as_bytes()).is_err() {
            break;
        }
        // Until the answer comes, the grade before may hold or the new one.
        acknowledged.remove(document);
        if read_status(&mut stream) != Some(200) {
            break;
        }
        acknowledged.insert(document.clone(), grade);
    }
    acknowledged
}

/// Reads one whole answer; none when the connection breaks before its end.
fn read_status(stream: &mut impl BufRead) -> Option<u16> {
    let (mut status, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|&count| count > 0)?;
        if line == "\r\n" {
            break;
        }
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().ok()?;
            }
            None => status = line.split(' ').nth(1)?.parse().ok(),
            _ => {}
        }
    }
    stream.read_exact(&mut vec![0; length]).ok()?;
    status
}

#[test]
fn no_acknowledged_judgement_is_lost_and_no_line_is_torn() {
    let own = Place::new();
    std::os::unix::fs::symlink(place().path("idx"), own.path("idx")).expect("links can be made");
    let documents: Vec<String> = lines(&place().read("texts/qrels.train.txt"))
        .into_iter()
        .map(|line| line[2].clone())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .take(60)
        .collect();
    let mut expected = BTreeMap::new();
    let mut all = 0;
    for round in 0..KILLS {
        let mut server = Server::start(&own, "--index idx --judgements q.txt");
        if round == 0 {
            server.post("/judgements/queries", &json!({ "text": "anything" })).good();
        }
        let acknowledged = std::thread::scope(|scope| {
            let posting = scope.spawn(|| post_until_killed(&server, &documents, round));
            std::thread::sleep(Duration::from_millis(20 + 10 * (round * 5 % 11)));
            // SAFETY: a plain system call on a process that is ours and not yet waited for.
            unsafe { libc::kill(server.child.id() as i32, libc::SIGKILL) };
            posting.join().expect("it ends with the connection")
        });
        server.child.wait().expect("it was killed");
        all += acknowledged.len();
        expected.extend(acknowledged.clone());
        let bytes = fs::read(own.path("q.txt")).expect("a file");
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let found: BTreeMap<String, u64> = lines(&bytes[..whole])
            .into_iter()
            .map(|line| {
                assert_eq!((line.len(), line[0].as_str(), line[1].as_str()), (4, "t1", "0"), "{line:?}");
                (line[2].clone(), line[3].parse().expect("a grade"))
            })
            .collect();
        for (document, grade) in &acknowledged {
            assert_eq!(found.get(document), Some(grade), "round {round}: {document}");
        }
        // A judgement that was not acknowledged may be there; then it is the state from now on.
        assert!(expected.keys().all(|document| found.contains_key(document)), "round {round}");
        expected = found;
    }
    assert!(all as u64 > 2 * KILLS, "only {all} judgements");
    // A line that a kill left half, as a system that crashed may leave it.
    fs::OpenOptions::new()
        .append(true)
        .open(own.path("q.txt"))
        .and_then(|mut file| file.write_all(b"t1 0 torn"))
        .expect("written");
    let server = Server::start(&own, "--index idx --judgements q.txt");
    assert_eq!(server.get("/judgements").good()["judgements"], expected.len());
    drop(server);
    assert_succeeds(&own.irgan(&["qrels", "--judgements", "q.txt", "--out", "read.txt"]));
    assert_eq!(lines(&own.read("q.txt")).len(), expected.len());
}
