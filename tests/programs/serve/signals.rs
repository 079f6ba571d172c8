//! Signals: a new index without a lost request, and an end in order.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{Server, place, read_answer};
use crate::support::program::{Place, assert_succeeds};

#[test]
fn a_new_index_is_taken_up_without_a_lost_request() {
    let own = Place::new();
    let index = |text: &str| {
        own.write("docs.jsonl", format!("{{\"id\": \"d1\", \"text\": \"{text}\"}}\n"));
        assert_succeeds(&own.irgan(&[
            "index",
            "--collection",
            "docs.jsonl",
            "--index",
            "idx",
            "--force",
            "-q",
        ]));
    };
    index("salt common");
    let server = Server::start(&own, "--index idx");
    let found =
        |word: &str| server.get(&format!("/search?q={word}")).good()["hits"].as_array().map_or(0, Vec::len);
    assert_eq!((found("salt"), found("wind")), (1, 0));
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let hits = server.get("/search?q=common").good()["hits"].clone();
                    assert_eq!(hits.as_array().map(Vec::len), Some(1), "{hits}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 0..6 {
            index(if round % 2 == 0 { "wind common" } else { "salt common" });
            server.signal(libc::SIGHUP);
        }
        // A new index that is none: the one before stays.
        std::fs::rename(own.path("idx"), own.path("idx.away")).expect("renamed");
        server.signal(libc::SIGHUP);
        let begun = Instant::now();
        let failed = || !server.get("/metrics").text().contains("irgan_reloads_total{outcome=\"failed\"} 0");
        while !failed() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{}", server.get("/metrics").text());
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answered.load(Ordering::Relaxed) > 20);
    std::fs::rename(own.path("idx.away"), own.path("idx")).expect("renamed");
    index("wind common");
    server.signal(libc::SIGHUP);
    let begun = Instant::now();
    while (found("salt"), found("wind")) != (0, 1) {
        assert!(begun.elapsed() < Duration::from_secs(30), "the new index is not taken up");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until a process ends, and returns its exit status.
fn ended(server: &mut Server) -> Option<i32> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) {
        if let Some(status) = server.child.try_wait().expect("it is ours") {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it does not end");
}

#[test]
fn an_end_that_is_asked_for_waits_for_open_requests() {
    for (signal, code) in [(libc::SIGTERM, 143), (libc::SIGINT, 130)] {
        let mut server = Server::start(place(), "--index idx --model runs/pair --timeout 20");
        let body = format!("{{\"features\": []{}}}", " ".repeat(200));
        let head = format!(
            "POST /rank HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            server.port,
            body.len()
        );
        let mut half = server.connect();
        half.write_all(&[head.as_bytes(), &body.as_bytes()[..100]].concat()).expect("sent");
        let mut idle = server.connect();
        let begun = Instant::now();
        while !server.get("/metrics").text().contains("irgan_requests_in_flight 2") {
            assert!(begun.elapsed() < Duration::from_secs(20), "the request has begun");
        }
        server.signal(signal);
        // Connections that wait for a request end; no new one is taken.
        assert_eq!(idle.read(&mut [0; 16]).expect("closed"), 0);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", server.port)).is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it still takes connections");
        }
        half.write_all(&body.as_bytes()[100..]).expect("sent");
        read_answer(half).good();
        assert_eq!(ended(&mut server), Some(code));
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut server = Server::start(place(), "--index idx --timeout 600");
    let mut half = server.connect();
    half.write_all(format!("GET /health HTTP/1.1\r\nHost: localhost:{}\r\n", server.port).as_bytes())
        .expect("sent");
    std::thread::sleep(Duration::from_millis(100));
    server.signal(libc::SIGTERM);
    std::thread::sleep(Duration::from_millis(300));
    if server.child.try_wait().expect("it is ours").is_none() {
        server.signal(libc::SIGTERM);
    }
    assert_eq!(ended(&mut server), Some(143));
}
