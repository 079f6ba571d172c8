//! LETOR files: nothing panics, what is written is read back to the bit, spellings agree.

use std::fs;
use std::io::Write as _;

use crate::support::program::Place;
use crate::support::taught;
use irgan::Result;
use irgan::data::features::letor;
use irgan::data::features::letor::LetorOptions;
use irgan::data::features::{Query, RankingSet, UNLABELLED};
use ndarray::Array2;
use proptest::prelude::*;

fn read_in(place: &Place, bytes: impl AsRef<[u8]>) -> Result<RankingSet> {
    letor::read(place.write("data.txt", bytes), &LetorOptions::default())
}

fn round_trip(place: &Place, set: &RankingSet) -> RankingSet {
    let path = place.path("written.txt");
    letor::write(&path, set).expect("the folder is writable");
    letor::read(&path, &LetorOptions::default()).expect("what was written is well formed")
}

/// Reads lines that must be well formed.
fn read(text: &str) -> RankingSet {
    read_in(&Place::new(), text).expect(text)
}

/// Everything but the features equal, the features to the bit (NaN included).
fn assert_same(a: &RankingSet, b: &RankingSet) {
    let bits = |set: &RankingSet| set.features().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let documents =
        |set: &RankingSet| (0..set.documents()).map(|row| set.document(row).to_owned()).collect::<Vec<_>>();
    assert_eq!(a.features().dim(), b.features().dim());
    assert!(bits(a) == bits(b), "{:?}\n{:?}", a.features(), b.features());
    assert_eq!((a.grades(), a.queries()), (b.grades(), b.queries()));
    assert_eq!((documents(a), a.feature_names()), (documents(b), b.feature_names()));
}

fn ids(set: &RankingSet) -> Vec<&str> {
    (0..set.documents()).map(|row| set.document(row)).collect()
}

/// A finite f32 of any size, or NaN for a missing value.
fn value() -> impl Strategy<Value = f32> {
    any::<u32>().prop_map(|bits| {
        let value = f32::from_bits(bits);
        if value.is_finite() { value } else { f32::NAN }
    })
}

fn any_set() -> impl Strategy<Value = RankingSet> {
    (prop::collection::vec(1usize..5, 1..5), 1usize..6, any::<bool>()).prop_flat_map(
        |(sizes, features, named)| {
            let rows: usize = sizes.iter().sum();
            let grades = prop::collection::vec(UNLABELLED..=31, rows);
            let values = prop::collection::vec(value(), rows * features);
            (grades, values).prop_map(move |(grades, values)| {
                let mut end = 0;
                let query = |(q, size): (usize, &usize)| {
                    end += size;
                    Query { id: format!("q/{q}:ü"), rows: end - size..end }
                };
                let queries = sizes.iter().enumerate().map(query).collect();
                let documents: Vec<_> = (0..rows).map(|row| format!("GX-{row}#é")).collect();
                let names =
                    if named { (1..=features).map(|f| format!("bm25.{f}")).collect() } else { vec![] };
                let features = Array2::from_shape_vec((rows, features), values).expect("one value a cell");
                RankingSet::new(features, grades, queries, documents, names)
            })
        },
    )
}

/// Bytes that look like a file, so that the reader gets past its first checks.
fn nearly_letor() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        "0",
        "1",
        "-1",
        "31",
        "32",
        "2.0",
        " ",
        " ",
        " ",
        "\n",
        "\n",
        "\r\n",
        "\t",
        "qid:1",
        "qid:2",
        "qid:",
        "1:0.5",
        "2:-1e9",
        "3:NULL",
        "0:1",
        "7:1e999",
        "12:.5",
        "99999:1",
        ":",
        "#",
        "# docid = A",
        "# docid = B inc = 1",
        "# feature 2 name",
        "# feature 9 x",
        "\u{feff}",
        "docid",
        "=",
        "\u{0}",
        "é",
        "NaN",
    ]);
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_in(&Place::new(), bytes);
    }

    #[test]
    fn arbitrary_bytes_behind_a_magic_number(gzip in any::<bool>(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let magic: &[u8] = if gzip { &[0x1f, 0x8b, 8] } else { &[0x28, 0xb5, 0x2f, 0xfd] };
        let _ = read_in(&Place::new(), [magic, &bytes].concat());
    }

    #[test]
    fn nearly_well_formed_files_are_read_or_refused(bytes in nearly_letor(), groups in "[0-9 \n]{0,12}") {
        let place = Place::new();
        for with_groups in [false, true] {
            if with_groups {
                place.write("data.txt.query", &groups);
            }
            match read_in(&place, &bytes) {
                Ok(set) => assert_same(&set, &round_trip(&place, &set)),
                Err(error) => prop_assert!(error.to_string().contains("data.txt"), "{error}"),
            }
        }
    }

    #[test]
    fn what_is_written_is_read_to_the_bit(set in any_set()) {
        assert_same(&set, &round_trip(&Place::new(), &set));
    }

    #[test]
    fn rows_that_grow_wider_are_read_as_dense_ones(
        rows in prop::collection::vec(prop::collection::btree_map(1usize..40, -9i32..9, 1..6), 1..25)
    ) {
        let width = rows.iter().filter_map(|row| row.keys().max()).max().copied().unwrap_or(0);
        let line = |features: String| format!("0 qid:1{features}\n");
        let sparse: String = rows.iter().map(|row| line(row.iter().map(|(f, v)| format!(" {f}:{v}")).collect())).collect();
        let all = |row: &std::collections::BTreeMap<usize, i32>| -> String {
            (1..=width).map(|f| format!(" {f}:{}", row.get(&f).unwrap_or(&0))).collect()
        };
        let dense: String = rows.iter().map(|row| line(all(row))).collect();
        // In any order of a line's features, too.
        let backwards: String =
            rows.iter().map(|row| line(row.iter().rev().map(|(f, v)| format!(" {f}:{v}")).collect())).collect();
        let expected = read(&dense);
        prop_assert_eq!(expected.feature_count(), width);
        assert_same(&read(&sparse), &expected);
        assert_same(&read(&backwards), &expected);
    }
}

#[test]
fn a_written_file_by_eye() {
    let features = ndarray::array![[0.5, f32::NAN], [-0.0, 1e-45]];
    let queries = vec![Query { id: "7".into(), rows: 0..1 }, Query { id: "x".into(), rows: 1..2 }];
    let set =
        RankingSet::new(features, vec![2, UNLABELLED], queries, ["A", "B"], vec!["tf".into(), "idf".into()]);
    let place = Place::new();
    assert_same(&set, &round_trip(&place, &set));
    let text = fs::read_to_string(place.path("written.txt")).expect("just written");
    let tiny = format!("{}", 1e-45f32);
    let expected = format!(
        "# feature 1 tf\n# feature 2 idf\n2 qid:7 1:0.5 2:NULL # docid = A\n-1 qid:x 1:-0 2:{tiny} # docid = B\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn packed_files_are_the_same_set() {
    let place = Place::new();
    // Many blocks of the reader, so that lines straddle their ends.
    let set = taught(30, 400, 20, 1);
    let path = place.path("plain.txt");
    letor::write(&path, &set).expect("the folder is writable");
    let text = fs::read(&path).expect("just written");
    assert!(text.len() > 3 << 20, "{}", text.len());

    let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gzip.write_all(&text).expect("into memory");
    let gzip = gzip.finish().expect("into memory");
    // Members one after the other, as `cat a.gz b.gz` gives, are one file.
    let half = text.len() / 2;
    let members: Vec<u8> = [&text[..half], &text[half..]]
        .into_iter()
        .flat_map(|part| {
            let mut member = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
            member.write_all(part).expect("into memory");
            member.finish().expect("into memory")
        })
        .collect();
    let zstandard = zstd::encode_all(text.as_slice(), 1).expect("into memory");
    let read = |path| letor::read(path, &LetorOptions::default()).expect("well formed");
    assert_same(&read(path), &set);
    for (name, bytes) in [("a.gz", gzip), ("b.gz", members), ("c.zst", zstandard)] {
        assert_same(&read(place.write(name, &bytes)), &set);
        assert_same(&read(place.write("no-ending", &bytes)), &set); // told apart by content, not by name
        let cut = place.write("cut", &bytes[..bytes.len() - 20]);
        assert!(letor::read(cut, &LetorOptions::default()).is_err(), "{name}, cut");
    }
}

#[test]
fn unsorted_queries_are_joined_where_they_first_stand() {
    let set =
        read("1 qid:b 1:1 # B1\n0 qid:a 1:2 # A1\n2 qid:b 1:3 # B2\n0 qid:c 1:4 # C1\n1 qid:a 1:5 # A2\n");
    let expected =
        read("1 qid:b 1:1 # B1\n2 qid:b 1:3 # B2\n0 qid:a 1:2 # A1\n1 qid:a 1:5 # A2\n0 qid:c 1:4 # C1\n");
    assert_same(&set, &expected);
    assert_eq!(set.queries().iter().map(|query| query.id.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
    assert_eq!(set.features().column(0).to_vec(), [1.0, 3.0, 2.0, 5.0, 4.0]);
}

#[test]
fn lightgbm_group_files() {
    let place = Place::new();
    let data = "1 1:0.5\n0 1:0.25\n0 1:1\n2 1:2\n";
    place.write("data.txt.query", "3\n1\n");
    let set = read_in(&place, data).expect("groups cover the data");
    assert_same(&set, &read("1 qid:1 1:0.5\n0 qid:1 1:0.25\n0 qid:1 1:1\n2 qid:2 1:2\n"));
    for (groups, part) in
        [("3\n", "has more"), ("3\n2\n", "1 document more"), ("3\nx\n", "data.txt.query:2"), ("", "has more")]
    {
        place.write("data.txt.query", groups);
        let error = read_in(&place, data).expect_err(groups).to_string();
        assert!(error.contains(part), "{error}");
    }
    fs::remove_file(place.path("data.txt.query")).expect("there");
    let error = read_in(&place, data).expect_err("no groups").to_string();
    assert!(error.contains("data.txt:1: expected qid:QUERY") && error.contains("data.txt.query"), "{error}");
    let error = read_in(&place, "1 qid:1 1:1\n1 1:1\n").expect_err("qid on one line").to_string();
    assert!(error.contains("data.txt:2"), "{error}");
}

#[test]
fn document_ids() {
    let set = read(
        "0 qid:1 1:1 #docid = GX012-34 inc = 0.1 prob = 0.2\n0 qid:1 1:1 # docid=B\n0 qid:1 1:1 # C\n\
         0 qid:1 1:1\n0 qid:2 1:1 # two words\n0 qid:2 1:1 #\n0 qid:2 1:1 #D\n",
    );
    assert_eq!(ids(&set), ["GX012-34", "B", "C", "1-4", "two", "2-2", "D"]);
    // The same document may stand in several queries, but once in each.
    assert_eq!(ids(&read("0 qid:1 1:1 # A\n0 qid:2 1:1 # A\n")), ["A", "A"]);
    let error = read_in(&Place::new(), "0 qid:1 1:1 # A\n0 qid:2 1:1 # B\n1 qid:1 1:2 # A\n")
        .expect_err("twice")
        .to_string();
    assert!(error.contains("document `A` stands twice in query `1`"), "{error}");
}

#[test]
fn documents_that_a_comment_does_not_name_are_counted() {
    let warnings = |text: &str| {
        let path = Place::new();
        letor::read_file(path.write("data.txt", text), &LetorOptions::default(), None).expect(text).warnings
    };
    assert!(warnings("1 qid:1 1:1\n0 qid:1 1:0\n").is_empty(), "no comment promises an id");
    assert!(warnings("1 qid:1 1:1 # 7555 rambo\n0 qid:1 1:0 # 1370 first blood\n").is_empty());
    let mixed = warnings("1 qid:1 1:1 # docid = A\n0 qid:1 1:0 # inc = 1\n0 qid:1 1:0\n");
    assert_eq!(mixed, ["2 of 3 documents have no id behind `#`: they are called QUERY-1, QUERY-2, …"]);

    // Words that are no ids.
    let text = "1 qid:a 1:1 # bad match\n0 qid:b 1:0 # good match\n0 qid:a 1:0 # bad match\n";
    let told = warnings(text);
    assert!(told.len() == 1 && told[0].contains("`bad` stands twice in query `a`"), "{told:?}");
    assert_eq!(ids(&read(text)), ["a-1", "a-2", "b-1"]);
}

#[test]
fn lines_without_a_grade_are_unlabelled() {
    let set = read("qid:1 1:0.5 # A\n1 qid:1 1:0.25 # B\n");
    assert_eq!((set.grades(), ids(&set)), (&[UNLABELLED, 1][..], vec!["A", "B"]));
}

#[test]
fn features_are_counted_from_0_on_request() {
    let place = Place::new();
    let path = place.write("data.txt", "# feature 0 bm25\n1 qid:1 0:0.5 2:3\n0 qid:1 0:1\n");
    let error = letor::read(&path, &LetorOptions::default()).expect_err("counted from 0").to_string();
    assert!(error.contains("data.txt:2") && error.contains("`zero-based`"), "{error}");
    let options = LetorOptions { zero_based: true, ..LetorOptions::default() };
    let set = letor::read(&path, &options).expect("counted from 0");
    assert_eq!(set.features(), ndarray::array![[0.5, 0.0, 3.0], [1.0, 0.0, 0.0]]);
    assert_eq!(set.feature_names(), ["bm25", "2", "3"]);
}

#[test]
fn tables_are_read_by_the_names_of_their_header() {
    let text = "query_id,doc_id,label,bm25,\"page rank\",title,fresh\n\
                7,A,2,0.5,3,\"Rambo, II\",True\n7,B,,0.25,,Rocky,False\n9,A,0,1e-3,-1,x,true\n";
    let place = Place::new();
    let file =
        letor::read_file(place.write("data.csv", text), &LetorOptions::default(), None).expect("a table");
    let set = &file.set;
    assert_eq!((set.grades(), ids(set)), (&[2, UNLABELLED, 0][..], vec!["A", "B", "A"]));
    assert_eq!(set.feature_names(), ["bm25", "page_rank", "fresh"]);
    assert_eq!(set.features().row(0).to_vec(), [0.5, 3.0, 1.0]);
    assert!(set.features()[[1, 1]].is_nan());
    assert_eq!(set.queries().iter().map(|query| query.id.as_str()).collect::<Vec<_>>(), ["7", "9"]);
    assert_eq!(file.warnings, ["columns that are no numbers are not used: `title`"]);
    assert_same(&round_trip(&place, set), set);
    let tabs = text.replace("\"Rambo, II\"", "Rambo").replace(',', "\t");
    assert_same(&read(&tabs), set);
}

#[test]
fn tables_that_cannot_be_understood_name_their_columns() {
    for (text, part) in [
        (
            "a,b,c\n1,2,3\n",
            "data.txt:1: expected `grade qid:QUERY 1:VALUE …`, or a header that names a column qid",
        ),
        ("a,b,c\n1,2,3\n", "the columns `a`, `b`, `c`"),
        ("2,1,0.5\n", "the columns `2`, `1`, `0.5`"),
        ("qid,label,f\n1,0,0.5\n1,0\n", "data.txt:3: expected 3 columns by commas as in the header, found 2"),
        ("qid,label,f\n1,0,0.5\n1,0,x\n", "data.txt:3: expected a number in the column `f`, found `x`"),
        ("qid,label,f\n1,good,0.5\n", "data.txt:2: expected a whole grade"),
        ("qid,label,f\n,1,0.5\n", "data.txt:2: expected an id without blanks in the column `qid`"),
        ("qid,label,f\n", "holds no document"),
    ] {
        let error = read_in(&Place::new(), text).expect_err(text).to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn queries_that_differ_stay_apart() {
    // Two ids that are no UTF-8 and look alike once their bytes are replaced.
    let result = read_in(&Place::new(), b"1 qid:\xff 1:1 # A\n0 qid:\xfe 1:1 # A\n");
    match result {
        Ok(set) => assert_ne!(set.queries()[0].id, set.queries()[1].id),
        Err(error) => assert!(error.to_string().contains("data.txt:1: expected"), "{error}"),
    }
}

#[test]
fn spellings_of_lines() {
    let expected = read("2 qid:1 1:0.5 2:-3 # A\n-1 qid:1 1:0 2:0.001 # B\n");
    for text in [
        "2 qid:1 1:0.5 2:-3 # A\r\n-1 qid:1 1:0 2:0.001 # B\r\n",
        "\u{feff}2 qid:1 1:0.5 2:-3 # A\n-1 qid:1 1:0 2:0.001 # B",
        "# a remark\n\n2.0 qid:1\t1:.5  2:-3.0 #docid=A\n   \n-1 qid:1 2:1e-3 # docid = B\n",
        "2 qid:1 2:-3 1:5e-1 # A\n-1.0 qid:1 2:+0.001 # B\n",
    ] {
        assert_same(&read(text), &expected);
    }
}

#[test]
fn names_and_limits_of_features() {
    let set = read("# feature 2 bm25\n0 qid:1 1:1 3:1\n");
    assert_eq!(set.feature_names(), ["1", "bm25", "3"]);
    let error = read_in(&Place::new(), "# feature 4 bm25\n0 qid:1 1:1 3:1\n")
        .expect_err("no such feature")
        .to_string();
    assert!(error.contains("feature 4 is named `bm25`"), "{error}");
    let limited = |max_features| {
        let place = Place::new();
        letor::read(
            place.write("data.txt", "0 qid:1 12:1\n"),
            &LetorOptions { max_features, zero_based: false },
        )
        .map(|set| set.feature_count())
    };
    assert_eq!(limited(12).expect("within the limit"), 12);
    assert!(limited(11).expect_err("beyond it").to_string().contains("at most 11 features"));
}
