//! Files that are no text are refused by every reader, which names the line and what it found: never a result from a part.

use irgan::data::features::letor;
use irgan::data::{answers, interactions};
use irgan::evaluation::Qrels;

use crate::support::program::Place;

/// Reads a file and drops what it holds.
type Read = fn(&std::path::Path) -> irgan::Result<()>;

/// Contents, names and functions of the readers.
fn readers() -> [(&'static str, &'static str, Read); 4] {
    [
        ("1 0 a 1\n1 0 b 0\n2 0 c 1\n", "judgements", |path| Qrels::read(path).map(|_| ())),
        ("1 qid:1 1:1\n0 qid:1 1:0\n", "feature vectors", |path| {
            letor::read(path, &Default::default()).map(|_| ())
        }),
        ("a\tx\t5\na\ty\t4\n", "ratings", |path| {
            interactions::read(path, interactions::Layout::Ratings).map(|_| ())
        }),
        ("q\ta\t1\nq\tb\t0\n", "answers", |path| answers::read(path).map(|_| ())),
    ]
}

fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn utf16_is_refused_with_and_without_a_mark() {
    let place = Place::new();
    for (text, what, read) in readers() {
        read(&place.write("plain", text)).expect(what);
        for (mark, big) in [(true, false), (true, true), (false, false), (false, true)] {
            let error = read(&place.write("wide", utf16(text, mark, big))).expect_err(what).to_string();
            assert!(
                error.contains("wide:1: expected UTF-8") && error.contains("found UTF-16"),
                "{what}: {error}"
            );
        }
    }
}

#[test]
fn lone_carriage_returns_are_refused_and_those_before_a_line_feed_are_not() {
    let place = Place::new();
    for (text, what, read) in readers() {
        for ends in ["\r\n", "\r\r\n"] {
            read(&place.write("windows", text.replace('\n', ends))).expect(what);
        }
        read(&place.write("end", text.trim_end().to_owned() + "\r")).expect(what);
        let old_mac = text.replace('\n', "\r");
        let mixed = text.replacen('\n', "\r", 1);
        for bytes in [old_mac, mixed] {
            let error = read(&place.write("mac", bytes)).expect_err(what).to_string();
            assert!(error.contains("mac:1: ") && error.contains("carriage return alone"), "{what}: {error}");
        }
    }
}

#[test]
fn nul_bytes_are_refused_on_their_line() {
    let place = Place::new();
    for (text, what, read) in readers() {
        let bytes = text.replacen('\n', "\n\0", 1);
        let error = read(&place.write("holes", bytes)).expect_err(what).to_string();
        assert!(error.contains("holes:2: ") && error.contains("NUL"), "{what}: {error}");
    }
}

#[test]
fn runs_that_are_no_text_are_refused() {
    let place = Place::new();
    place.write("qrels", "1 0 a 1\n1 0 b 0\n2 0 c 1\n");
    let run = "1 Q0 b 1 2 x\n1 Q0 a 2 1 x\n2 Q0 c 1 1 x\n";
    place.write("good", run);
    crate::support::program::assert_succeeds(&place.irgan(&["eval", "qrels", "good", "-m", "AP"]));
    for (bytes, found) in [
        (run.replace('\n', "\r").into_bytes(), "carriage return alone"),
        (utf16(run, true, false), "found UTF-16"),
        (utf16(run, false, true), "found UTF-16"),
        (run.replacen('a', "\0", 1).into_bytes(), "NUL"),
    ] {
        place.write("bad", bytes);
        let output = place.irgan(&["eval", "qrels", "bad", "-m", "AP"]);
        crate::support::program::assert_fails(&output, 1, &["bad:", found]);
    }
}
