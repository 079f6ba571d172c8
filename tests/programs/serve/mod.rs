//! `irgan serve`: a real process on loopback, and a client that speaks HTTP by hand.

mod hostile;
mod judging;
mod kills;
mod routes;
mod signals;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::support::program::{Place, assert_succeeds};

/// A folder with an index, topics, and a small model of each kind that is served, made once.
pub fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let place = Place::new();
        let data = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets");
        let commands = [
            "synth --collection --out texts --documents 300 --queries 40 --seed 3".to_owned(),
            "index --collection texts/documents.jsonl --index idx -q".to_owned(),
            "train --method listnet --index idx --queries texts/topics.train.tsv --qrels texts/qrels.train.txt --latent 8 \
             --fit-epochs 20 --out runs/text -q"
                .to_owned(),
            format!(
                "train --method listnet --train {data}/planted/train.txt --valid {data}/planted/vali.txt --fit-epochs 3 --out runs/pair -q"
            ),
            format!("train --method pop --ratings {data}/interactions/train.tsv --out runs/pop -q"),
        ];
        for command in commands {
            assert_succeeds(&place.irgan(&command.split_whitespace().collect::<Vec<_>>()));
        }
        place
    })
}

/// A running service, which is killed when it is dropped.
pub struct Server {
    pub child: Child,
    pub port: u16,
}

impl Server {
    /// Starts `irgan serve` in the folder with these words behind `--port 0`, and waits until it listens.
    pub fn start(place: &Place, words: &str) -> Self {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
        command
            .current_dir(place.folder())
            .args(["serve", "--port", "0", "-q"])
            .args(words.split_whitespace());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        Self { child, port: port.unwrap_or_else(|| panic!("{line:?}")) }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
        stream
    }

    /// Sends bytes as they are, and returns what comes back until the connection is closed; less when it breaks.
    pub fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes); // it may answer and close before all is sent
        read_answer(stream)
    }

    /// Sends a request with further header lines and a body.
    pub fn send(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n", self.port);
        headers.iter().for_each(|line| head += &format!("{line}\r\n"));
        if method == "POST" {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        self.raw(&[head.as_bytes(), b"\r\n", body].concat())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &["Content-Type: application/json"], body.to_string().as_bytes())
    }

    pub fn form(&self, path: &str, body: &str) -> Answer {
        self.send(
            "POST",
            path,
            &["Content-Type: application/x-www-form-urlencoded", "Accept: text/html"],
            body.as_bytes(),
        )
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: a plain system call on a process that is ours and not yet waited for.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, signal) }, 0);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answer of the service; the status is 0 where none came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// Reads what comes until the connection ends.
pub fn read_answer(mut stream: TcpStream) -> Answer {
    let mut bytes = vec![];
    let _ = stream.read_to_end(&mut bytes); // a connection that is reset ends here, too
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    assert!(!chunked, "{head}");
    Answer { status, head, body: bytes[end..].to_vec() }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|cause| panic!("{cause}: {} {}", self.head, self.text()))
    }

    /// The body of an answer of status 200.
    #[track_caller]
    pub fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{}{}", self.head, self.text());
        self.json()
    }

    /// An error in JSON with this status, whose message has all of `parts`.
    #[track_caller]
    pub fn assert_fails(&self, status: u16, parts: &[&str]) {
        assert_eq!(self.status, status, "{}{}", self.head, self.text());
        let error = self.json()["error"].clone();
        assert_eq!(error["status"], status);
        let message = error["message"].as_str().expect("a message");
        parts.iter().for_each(|part| assert!(message.contains(part), "no `{part}` in {message}"));
    }
}

/// The lines of a file as sets of columns.
pub fn lines(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}
