//! Text files: every rule of what is kept, every error's file and line, vocabularies that come back.

use std::fs;
use std::io::Write as _;
use std::sync::Arc;

use crate::support::program::Place;
use irgan::data::sentences::{
    Corpus, CorpusOptions, Sequences, read_id_sequences, read_lines, write_id_sequences,
};
use irgan::data::words::{END, Level, Tokenizer, UNKNOWN, Vocabulary};
use irgan::{Error, Result};
use ndarray::{Array2, array};
use proptest::prelude::*;

fn at(level: Level) -> Tokenizer {
    Tokenizer { level, lowercase: false }
}

/// Trains on `bytes` with words as tokens.
fn train(bytes: impl AsRef<[u8]>, max_len: usize, min_count: usize) -> Result<Corpus> {
    let place = Place::new();
    let options = CorpusOptions { max_len, min_count, ..CorpusOptions::default() };
    Corpus::train(place.write("corpus.txt", bytes), &options)
}

fn read(bytes: impl AsRef<[u8]>) -> Corpus {
    train(bytes, 0, 1).expect("a usable corpus")
}

/// The message of an error, from the file's name on.
fn message<T>(result: Result<T>) -> String {
    let text = result.err().expect("an error").to_string();
    text.rsplit_once('/').map_or(text.clone(), |(_, after)| after.to_owned())
}

fn sentences(corpus: &Corpus) -> Vec<String> {
    corpus.sequences.iter().map(|ids| corpus.vocabulary.decode(ids)).collect()
}

#[test]
fn a_sentence_is_its_tokens_then_the_end() {
    // Counts: . 2, a 2, dog 1, man 1, runs 1; hence ids 4 to 8 in this order.
    let corpus = read("a man runs .\na dog.\n");
    let expected = array![[5, 7, 8, 4, END], [5, 6, 4, END, 0]];
    assert_eq!(corpus.sequences, Sequences::new(expected, vec![5, 4]));
    assert_eq!(corpus.vocabulary.corpus_tokens().collect::<Vec<_>>(), [".", "a", "dog", "man", "runs"]);
    assert_eq!(sentences(&corpus), ["a man runs.", "a dog."]);
    assert_eq!(corpus.report.to_string(), "2 sentences, 7 tokens, vocabulary 9");
}

#[test]
fn line_ends_byte_order_marks_and_a_missing_last_end_change_nothing() {
    let plain = read("a b\nc d\n");
    for spelling in ["a b\r\nc d\r\n", "\u{feff}a b\nc d\n", "a b\nc d", "\u{feff}a  b \r\n\tc d"] {
        let other = read(spelling);
        assert_eq!((&other.sequences, &other.vocabulary), (&plain.sequences, &plain.vocabulary));
        assert_eq!(other.report, plain.report);
    }
}

#[test]
fn compressed_files_are_read_as_plain_ones() {
    let text = "a b\nc d e\n".repeat(500);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).expect("to memory");
    let gz = gz.finish().expect("to memory");
    let zst = zstd::encode_all(text.as_bytes(), 1).expect("to memory");
    let plain = read(&text);
    for packed in [&gz, &zst] {
        assert_eq!(read(packed).sequences, plain.sequences);
    }
    assert!(matches!(train(&gz[..gz.len() / 2], 0, 1), Err(Error::Io { .. })));
}

#[test]
fn what_is_left_out_is_counted() {
    let corpus = train("a b c\n\n \t\u{a0}\na b c d\na b\n", 3, 1).expect("two sentences are left");
    assert_eq!(sentences(&corpus), ["a b c", "a b"]);
    assert_eq!((corpus.report.empty, corpus.report.too_long), (2, 1));
    assert!(corpus.vocabulary.id("d").is_none(), "the vocabulary is that of what is kept");
    assert_eq!(
        corpus.report.to_string(),
        "2 sentences, 5 tokens, vocabulary 7; left out: 2 empty, 1 longer than 3 tokens"
    );
}

#[test]
fn without_a_limit_two_hundred_tokens_are_the_limit() {
    let line = |tokens: usize| format!("{}\n", ["a", "b"].repeat(tokens)[..tokens].join(" "));
    assert_eq!(read(line(7)).sequences.steps(), 8);
    let corpus = read(line(200) + &line(201));
    assert_eq!((corpus.sequences.steps(), corpus.sequences.len()), (201, 1));
    assert!(corpus.report.to_string().ends_with("left out: 1 longer than 200 tokens"), "{}", corpus.report);
    let corpus = train(line(200) + &line(201), 500, 1).expect("both are kept");
    assert_eq!((corpus.sequences.steps(), corpus.sequences.len()), (202, 2));
}

#[test]
fn a_line_of_a_million_tokens_is_left_out_or_kept() {
    let place = Place::new();
    let path = place.write("corpus.txt", "a b\n".to_owned() + &"x y ".repeat(500_000) + "\nb a\n");
    let corpus = Corpus::train(&path, &CorpusOptions::default()).expect("two short sentences");
    assert_eq!((sentences(&corpus), corpus.report.too_long), (vec!["a b".to_owned(), "b a".to_owned()], 1));
    assert_eq!(corpus.sequences.tokens().dim(), (2, 3));
    let options = CorpusOptions { max_len: 1_000_000, ..CorpusOptions::default() };
    let corpus = Corpus::train(&path, &options).expect("all three");
    assert_eq!((corpus.sequences.steps(), corpus.report.too_long), (1_000_001, 0));
    // A few long sentences among many would need a matrix beyond all measure.
    let path = place.write("wide.txt", "a b\n".repeat(3000) + &"x y ".repeat(500_000));
    let text = message(Corpus::train(&path, &options));
    assert!(text.starts_with("wide.txt: 3,001 sentences of up to 1,000,000 tokens are beyond"), "{text}");
}

#[test]
fn rare_tokens_become_unknown() {
    let corpus = train("a b a b c\na b d\n", 0, 2).expect("two tokens");
    assert_eq!(corpus.sequences.sentence(1), [4, 5, UNKNOWN, END]);
    assert_eq!(sentences(&corpus), ["a b a b <unk>", "a b <unk>"]);
    assert_eq!(corpus.report.to_string(), "2 sentences, 8 tokens (2 unknown), vocabulary 6");
}

#[test]
fn another_file_takes_the_vocabulary_of_the_first() {
    let place = Place::new();
    let corpus = read("a b c\n");
    let other = place.write("valid.txt", "c a\nz\n\na b c a b c\n");
    let valid = Corpus::with_vocabulary(&other, &corpus.vocabulary, 3).expect("two sentences");
    assert_eq!(valid.sequences, Sequences::new(array![[6, 4, END], [UNKNOWN, END, 0]], vec![3, 2]));
    assert_eq!((valid.report.empty, valid.report.too_long, valid.report.unknown_tokens), (1, 1, 1));
    assert!(Arc::ptr_eq(&valid.vocabulary, &corpus.vocabulary));
    let none = Corpus::with_vocabulary(place.write("none.txt", "a b c d\n"), &corpus.vocabulary, 3);
    assert_eq!(
        message(none),
        "none.txt: no usable sentence: 1 longer than 3 tokens; allow longer ones (max-len)"
    );
}

#[test]
fn characters_and_ids_are_levels_too() {
    let place = Place::new();
    let options = |level| CorpusOptions { tokenizer: at(level), ..CorpusOptions::default() };
    let chars = Corpus::train(place.write("c.txt", "ab  é👍🏽\n"), &options(Level::Char)).expect("text");
    assert_eq!((sentences(&chars), chars.report.tokens), (vec!["ab é👍🏽".to_owned()], 5));
    let ids = Corpus::train(place.write("i.txt", "12 7\t12\n007 12\n"), &options(Level::Id)).expect("ids");
    assert_eq!(
        (sentences(&ids), ids.vocabulary.id("12")),
        (vec!["12 7 12".into(), "007 12".into()], Some(4))
    );
    let wrong = Corpus::train(place.write("w.txt", "1 2\n3 four 5\n"), &options(Level::Id));
    assert_eq!(message(wrong), "w.txt:2: expected token ids (whole numbers), found `four`");
}

#[test]
fn sentences_are_at_hand_before_a_vocabulary_is() {
    let place = Place::new();
    let tokenizer = Tokenizer { level: Level::Word, lowercase: true };
    let lines = read_lines(place.write("t.txt", "Ein Ähre.\n\nx y z u\n"), tokenizer, 3).expect("text");
    let words: Vec<Vec<&str>> = lines.iter().map(Iterator::collect).collect();
    assert_eq!(words, [["ein", "ähre", "."]]);
    assert_eq!((lines.len(), lines.empty(), lines.too_long(), lines.token_count()), (1, 1, 1, 3));
}

#[test]
fn errors_of_a_corpus_name_file_line_and_reason() {
    let cases: [(&[u8], usize, usize, &str); 8] = [
        (b"", 0, 1, ": no usable sentence: the file is empty"),
        (b"\n \r\n\n", 0, 1, ": no usable sentence: all of its 3 lines are empty"),
        (b"a b c\n", 2, 1, ": no usable sentence: 1 longer than 2 tokens; allow longer ones (max-len)"),
        (
            b"a b\n\n",
            1,
            1,
            ": no usable sentence: 1 empty, 1 longer than 1 token; allow longer ones (max-len)",
        ),
        (b"a a a\na\n", 0, 1, ": one different token: nothing to learn"),
        (
            b"a a b\n",
            0,
            2,
            ": one different token that occurs 2 times or more: nothing to learn; \
             lower the smallest count (min-count)",
        ),
        (
            b"a b\n",
            0,
            9,
            ": no token that occurs 9 times or more: nothing to learn; lower the smallest count (min-count)",
        ),
        (
            b"a b\nsome long f\xfcr\n",
            0,
            1,
            ":2: expected UTF-8 text; convert the file, found `e long f\u{fffd}r`",
        ),
    ];
    for (bytes, max_len, min_count, expected) in cases {
        let error = train(bytes, max_len, min_count);
        assert_eq!(error.as_ref().expect_err(expected).exit_code(), 1);
        assert_eq!(message(error), format!("corpus.txt{expected}"));
    }
    let utf16: Vec<u8> = "\u{feff}a b".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = train(utf16, 0, 1).expect_err("no UTF-8").to_string();
    assert!(error.contains("corpus.txt:1: expected UTF-8 text") && error.contains("found UTF-16"), "{error}");
}

#[test]
fn settings_out_of_range_are_errors_of_configuration() {
    for (max_len, min_count, named) in
        [(1_000_001, 1, "max-len"), (usize::MAX, 1, "max-len"), (0, 0, "min-count")]
    {
        let error = train("a b\n", max_len, min_count).expect_err(named);
        assert!(matches!(&error, Error::Config(text) if text.contains(named)), "{error}");
    }
    let place = Place::new();
    let (path, vocabulary) = (place.write("v.txt", "a b\n"), read("a b\n").vocabulary);
    assert!(matches!(Corpus::with_vocabulary(path, &vocabulary, usize::MAX), Err(Error::Config(_))));
    assert!(matches!(Corpus::train(place.path("none"), &CorpusOptions::default()), Err(Error::Io { .. })));
}

#[test]
fn a_vocabulary_comes_back_from_its_file() {
    let place = Place::new();
    let odd =
        ["a\tb", "\\", "\\n", "<pad>", "</s>", "👩‍👩‍👧", " ", "", "\u{2028}", "\r", "x\ny", "\u{feff}", "ſ"];
    for tokenizer in [at(Level::Word), at(Level::Char), Tokenizer { level: Level::Id, lowercase: true }] {
        let written = Vocabulary::build(tokenizer, [odd], 1);
        let path = place.path("vocabulary.txt");
        written.save(&path).expect("the folder is writable");
        let read = Vocabulary::load(&path).expect("as written");
        assert_eq!((&read, read.tokenizer(), read.len()), (&written, tokenizer, odd.len() + 4));
        assert_eq!(read.encode(odd), written.encode(odd));
    }
    let bare = Vocabulary::build(Tokenizer::default(), [[""; 0]], 1);
    bare.save(place.path("bare.txt")).expect("the folder is writable");
    assert_eq!(Vocabulary::load(place.path("bare.txt")).expect("as written"), bare);
}

#[test]
fn damaged_and_foreign_vocabularies_are_refused() {
    let place = Place::new();
    let header = "vocabulary 1 level=word lowercase=false tokens=2\n";
    let load = |text: &[u8]| Vocabulary::load(place.write("v.txt", text));
    assert!(load(format!("{header}a\nb\n").as_bytes()).is_ok());
    for foreign in [
        "",
        "a b c\n",
        "vocabulary 2 level=word lowercase=false tokens=0\n",
        &header[..20],
        header.trim_end(),
    ] {
        let text = message(load(foreign.as_bytes()));
        assert!(text.starts_with("v.txt:1: expected `vocabulary 1 level="), "{text}");
    }
    for (from, to) in
        [("word", "line"), ("false", "no"), ("=2", "=-2"), ("=2", "=4294967295"), ("=2", "=2 x=1")]
    {
        assert!(load((header.replace(from, to) + "a\nb\n").as_bytes()).is_err(), "{to}");
    }
    let cases: [(&[u8], &str); 7] = [
        (b"a\n", "v.txt:2: expected 2 tokens after the first line (the file is cut off), found 1"),
        (b"a\nb", "v.txt:3: expected a line's end (the file is cut off), found `b`"),
        (b"a\nb\n\n", "v.txt:4: expected the end of the file after 2 tokens, found nothing"),
        (b"a\nb\nc\n", "v.txt:4: expected the end of the file after 2 tokens, found `c`"),
        (b"a\na\n", "v.txt:3: expected a token that is not listed above, found `a`"),
        (b"a\nb\\\n", "v.txt:3: expected `\\n`, `\\r` or `\\\\` at a backslash, found `b\\\\`"),
        (b"\xff\nb\n", "v.txt:2: expected UTF-8 text, found `\u{fffd}`"),
    ];
    for (body, expected) in cases {
        assert_eq!(message(load(&[header.as_bytes(), body].concat())), expected);
    }
    assert!(matches!(Vocabulary::load(place.path("none")), Err(Error::Io { .. })));
}

#[test]
fn id_files_come_back() {
    let place = Place::new();
    let sequences = Sequences::fixed(array![[0, 4999, 17], [3, 3, 3]]);
    write_id_sequences(place.path("ids.txt"), &sequences).expect("the folder is writable");
    assert_eq!(fs::read(place.path("ids.txt")).expect("just written"), b"0 4999 17\n3 3 3\n");
    for steps in [None, Some(3)] {
        assert_eq!(read_id_sequences(place.path("ids.txt"), 5000, steps).expect("as written"), sequences);
    }
    let spaced = place.write("spaced.txt", "\u{feff} 0\t4999  17\r\n3 3 3 ");
    assert_eq!(read_id_sequences(spaced, 5000, None).expect("spelt otherwise"), sequences);
    let ragged = Sequences::new(array![[1, 2], [3, 0]], vec![2, 1]);
    write_id_sequences(place.path("ragged.txt"), &ragged).expect("the folder is writable");
    assert_eq!(fs::read(place.path("ragged.txt")).expect("just written"), b"1 2\n3\n");
}

#[test]
fn errors_of_an_id_file_name_line_and_reason() {
    let place = Place::new();
    let cases: [(&[u8], Option<usize>, &str); 9] = [
        (b"", None, ": has no token ids: it is empty"),
        (b"1 2\n3 5000\n", None, ":2: expected a token id below 5000, found `5000`"),
        (b"1 -2\n", None, ":1: expected a token id below 5000, found `-2`"),
        (b"1 99999999999\n", None, ":1: expected a token id below 5000, found `99999999999`"),
        (b"1 \xff\n", None, ":1: expected a token id below 5000, found `\u{fffd}`"),
        (b"1 2\n3 4 5\n", None, ":2: expected 2 token ids, as in line 1, found 3"),
        (b"1 2\n\n", None, ":2: expected 2 token ids, as in line 1, found nothing"),
        (b"\n1 2\n", None, ":1: expected token ids, found nothing"),
        (b"1 2\n", Some(20), ":1: expected 20 token ids, as asked for, found 2"),
    ];
    for (bytes, steps, expected) in cases {
        let error = message(read_id_sequences(place.write("ids.txt", bytes), 5000, steps));
        assert_eq!(error, format!("ids.txt{expected}"));
    }
    let path = place.write("ids.txt", "0\n");
    for (size, steps) in [(0, None), (5, Some(0))] {
        assert!(matches!(read_id_sequences(&path, size, steps), Err(Error::Config(_))));
    }
    assert_eq!(
        read_id_sequences(&path, usize::MAX, None).expect("one id"),
        Sequences::fixed(Array2::zeros((1, 1)))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is encoded is decoded as it was, and survives a file.
    #[test]
    fn ids_round_trip(rows in prop::collection::vec(prop::collection::vec(any::<u32>(), 1..30), 1..20)) {
        let tokenizer = at(Level::Id);
        let lines: Vec<String> =
            rows.iter().map(|row| row.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")).collect();
        let tokens: Vec<Vec<String>> = lines.iter().map(|line| tokenizer.split(line).expect("ids")).collect();
        let vocabulary = Vocabulary::build(tokenizer, &tokens, 1);
        for (line, tokens) in lines.iter().zip(&tokens) {
            let ids = vocabulary.encode(tokens);
            prop_assert!(ids.iter().all(|&id| id > UNKNOWN && (id as usize) < vocabulary.len()));
            prop_assert_eq!(&vocabulary.decode(&ids), line);
        }
    }

    /// No bytes make a reader panic.
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in "\\PC{0,80}",
    ) {
        let place = Place::new();
        for content in [bytes.as_slice(), text.as_bytes()] {
            let path = place.write("any", content);
            for level in [Level::Word, Level::Char, Level::Id] {
                let options = CorpusOptions { tokenizer: at(level), max_len: 9, min_count: 1, cuts: false };
                if let Ok(corpus) = Corpus::train(&path, &options) {
                    corpus.vocabulary.save(place.path("saved")).expect("the folder is writable");
                    let loaded = Vocabulary::load(place.path("saved")).expect("as written");
                    prop_assert_eq!(&loaded, &*corpus.vocabulary);
                }
            }
            let _ = Vocabulary::load(&path);
            let _ = read_id_sequences(&path, 100, None);
        }
    }
}
