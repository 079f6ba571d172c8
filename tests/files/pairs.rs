//! Files of pairs: what is read, left out, cut and counted, and every error's file and line.

use std::sync::Arc;

use crate::support::program::Place;
use irgan::data::pairs::{
    PairCorpus, PairFiles, PairLimits, PairOptions, PairParts, PairTexts, SplitShares, encode_turns,
    read_sources,
};
use irgan::data::words::{EOU, Level, Tokenizer, Vocabulary};
use irgan::seed::Stream;
use irgan::{Error, Result};

fn columns(bytes: impl AsRef<[u8]>, options: &PairOptions) -> Result<PairCorpus> {
    let place = Place::new();
    PairCorpus::train(&PairFiles::Columns(place.write("pairs.tsv", bytes)), options)
}

fn parallel(sources: impl AsRef<[u8]>, answers: impl AsRef<[u8]>) -> Result<PairCorpus> {
    let place = Place::new();
    let files = PairFiles::Parallel {
        sources: place.write("a.txt", sources),
        answers: place.write("b.txt", answers),
    };
    PairCorpus::train(&files, &PairOptions::default())
}

fn dialogues(bytes: impl AsRef<[u8]>, turns: usize, options: &PairOptions) -> Result<PairCorpus> {
    let place = Place::new();
    PairCorpus::train(&PairFiles::Dialogues { path: place.write("talks.txt", bytes), turns }, options)
}

/// Sources and answers as text.
fn texts(corpus: &PairCorpus) -> Vec<(String, String)> {
    let answers = corpus.pairs.answers.iter();
    let shown = |ids: &[u32]| corpus.vocabulary.decode(ids);
    corpus.pairs.sources.iter().zip(answers).map(|(source, answer)| (shown(source), shown(answer))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(source, answer)| (source.to_owned(), answer.to_owned())).collect()
}

/// The message of an error, without the temporary folder.
fn message<T>(result: Result<T>) -> String {
    let text = result.err().expect("an error").to_string();
    let folder =
        text.find("pairs.tsv").or(text.find("b.txt")).or(text.find("a.txt")).or(text.find("talks.txt"));
    text[folder.unwrap_or(0)..].to_owned()
}

#[test]
fn both_sides_share_a_vocabulary() {
    // Counts: a 3, dog 2, ? 1, man 1, who 1.
    let corpus = columns("who?\ta dog\na man\ta dog\r\n", &PairOptions::default()).unwrap();
    assert_eq!(texts(&corpus), pairs(&[("who?", "a dog"), ("a man", "a dog")]));
    assert_eq!(corpus.vocabulary.corpus_tokens().collect::<Vec<_>>(), ["a", "dog", "?", "man", "who"]);
    assert_eq!(*corpus.pairs.sources[1], [4, 7]);
    assert_eq!(corpus.pairs.answers.sentence(0), [4, 5, 2]);
    assert_eq!(corpus.report.to_string(), "2 pairs, 4 + 4 tokens, vocabulary 9");
    assert_eq!(corpus.vocabulary.turn_end(), None);
}

#[test]
fn two_files_are_read_side_by_side() {
    let corpus = parallel("one\n\nthree\nfour", "eins\nzwei\n \nvier\n").unwrap();
    assert_eq!(texts(&corpus), pairs(&[("one", "eins"), ("four", "vier")]));
    assert_eq!(
        corpus.report.to_string(),
        "2 pairs, 2 + 2 tokens, vocabulary 8; left out: 2 with an empty side"
    );
}

#[test]
fn conversations_become_pairs_with_their_history() {
    for text in ["a __eou__ b __eou__ c __eou__\n", "a\tb\tc\n", "a__eou__b __eou__  c"] {
        let corpus = dialogues(text, 2, &PairOptions::default()).unwrap();
        assert_eq!(texts(&corpus), pairs(&[("a", "b"), ("a __eou__ b", "c")]), "{text}");
        assert_eq!(corpus.pairs.sources[1][1], EOU);
        assert_eq!(corpus.vocabulary.turn_end(), Some(EOU));
    }
    let short = dialogues("a\tb\tc\td\n", 1, &PairOptions::default()).unwrap();
    assert_eq!(texts(&short), pairs(&[("a", "b"), ("b", "c"), ("c", "d")]));
    assert_eq!(short.vocabulary.turn_end(), None);
}

#[test]
fn a_turn_of_a_conversation_counts_once_in_the_vocabulary() {
    // `b` stands in two sources and an answer, but was said once.
    let options = PairOptions { min_count: 2, ..PairOptions::default() };
    let corpus = dialogues("a x\tb x\tc x\td x\n", 3, &options);
    assert_eq!(
        message(corpus),
        "talks.txt: one different token that occurs 2 times or more: nothing to learn; \
        lower the smallest count (`corpus.min-count`)"
    );
    let corpus = dialogues("a x\tb x\tc x\ta x\n", 3, &options).unwrap();
    assert_eq!(corpus.vocabulary.corpus_tokens().collect::<Vec<_>>(), ["x", "a"]);
}

#[test]
fn turns_that_make_no_pair_are_counted() {
    let text = "alone\nalone too __eou__\na\tb\n\nc\t \td\te\n";
    let corpus = dialogues(text, 5, &PairOptions::default()).unwrap();
    assert_eq!(texts(&corpus), pairs(&[("a", "b"), ("d", "e")]));
    assert_eq!(
        corpus.report.to_string(),
        "2 pairs, 2 + 2 tokens, vocabulary 8; left out: 1 with an empty side, 2 conversations of one turn; \
         1 empty turn where a conversation was parted"
    );
}

#[test]
fn long_sides_are_left_out_and_old_turns_dropped() {
    let options = PairOptions { max_source: 3, max_len: 2, ..PairOptions::default() };
    let corpus = columns("a b c d\te\na b c\td e\na\tb c d\n", &options).unwrap();
    assert_eq!(texts(&corpus), pairs(&[("a b c", "d e")]));
    assert_eq!(
        corpus.report.to_string(),
        "1 pair, 3 + 2 tokens, vocabulary 9; \
         left out: 1 source longer than 3 tokens, 1 answer longer than 2 tokens"
    );
    let corpus = dialogues("a b\tc d\te\n", 2, &options).unwrap();
    assert_eq!(texts(&corpus), pairs(&[("a b", "c d"), ("c d", "e")]));
    assert_eq!(corpus.report.cut_sources, 1);
}

#[test]
fn validation_pairs_keep_the_vocabulary_and_cut_their_sources() {
    let place = Place::new();
    let train = columns("a b\tc\nb a\tc d\n", &PairOptions::default()).unwrap();
    let read = |text: &str, cut| {
        let files = PairFiles::Columns(place.write("pairs.tsv", text));
        let limits = PairLimits { source: 2, answer: 2, cut };
        PairCorpus::with_vocabulary(&files, &train.vocabulary, limits)
    };
    let valid = read("a a b\tc\nz z\td\nq __eou__ a\tb\na\tb c d\n", true).unwrap();
    assert!(Arc::ptr_eq(&valid.vocabulary, &train.vocabulary));
    assert_eq!(texts(&valid), pairs(&[("a b", "c"), ("<unk> <unk>", "d"), ("a", "b")]));
    assert_eq!(
        valid.report.to_string(),
        "3 pairs, 5 + 3 tokens (2 unknown), vocabulary 8; left out: 1 answer longer than 2 tokens; \
         2 sources cut at the beginning to 2 tokens, 1 source without a known word"
    );
    assert_eq!(read("a a b\tc\na\td\n", false).unwrap().report.long_sources, 1);
    assert!(message(read("x y\tz\n", true)).starts_with("pairs.tsv: not one token is known"));
    // Turns of a source are joined where the vocabulary has no token between them.
    let joined = read("a __eou__\t c\na __eou__ b\tc\n", true).unwrap();
    assert_eq!((texts(&joined)[1].0.as_str(), joined.report.joined), ("b", 0));
}

#[test]
fn a_vocabulary_without_turns_joins_them() {
    let place = Place::new();
    let train = columns("a b\tc\n", &PairOptions::default()).unwrap();
    let files = PairFiles::Columns(place.write("pairs.tsv", "a __eou__ b\tc\n"));
    let limits = PairLimits { source: 9, answer: 9, cut: true };
    let valid = PairCorpus::with_vocabulary(&files, &train.vocabulary, limits).unwrap();
    assert_eq!((texts(&valid), valid.report.joined), (pairs(&[("a b", "c")]), 1));
}

#[test]
fn control_characters_are_blanks() {
    let corpus = columns("a\u{1b}[b\u{7}\tc\u{85}d\n", &PairOptions::default()).unwrap();
    assert_eq!(texts(&corpus), pairs(&[("a [b", "c d")]));
    assert_eq!(corpus.report.controls, 2);
}

#[test]
fn characters_and_ids_are_tokens_too() {
    let of = |level, lowercase| PairOptions {
        tokenizer: Tokenizer { level, lowercase },
        ..PairOptions::default()
    };
    let corpus = columns("Ab\tÄ b\nx__eou__y\tz\n", &of(Level::Char, true)).unwrap();
    assert_eq!(texts(&corpus)[0], ("ab".to_owned(), "ä b".to_owned()));
    assert_eq!(corpus.pairs.sources[1][1], EOU);
    let corpus = dialogues("17 4\t5\t17\n", 2, &of(Level::Id, false)).unwrap();
    assert_eq!(texts(&corpus), pairs(&[("17 4", "5"), ("17 4 __eou__ 5", "17")]));
    let wrong = message(columns("1 2\t3\n1 2\t3 x\n", &of(Level::Id, false)));
    assert_eq!(wrong, "pairs.tsv:2: expected token ids (whole numbers), found `x`");
}

#[test]
fn the_most_frequent_tokens_fill_a_limited_vocabulary() {
    let options = PairOptions { vocabulary: 8, ..PairOptions::default() };
    let corpus = dialogues("a b c d\ta b c\ta b\n", 2, &options).unwrap();
    assert_eq!(corpus.vocabulary.corpus_tokens().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(corpus.report.unknown_tokens, 2); // `d`, in two sources
    let error = columns("a\tb\n", &PairOptions { vocabulary: 3, ..options }).unwrap_err();
    assert_eq!(error.to_string(), "`pairs.vocabulary` = 3: expected 0 (all tokens), or 8 and more");
}

#[test]
fn bad_lines_are_named() {
    let default = PairOptions::default();
    for (bytes, expected) in [
        (&b"a\tb\nc d\n"[..], "pairs.tsv:2: expected source<TAB>answer: a line has one tab, found `c d`"),
        (
            b"a\tb\tc\n",
            "pairs.tsv:1: expected 2 columns (source<TAB>answer); conversations of more turns are read as \
            `pairs.dialogues`, found 3",
        ),
        (
            b"a\tb __eou__ c\n",
            "pairs.tsv:1: expected an answer of one turn, not several parted by __eou__, \
            found `b __eou__ c`",
        ),
        (b"a\tb\n\xff\tc\n", "pairs.tsv:2: expected UTF-8 text; convert the file"),
        (b"a\tb\0\n", "pairs.tsv:1: expected text without NUL bytes"),
        (b"", "pairs.tsv: no usable pair: the file is empty"),
        (b"\n \n\t\n", "pairs.tsv: no usable pair: 3 with an empty side"),
        (b"a\ta\n", "pairs.tsv: one different token that occurs 1 time or more: nothing to learn"),
    ] {
        let found = message(columns(bytes, &default));
        assert!(found.starts_with(expected), "{found}");
    }
    let found = message(dialogues("a\nb\n", 2, &default));
    assert_eq!(
        found,
        "talks.txt: no usable pair: 2 conversations of one turn; turns are parted by `__eou__` or a tab"
    );
    assert!(matches!(dialogues("a\tb\n", 0, &default), Err(Error::Config(_))));
    let long = PairOptions { max_len: 1, ..default };
    assert_eq!(
        message(columns("a\tb c\n", &long)),
        "pairs.tsv: no usable pair: 1 answer longer than 1 token; allow longer ones (`pairs.max-source`, \
         `corpus.max-len`)"
    );
}

#[test]
fn files_of_different_length_are_refused_with_both_counts() {
    for (sources, answers, of_answers, of_sources) in
        [("a\nb\nc\n", "x\n", 1, 3), ("a\n", "x\ny\nz\nw", 4, 1), ("", "x\ny\n", 2, 0), ("a\nb\n", "", 0, 2)]
    {
        let found = message(parallel(sources, answers));
        assert!(found.starts_with(&format!("b.txt: {of_answers} lines, but ")), "{found}");
        assert!(found.contains(&format!("a.txt has {of_sources}: line n answers line n")), "{found}");
    }
    let found = message(parallel("a\nb\n", b"x\n\xff\n"));
    assert!(found.starts_with("b.txt:2: expected UTF-8"), "{found}");
}

#[test]
fn copies_of_a_pair_are_of_one_part() {
    let text: String = (0..100).map(|i| format!("source {}\tanswer {}\n", i % 25, i % 25)).collect();
    let place = Place::new();
    let files = PairFiles::Columns(place.write("pairs.tsv", &text));
    let shares = SplitShares { valid: 0.2, test: 0.1 };
    let split = |seed| PairCorpus::split(&files, &PairOptions::default(), shares, Stream::new(seed)).unwrap();
    let PairParts { train, valid, test } = split(1);
    // 100 pairs are 25 different ones, four times each: 5 groups hold a fifth, 3 groups the tenth.
    assert_eq!((train.pairs.len(), valid.pairs.len(), test.pairs.len()), (68, 20, 12));
    // A number that the training pairs lack is unknown, and a pair with unknown tokens is never counted.
    let all = PairCorpus::train(&files, &PairOptions::default()).unwrap();
    let again = |part: &PairCorpus| {
        let shown = texts(part).into_iter().filter(|(source, _)| !source.contains("<unk>"));
        shown.filter(|pair| texts(&train).contains(pair)).count()
    };
    assert_eq!((again(&valid), again(&test)), (0, 0));
    assert_eq!(all.pairs.repeated_in(&all.pairs), 100);
    assert_eq!(texts(&split(1).test), texts(&test));
    assert_ne!(texts(&split(2).train), texts(&train));
}

#[test]
fn a_conversation_is_of_one_part() {
    let text: String = (0..40).map(|i| format!("hello {i}\tyes {i}\tso {i}\n")).collect();
    let place = Place::new();
    let files = PairFiles::Dialogues { path: place.write("talks.txt", &text), turns: 2 };
    let shares = SplitShares { valid: 0.1, test: 0.0 };
    let parts = PairCorpus::split(&files, &PairOptions::default(), shares, Stream::new(3)).unwrap();
    assert_eq!((parts.train.pairs.len(), parts.valid.pairs.len(), parts.test.pairs.len()), (72, 8, 0));
    // The numbers of held-out conversations are unknown, all of them: 2 in the first pair, 3 in the second.
    assert_eq!(parts.valid.report.unknown_tokens, 4 * (2 + 3));
}

#[test]
fn too_few_pairs_cannot_be_divided() {
    let place = Place::new();
    let files = PairFiles::Columns(place.write("pairs.tsv", "a b\tc\na b\tc\n"));
    let split = |valid, test| {
        let shares = SplitShares { valid, test };
        PairCorpus::split(&files, &PairOptions::default(), shares, Stream::new(1)).map(drop)
    };
    let found = message(split(0.1, 0.0));
    assert!(found.starts_with("pairs.tsv: 1 different pairs or conversations for 2 parts"), "{found}");
    assert!(split(0.0, 0.0).is_ok());
    assert!(matches!(split(0.5, 0.5), Err(Error::Config(_))));
    assert!(matches!(split(f64::NAN, 0.0), Err(Error::Config(_))));
    let files = PairFiles::Columns(place.write("pairs.tsv", "a\tb\nc\td\ne\tf\n"));
    let shares = SplitShares { valid: 0.9, test: 0.05 };
    let parts = PairCorpus::split(&files, &PairOptions::default(), shares, Stream::new(1)).unwrap();
    assert_eq!([parts.train, parts.valid, parts.test].map(|part| part.pairs.len()), [1, 1, 1]);
}

#[test]
fn pairs_are_divided_as_text() {
    let place = Place::new();
    let talks: String = (0..20).map(|i| format!("hi {i} __eou__ a\tb\u{7} {i} __eou__ so {i}\n")).collect();
    let files = PairFiles::Dialogues { path: place.write("talks.txt", &talks), turns: 2 };
    let texts = PairTexts::read(&files).unwrap();
    assert_eq!(texts.pairs[1], ("hi 0 __eou__ a b  0".to_owned(), "so 0".to_owned()));
    let parts = texts.divide(SplitShares { valid: 0.2, test: 0.1 }, Stream::new(1)).unwrap();
    assert_eq!(parts.each_ref().map(Vec::len), [28, 8, 4]);
    // Pairs 2i and 2i + 1 are of one conversation.
    assert!(parts.iter().all(|part| part.chunks(2).all(|pair| pair[0] % 2 == 0 && pair[1] == pair[0] + 1)));
    texts.write(&place.path("part.tsv"), &parts[2]).unwrap();
    let read =
        PairCorpus::train(&PairFiles::Columns(place.path("part.tsv")), &PairOptions::default()).unwrap();
    assert_eq!((read.pairs.len(), read.vocabulary.turn_end()), (4, Some(EOU)));
    let files = PairFiles::Columns(place.write("pairs.tsv", "a\t\n"));
    assert_eq!(message(PairTexts::read(&files)), "pairs.tsv: no usable pair: 1 with an empty side");
}

#[test]
fn sources_to_answer_keep_their_lines() {
    let place = Place::new();
    let vocabulary = Vocabulary::build(Tokenizer::default(), [["a", "b", "c"]], 1).with_turns();
    let path = place.write("lines.txt", "a\n\nz __eou__ z\na b __eou__ c a\n");
    let lines = read_sources(&path, &vocabulary, 3).unwrap();
    let found: Vec<_> =
        lines.sources.iter().map(|source| source.as_ref().map(|s| s.source.to_vec())).collect();
    assert_eq!(found, [Some(vec![5]), None, Some(vec![3, EOU, 3]), Some(vec![7, 5])]);
    assert_eq!(
        lines.remarks(3).as_deref(),
        Some("of 4 lines 1 empty, 1 cut to the last 3 tokens, 1 without a known word")
    );
    for (text, expected) in
        [("a\tb\n", "lines.txt:1: expected a source alone"), ("", "lines.txt: the file is empty")]
    {
        let found = read_sources(place.write("lines.txt", text), &vocabulary, 3).unwrap_err().to_string();
        assert!(found.contains(expected), "{found}");
    }
    assert_eq!(encode_turns(&["\u{7}a"], &vocabulary, 1).unwrap().unwrap().source.to_vec(), [5]);
}

#[test]
fn a_vocabulary_with_turns_comes_back_from_its_file() {
    let place = Place::new();
    let path = place.path("vocabulary.txt");
    let vocabulary = Vocabulary::build(Tokenizer::default(), [["a", "b"]], 1).with_turns();
    vocabulary.save(&path).unwrap();
    assert_eq!(Vocabulary::load(&path).unwrap(), vocabulary);
    assert!(
        place
            .read("vocabulary.txt")
            .starts_with(b"vocabulary 1 level=word lowercase=false turns=true tokens=2\n")
    );
}
