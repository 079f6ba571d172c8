//! Judgement and run files, well formed and not.

use std::io::Write;

use irgan::evaluation::{Measure, Options, Protocol, Qrels, RunFile, evaluate, evaluate_runs};
use proptest::prelude::*;

fn qrels(text: &[u8]) -> irgan::Result<Qrels> {
    Qrels::from_bytes("qrels.txt", text.to_vec())
}

fn measures(names: &[&str]) -> Vec<Measure> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn mean(run: &[u8], judgements: &[u8], measure: &str) -> irgan::Result<f64> {
    let run = RunFile::from_bytes("run.txt", run.to_vec());
    Ok(evaluate(&qrels(judgements)?, &run, &measures(&[measure]), &Options::default())?.mean(0))
}

fn message<T>(result: irgan::Result<T>) -> String {
    let error = result.err().expect("an error");
    assert_eq!(error.exit_code(), 1);
    error.to_string()
}

const JUDGED: &[u8] = b"q 0 d 1\n";

#[test]
fn blanks_line_ends_comments_and_marks_are_tolerated() {
    let plain = qrels(b"q1 0 d1 2\nq1 0 d2 -1\nq2 0 d1 0\n").unwrap();
    let odd =
        qrels(b"\xef\xbb\xbf# judged by hand\r\n\r\nq1\t0  d1\t2 \r\n  q2 0 d1 0\n \nq1 0 d2 -1").unwrap();
    for (query, document) in [("q1", "d1"), ("q1", "d2"), ("q2", "d1"), ("q2", "d2"), ("q3", "d1")] {
        assert_eq!(plain.grade(query, document), odd.grade(query, document), "{query} {document}");
    }
    assert_eq!(plain.grade("q1", "d1"), Some(2));
    assert_eq!(plain.judged("q1").unwrap().grades(), [2]);
    let run = b"\xef\xbb\xbf\r\n# bm25\r\nq\tQ0\td\t1\t1e-3\ttag and more\r\n";
    assert_eq!(mean(run, JUDGED, "AP").unwrap(), 1.0);
}

#[test]
fn malformed_judgements_name_the_line() {
    for (text, expected) in [
        (
            &b"q 0 d 1\nq 0 d2\n"[..],
            "qrels.txt:2: expected 4 columns (query 0 document grade), as on the first line, found `q 0 d2`",
        ),
        (
            b"q 0 d 1 x\n",
            "qrels.txt:1: expected 4 columns (query 0 document grade) or 3 (query document grade), found `q 0 d 1 x`",
        ),
        (b"\n#\nq 0 d one", "qrels.txt:3: expected an integer grade between -1000 and 1000, found `one`"),
        (b"q 0 d 1.5\n", "qrels.txt:1: expected an integer grade between -1000 and 1000, found `1.5`"),
        (
            b"q 0 d 99999999999\n",
            "qrels.txt:1: expected an integer grade between -1000 and 1000, found `99999999999`",
        ),
        (
            b"q 0 d 1\np 0 d 1\nq 0 d 0\n",
            "qrels.txt:3: expected one judgement a query and document (line 1 has it already), found `q 0 d 0`",
        ),
        (b"", "qrels.txt: holds no judgement; expected lines of `query 0 document grade`"),
        (b"# nothing\n", "qrels.txt: holds no judgement; expected lines of `query 0 document grade`"),
    ] {
        assert_eq!(message(qrels(text)), expected);
    }
}

#[test]
fn malformed_runs_name_the_line() {
    for (text, expected) in [
        (
            &b"q Q0 d 1 2.5\n"[..],
            "run.txt:1: expected 6 columns (query Q0 document rank score tag), found `q Q0 d 1 2.5`",
        ),
        (b"q Q0 d 1 nan t\n", "run.txt:1: expected a finite score, found `nan`"),
        (b"q Q0 d 1 1 t\nq Q0 e 1 -inf t\n", "run.txt:2: expected a finite score, found `-inf`"),
        (b"q Q0 d 1 1e999 t\n", "run.txt:1: expected a finite score, found `1e999`"),
        (b"q Q0 d 1 high t\n", "run.txt:1: expected a finite score, found `high`"),
        (
            b"q Q0 d 1 2 t\nq Q0 e 2 1 t\nq Q0 d 3 1 t\n",
            "run.txt:3: expected a document once a query (line 1 has it already), found `q Q0 d 3 1 t`",
        ),
        (
            b"q Q0 d 1 2 t\np Q0 d 2 1 t\nq Q0 d 3 1 t\n", // scattered
            "run.txt:3: expected a document once a query (line 1 has it already), found `q Q0 d 3 1 t`",
        ),
        (b"", "run.txt: holds no ranking; expected lines of `query Q0 document rank score tag`"),
        (b"other Q0 d 1 1 t\n", "run.txt: has no query in common with the judgements of qrels.txt"),
    ] {
        assert_eq!(message(mean(text, JUDGED, "AP")), expected);
    }
}

#[test]
fn a_run_of_ms_marco_has_ranks_from_1_on() {
    let judged = b"q 0 b 1\np 0 c 1\n";
    // b stands at rank 2 of q, c at rank 1 of p; the lines may stand in any order.
    for run in ["q a 1\nq b 2\np c 1\n", "q\tb\t2\np\tc\t1\nq\ta\t1\n"] {
        assert_eq!(mean(run.as_bytes(), judged, "RR@10").unwrap(), (0.5 + 1.0) / 2.0, "{run}");
    }
    for (run, expected) in [
        ("q a 0.5\n", "run.txt:1: expected a rank from 1 on (a run with scores has 6 columns), found `0.5`"),
        (
            "q a 1\nq b 0\n",
            "run.txt:2: expected a rank from 1 on (a run with scores has 6 columns), found `0`",
        ),
        (
            "q a 1\nq b 2 x\n",
            "run.txt:2: expected 3 columns (query document rank), as on the first line, found `q b 2 x`",
        ),
        (
            "q a 57\nq b 33\n",
            "run.txt:2: expected ranks of a query that begin at 1 (a run with scores has 6 columns: \
             query Q0 document rank score tag), found `q b 33`",
        ),
    ] {
        assert_eq!(message(mean(run.as_bytes(), judged, "RR")), expected);
    }
}

#[test]
fn files_that_are_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let text = message(Qrels::read(folder.path()));
    assert!(text.ends_with("is a folder; name a file inside it"), "{text}");
    let text = message(RunFile::open(folder.path().join("absent.run")));
    assert!(text.contains("absent.run: cannot read"), "{text}");
}

#[test]
fn packed_files_read_like_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    let run = b"q Q0 e 1 2 t\nq Q0 d 2 1 t\n";
    let paths = ["a.run", "b.run.gz", "c.run.zst"].map(|name| folder.path().join(name));
    std::fs::write(&paths[0], run).unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(run).unwrap();
    std::fs::write(&paths[1], packer.finish().unwrap()).unwrap();
    std::fs::write(&paths[2], zstd::encode_all(&run[..], 1).unwrap()).unwrap();
    let qrels = qrels(JUDGED).unwrap();
    let evaluations = evaluate_runs(&qrels, &paths, &measures(&["RR"]), &Options::default()).unwrap();
    let found: Vec<_> = evaluations.iter().map(|e| (e.name.as_str(), e.mean(0))).collect();
    assert_eq!(found, [("a", 0.5), ("b", 0.5), ("c", 0.5)]);
    std::fs::write(&paths[1], &std::fs::read(&paths[1]).unwrap()[..15]).unwrap();
    assert!(message(RunFile::open(&paths[1])).contains("cannot read"));
}

#[test]
fn a_scattered_run_gives_what_a_grouped_one_gives() {
    let lines = ["a Q0 x 1 3 t\n", "a Q0 y 2 2 t\n", "b Q0 x 1 1 t\n", "b Q0 y 2 9 t\n"];
    let grouped = lines.concat();
    let scattered = [lines[0], lines[3], lines[1], lines[2]].concat();
    let judged = b"a 0 y 1\nb 0 y 1\n";
    for measure in ["AP", "RR", "nDCG", "NumRet"] {
        let values = [&grouped, &scattered].map(|run| mean(run.as_bytes(), judged, measure).unwrap());
        assert_eq!(values[0], values[1], "{measure}");
    }
    assert_eq!(mean(scattered.as_bytes(), judged, "AP").unwrap(), 0.75);
}

#[test]
fn the_irgan_protocol_drops_training_positives_and_short_pools() {
    let judged = qrels(b"a 0 d1 2\na 0 d9 1\nb 0 d1 1\nc 0 d1 0\n").unwrap();
    let train = qrels(b"a 0 d3 1\na 0 d2 0\n").unwrap();
    let run = RunFile::from_bytes(
        "run",
        // a: d3 is a training positive, so the candidates are d2, d1. b has one candidate. c no positive.
        b"a Q0 d3 1 9 t\na Q0 d2 2 8 t\na Q0 d1 3 7 t\nb Q0 d1 1 1 t\nc Q0 d1 1 2 t\nc Q0 d2 1 1 t\n"
            .to_vec(),
    );
    let options = Options { protocol: Protocol::Irgan { exclude: Some(&train) }, ..Options::default() };
    let found = evaluate(&judged, &run, &measures(&["P@2", "nDCG@2", "RR", "P@1"]), &options).unwrap();
    assert_eq!(found.mean(0), 0.5); // only a: rank 2 of 2
    // Binary gains, and d9 was never retrieved: ideal 1/log2 2; found 1/log2 3.
    assert_eq!(found.mean(1), 1.0 / 3f64.log2());
    assert_eq!(found.mean(2), (0.5 + 1.0) / 2.0); // a and b
    assert_eq!(found.mean(3), 0.5); // a: 0, b: 1
}

#[test]
fn results_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..6).map(|i| folder.path().join(format!("{i}.run"))).collect();
    for (i, path) in paths.iter().enumerate() {
        let lines: String = (0..500)
            .map(|j| format!("q{} Q0 d{} 0 {} t\n", j / 50, j * 7 % 50 + i, (j * 31 + i) % 17))
            .collect();
        std::fs::write(path, lines).unwrap();
    }
    let judged: String = (0..200).map(|j| format!("q{} 0 d{} {}\n", j / 20, j % 20 * 2, j % 4)).collect();
    let (qrels, measures) = (qrels(judged.as_bytes()).unwrap(), measures(&["nDCG@10", "AP", "ERR"]));
    let values = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| evaluate_runs(&qrels, &paths, &measures, &Options::default()).unwrap());
        found.iter().flat_map(|e| (0..3).map(|m| e.mean(m).to_bits())).collect::<Vec<_>>()
    };
    assert_eq!(values(1), values(2));
    assert_eq!(values(1), values(5));
}

/// Bytes that look like the formats now and then.
fn nearly_a_file() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        Just(b" ".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\t".to_vec()),
        Just(b"q 0 d 1\n".to_vec()),
        Just(b"q Q0 d 1 0.5 t\n".to_vec()),
        Just(b"q Q0 e 1 -1e3 t\n".to_vec()),
        Just(b"#".to_vec()),
        Just(b"q".to_vec()),
        Just(b"1".to_vec()),
        Just(b"nan".to_vec()),
        Just(vec![0x1f, 0x8b]),
        Just(b"\xef\xbb\xbf".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..9),
    ];
    proptest::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(bytes in nearly_a_file()) {
        let _ = qrels(&bytes);
        let _ = mean(&bytes, JUDGED, "AP");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, &bytes).unwrap();
        let _ = Qrels::read(&path);
        let _ = RunFile::open(&path);
    }

    #[test]
    fn ranking_is_by_score_then_id(scores in proptest::collection::vec(-3i32..3, 1..40)) {
        let line = |(i, score): (usize, &i32)| format!("q Q0 d{i} 0 {}.5 t\n", score);
        let text: String = scores.iter().enumerate().map(line).collect();
        let mut order: Vec<usize> = (0..scores.len()).collect();
        let number = |i: usize| format!("{}.5", scores[i]).parse::<f64>().unwrap();
        order.sort_by(|&a, &b| number(b).total_cmp(&number(a)).then(format!("d{b}").cmp(&format!("d{a}"))));
        for (rank, document) in order.into_iter().enumerate() {
            let found = mean(text.as_bytes(), format!("q 0 d{document} 1").as_bytes(), "RR").unwrap();
            prop_assert_eq!(found, 1.0 / (rank + 1) as f64);
        }
    }
}
