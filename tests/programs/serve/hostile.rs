//! Requests that no good client sends: each gets an answer or a closed connection, and the service goes on.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use super::{Server, place, read_answer};

#[test]
fn malformed_requests_are_refused_and_harm_nobody() {
    let server = Server::start(place(), "--index idx --model runs/text --max-body 2000 --timeout 2");
    let host = format!("Host: localhost:{}\r\n", server.port);
    let long = "x".repeat(20_000);
    let many: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    let json = "Content-Type: application/json\r\n";
    for (request, statuses) in [
        ("\u{16}\u{3}\u{1}\u{2}binary\r\n\r\n".to_owned(), &[400, 0][..]),
        ("GET\r\n\r\n".to_owned(), &[400]),
        ("GET /search?q=x HTTP/9.9\r\n\r\n".to_owned(), &[400, 505, 0]),
        (format!("GET /search?q={long} HTTP/1.1\r\n{host}\r\n"), &[414, 431, 400]),
        (format!("GET / HTTP/1.1\r\n{host}X: {long}\r\n\r\n"), &[431, 400]),
        (format!("GET / HTTP/1.1\r\n{host}{many}\r\n"), &[431, 400]),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), &[400]),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), &[400]),
        (format!("GET http://evil.example/ HTTP/1.1\r\n{host}\r\n"), &[421]),
        (format!("GET /search?q=\u{e9} HTTP/1.1\r\n{host}Connection: close\r\n\r\n"), &[200, 400]),
        (format!("GET /search?q=%zz%1 HTTP/1.1\r\n{host}Connection: close\r\n\r\n"), &[200, 400]),
        (format!("GET /%00 HTTP/1.1\r\n{host}Connection: close\r\n\r\n"), &[404]),
        (format!("GET //etc/passwd HTTP/1.1\r\n{host}Connection: close\r\n\r\n"), &[404]),
        (format!("OPTIONS * HTTP/1.1\r\n{host}Connection: close\r\n\r\n"), &[404, 405, 400]),
        (format!("CONNECT localhost:1 HTTP/1.1\r\n{host}Connection: close\r\n\r\n"), &[404, 405, 400, 421]),
        (format!("POST /rank HTTP/1.1\r\n{host}{json}Content-Length: -5\r\n\r\n"), &[400]),
        (
            format!("POST /rank HTTP/1.1\r\n{host}{json}Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
            &[400],
        ),
        (format!("POST /rank HTTP/1.1\r\n{host}{json}Content-Length: 99999999999\r\n\r\n"), &[413]),
        (
            format!(
                "POST /rank HTTP/1.1\r\n{host}{json}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n"
            ),
            &[400],
        ),
        (
            format!(
                "POST /rank HTTP/1.1\r\n{host}{json}Content-Length: 1800\r\nConnection: close\r\n\r\n{}",
                "[".repeat(1800)
            ),
            &[400],
        ),
        (
            format!(
                "POST /rank HTTP/1.1\r\n{host}Expect: 200-maybe\r\n{json}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
            ),
            &[400, 417],
        ),
    ] {
        let answer = server.raw(request.as_bytes());
        let shown: String = request.chars().take(60).collect();
        assert!(statuses.contains(&answer.status), "{shown:?}: {}{}", answer.head, answer.text());
        assert!(!answer.text().contains("root:"), "{shown:?}");
    }
    server.get("/search?q=x").good();
}

#[test]
fn random_bytes_and_damaged_requests_harm_nobody() {
    let server = Server::start(place(), "--index idx --timeout 2");
    let good = format!(
        "GET /search?q=salt&k=3 HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n",
        server.port
    );
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for round in 0..150 {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..=round % 4 {
            let place = random() as usize % bytes.len();
            bytes[place] = random() as u8;
        }
        let mut stream = server.connect();
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let answer = read_answer(stream);
        assert!(answer.status < 500, "{}: {}", String::from_utf8_lossy(&bytes), answer.head);
    }
    server.get("/search?q=x").good();
}

#[test]
fn slow_clients_time_out_and_others_are_served() {
    let server = Server::start(place(), "--index idx --model runs/pair --timeout 1");
    let host = format!("Host: localhost:{}\r\n", server.port);
    let mut silent: Vec<_> = (0..20).map(|_| server.connect()).collect();
    let mut half: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for stream in &mut half {
        stream.write_all(format!("GET / HTTP/1.1\r\n{host}").as_bytes()).expect("sent");
    }
    let mut body = server.connect();
    let head = format!(
        "POST /rank HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{{"
    );
    body.write_all(head.as_bytes()).expect("sent");
    let begun = Instant::now();
    server.get("/search?q=x").good();
    assert!(begun.elapsed() < Duration::from_millis(900), "others wait for them");
    read_answer(body).assert_fails(408, &["not answered within 1 s"]);
    for stream in silent.iter_mut().chain(&mut half) {
        let mut rest = vec![];
        let _ = stream.read_to_end(&mut rest);
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "they are not let go");
}

#[test]
fn requests_beyond_the_limit_are_told_to_come_again() {
    let server = Server::start(place(), "--index idx --model runs/pair --max-requests 2 --timeout 20");
    let host = format!("Host: localhost:{}\r\n", server.port);
    let mut held: Vec<_> = (0..2).map(|_| server.connect()).collect();
    for stream in &mut held {
        let head = format!(
            "POST /rank HTTP/1.1\r\n{host}Content-Type: application/json\r\nConnection: close\r\nContent-Length: 15\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("sent");
    }
    let begun = Instant::now();
    while !server.get("/metrics").text().contains("irgan_requests_in_flight 3") {
        assert!(begun.elapsed() < Duration::from_secs(20), "both requests have begun");
    }
    let answer = server.get("/search?q=x");
    answer.assert_fails(503, &["come again"]);
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    assert_eq!(server.get("/health").status, 200);
    for mut stream in held {
        stream.write_all(b"{\"features\":[]}").expect("sent");
        read_answer(stream).good();
    }
    server.get("/search?q=x").good();
}
