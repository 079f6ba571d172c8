//! Text collections: every format is read, every fault is named with its line, nothing panics.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::support::program::Place;
use irgan::Result;
use irgan::data::documents::{
    Collection, CollectionFormat, Document, GradeMap, JudgementOptions, Judgements, Topic, TopicIds,
    read_topics, write_jsonl, write_topics,
};
use predicates::prelude::predicate;
use proptest::prelude::*;

/// The message of an error, with the folder's own name taken out.
fn message_of<T>(place: &Place, outcome: Result<T>) -> String {
    let message = outcome.err().expect("a fault").to_string();
    message.replace(&format!("{}/", place.folder().display()), "")
}

fn documents_of(place: &Place, name: &str, bytes: impl AsRef<[u8]>) -> Result<Vec<Document>> {
    documents(&[place.write(name, bytes)], None)
}

fn topics(place: &Place, name: &str, bytes: impl AsRef<[u8]>) -> Result<Vec<Topic>> {
    read_topics(&place.write(name, bytes), TopicIds::AsWritten)
}

fn judgements(place: &Place, bytes: impl AsRef<[u8]>) -> Result<Judgements> {
    Judgements::read(&place.write("qrels", bytes), &JudgementOptions::default())
}

fn documents(paths: &[PathBuf], format: Option<CollectionFormat>) -> Result<Vec<Document>> {
    Collection::open(paths, format)?.documents().collect()
}

fn document(id: &str, fields: &[(&str, &str)]) -> Document {
    let fields = fields.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
    Document { id: id.to_owned(), fields }
}

fn topic(id: &str, text: &str) -> Topic {
    Topic { id: id.to_owned(), text: text.to_owned() }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes what is written")
}

const JSONL: &str = r#"{"id": "d1", "title": "Größe", "text": "first\ttext", "author": "A. B.", "year": 1958, "tags": ["x"], "seen": null}

{"contents": "second", "_id": 17, "metadata": {"url": {"a": [1, 2]}}}
{"docid": -3, "body": "", "ok": true, "score": 0.5}
{"id": "empty"}
"#;

fn from_jsonl() -> Vec<Document> {
    vec![
        document("d1", &[("title", "Größe"), ("body", "first\ttext"), ("author", "A. B.")]),
        document("17", &[("body", "second")]),
        document("-3", &[("body", "")]),
        document("empty", &[]),
    ]
}

#[test]
fn jsonl_keeps_texts_in_order_and_leaves_out_what_is_no_text() {
    let place = Place::new();
    assert_eq!(documents_of(&place, "docs.jsonl", JSONL).expect("well formed"), from_jsonl());
    assert_eq!(from_jsonl()[0].field("author"), Some("A. B."));
    assert_eq!(from_jsonl()[0].field("year"), None);
}

#[test]
fn packing_line_ends_and_byte_order_marks_change_nothing() {
    let place = Place::new();
    for bytes in [
        gzip(JSONL.as_bytes()),
        zstd::encode_all(JSONL.as_bytes(), 0).expect("memory takes what is written"),
        JSONL.replace('\n', "\r\n").into_bytes(),
        format!("\u{feff}{JSONL}").into_bytes(),
        JSONL.trim_end().as_bytes().to_vec(),
    ] {
        assert_eq!(documents_of(&place, "docs", bytes).expect("well formed"), from_jsonl());
    }
}

#[test]
fn tsv_has_two_or_three_columns() {
    let place = Place::new();
    assert_eq!(
        documents_of(&place, "a.docs", "d1\tsome text\n\nd2\t\n").expect("well formed"),
        [document("d1", &[("body", "some text")]), document("d2", &[("body", "")])]
    );
    assert_eq!(
        documents_of(&place, "a.tsv", "d1\ta title\ta text\nd2\t\t{}\n").expect("well formed"),
        [
            document("d1", &[("title", "a title"), ("body", "a text")]),
            document("d2", &[("title", ""), ("body", "{}")])
        ]
    );
}

#[test]
fn columns_of_tsv_are_used_by_their_names_and_ms_marco_has_four() {
    let place = Place::new();
    assert_eq!(
        documents_of(&place, "named.tsv", "Title\tdocno\tYear\tContents\nt\tD1\t1999\tx\n")
            .expect("well formed"),
        [document("D1", &[("title", "t"), ("year", "1999"), ("body", "x")])]
    );
    assert_eq!(
        documents_of(&place, "msmarco-docs.tsv", "D1\thttp://a\tt\tx\n").expect("well formed"),
        [document("D1", &[("url", "http://a"), ("title", "t"), ("body", "x")])]
    );
    assert_eq!(topics(&place, "t", "qid\tquery\n1\tsalt\n").expect("well formed"), [topic("1", "salt")]);
    // A document may be called so: its text is no name of a column.
    let plain = documents_of(&place, "plain.tsv", "id\tThe id.\n").expect("well formed");
    assert_eq!(plain, [document("id", &[("body", "The id.")])]);
}

#[test]
fn json_arrays_are_split_into_their_objects() {
    let place = Place::new();
    let array = "[\n  {\"id\": \"a{\", \"text\": \"x ] \\\" }\"},\n  {\n    \"docno\": 2,\n    \"n\": [1, {}]\n  }\n]\n";
    let expected = [document("a{", &[("body", "x ] \" }")]), document("2", &[])];
    assert_eq!(documents_of(&place, "a.json", array).expect("well formed"), expected);
    assert_eq!(documents_of(&place, "b.jsonl.gz", gzip(array.as_bytes())).expect("well formed"), expected);
    let behind = documents_of(&place, "c.json", "{\"id\": 1} {\"doc_id\": \"x\",\n\"text\": \"y\"}")
        .expect("well formed");
    assert_eq!(behind, [document("1", &[]), document("x", &[("body", "y")])]);
    let twice = documents_of(&place, "d.jsonl", "{\"id\": 1, \"doc_id\": \"part of\"}").expect("well formed");
    assert_eq!(twice, [document("1", &[("doc_id", "part of")])]);
}

const TREC: &str = "<?xml version=\"1.0\"?>\n<DOC>\n<DOCNO> FT911-1 </DOCNO>\n<DATE><P>910514\n</DATE>\n<HEADLINE>\nFT  14 MAY \
    91 / Caf&eacute; &amp; <b>bar</b>\n</HEADLINE>\n<BYLINE>A. B.</BYLINE>\n<TEXT>\n<P>One <\ntwo.</P><!-- no -->\n</TEXT>\n\
    <PUB>FT</PUB>\n</DOC>\n<doc id=\"G1\"><html><head><title>Page</title><style>b {}</style></head><body>All of it</body>\
    </html></doc><DOC><DOCNO>3</DOCNO></DOC>\n";

fn from_trec() -> Vec<Document> {
    vec![
        document(
            "FT911-1",
            &[("title", "FT  14 MAY 91 / Café &  bar"), ("author", "A. B."), ("body", "One <\ntwo.")],
        ),
        document("G1", &[("title", "Page"), ("body", "All of it")]),
        document("3", &[]),
    ]
}

#[test]
fn trec_documents_have_title_author_and_body() {
    let place = Place::new();
    let collection = Collection::open(&[place.write("ft", TREC)], None).expect("a file");
    let mut documents = collection.documents();
    let read: Vec<Document> = documents.by_ref().collect::<Result<_>>().expect("well formed");
    assert_eq!(read, from_trec());
    assert_eq!(documents.left_out().into_iter().collect::<Vec<_>>(), ["DATE", "PUB"]);
}

#[test]
fn a_folder_stands_for_its_files_of_documents() {
    let place = Place::new();
    place.write("disk/b/ft2.gz", gzip(b"<DOC><DOCNO>b</DOCNO><TEXT>x</TEXT></DOC>"));
    place.write("disk/a/ft1", TREC);
    place.write("disk/README", "About these files.\n");
    place.write("disk/.hidden", "<DOC>");
    let collection = Collection::open(&[place.path("disk")], None).expect("a folder");
    let read: Vec<Document> = collection.documents().collect::<Result<_>>().expect("well formed");
    let ids: Vec<&str> = read.iter().map(|document| document.id.as_str()).collect();
    assert_eq!(ids, ["FT911-1", "G1", "3", "b"]);
    assert_eq!(collection.skipped(), [place.path("disk/README")]);
    let tsv = Collection::open(&[place.path("disk")], Some(CollectionFormat::Tsv)).expect("a folder");
    assert!(tsv.files().iter().any(|path| path.ends_with("README")));
}

const SMART: &str = "\n.I 1\n.T\na title\nof two lines .\n.A\nting-yili\n.B\nj. ae. scs. 25\n.W\nthe text\n  .5 of it\n\nends\n\
    .I 2 \n.T\n.A\n.B\n.W\n.I 3\n.W\none\n.X\n1 2 3\n.W\ntwo\n";

#[test]
fn smart_sections_are_fields() {
    let place = Place::new();
    let empty = [("title", ""), ("author", ""), ("bibliography", ""), ("body", "")];
    assert_eq!(
        documents_of(&place, "cran", SMART).expect("well formed"),
        [
            document(
                "1",
                &[
                    ("title", "a title\nof two lines ."),
                    ("author", "ting-yili"),
                    ("bibliography", "j. ae. scs. 25"),
                    ("body", "the text\n  .5 of it\n\nends"),
                ]
            ),
            document("2", &empty),
            document("3", &[("body", "one\ntwo")]),
        ]
    );
}

#[test]
fn a_beir_folder_stands_for_its_files() {
    let place = Place::new();
    place
        .write("beir/corpus.jsonl.gz", gzip(br#"{"_id": "4983", "title": "", "text": "T", "metadata": {}}"#));
    place
        .write("beir/queries.jsonl", r#"{"_id": "0", "text": "0-dimensional biomaterials", "metadata": {}}"#);
    let qrels = place.write("beir/qrels/test.tsv", "query-id\tcorpus-id\tscore\n0\t4983\t1\n");
    let folder = place.path("beir");
    assert_eq!(
        documents(std::slice::from_ref(&folder), Some(CollectionFormat::Beir)).expect("well formed"),
        [document("4983", &[("title", ""), ("body", "T")])]
    );
    assert_eq!(
        read_topics(&folder, TopicIds::AsWritten).expect("well formed"),
        [topic("0", "0-dimensional biomaterials")]
    );
    let judgements = Judgements::read(&qrels, &JudgementOptions::default()).expect("well formed");
    assert_eq!(judgements.of("0"), [("4983".to_owned(), 1)]);
}

#[test]
fn several_files_are_one_collection() {
    let place = Place::new();
    let paths = [
        place.write("a.tsv", "d1\ta\n"),
        place.write("empty.tsv", ""),
        place.write("b.jsonl", "{\"id\":\"d2\"}\n"),
        place.write("c.tsv", "d3\tc\nd1\tagain\n"),
    ];
    assert_eq!(documents(&paths[..3], None).expect("well formed").len(), 2);
    assert_eq!(
        message_of(&place, documents(&paths, None)),
        "c.tsv:2: expected a new document id (a.tsv:1 has it already), found `d1`"
    );
    assert_eq!(message_of(&place, documents(&[], None)), "a collection needs at least one file or folder");
}

#[test]
fn faults_of_documents_are_named() {
    let place = Place::new();
    let deep = format!("{{\"id\":\"d\",\"x\":{}", "[".repeat(100_000));
    for (name, bytes, expected) in [
        ("a.tsv", &b""[..], "a.tsv: holds no document"),
        (
            "a.tsv",
            b"\n \n\xef\xbb\xbf",
            "a.tsv:3: expected id<TAB>text, id<TAB>title<TAB>text or id<TAB>url<TAB>title<TAB>text; more columns need a first line that names them, found `\\u{feff}`",
        ),
        ("a.tsv", b"d1 text\n", "a.tsv:1: expected id<TAB>text, id<TAB>title<TAB>text or id<TAB>url"),
        (
            "a.tsv",
            b"d1\ta\tb\tc\td\n",
            "a.tsv:1: expected id<TAB>text, id<TAB>title<TAB>text or id<TAB>url<TAB>title<TAB>text; more columns need a",
        ),
        ("a.tsv", b"d1\ta\nd2\ta\tb\n", "a.tsv:2: expected 2 columns, as on line 1, found `d2\\ta\\tb`"),
        (
            "a.tsv",
            b"d1\ta\nd1\tb\n",
            "a.tsv:2: expected a new document id (line 1 has it already), found `d1`",
        ),
        ("a.tsv", b"\ta\n", "a.tsv:1: expected a document id, found nothing"),
        (
            "a.tsv",
            b"d 1\ta\n",
            "a.tsv:1: expected a document id without white space, as a run has one column for it (replace it, say by _), found `d 1`",
        ),
        (
            "a.tsv",
            b"d1\ta\nd2\tabc \xff\n",
            "a.tsv:2: expected UTF-8 text; convert the file, found `d2\\tabc \u{fffd}`",
        ),
        ("a.jsonl", b"{\"id\": 1}\n[1]\n", "a.jsonl:2: expected a JSON object, found `[1]`"),
        ("a.json", b"[{\"id\": 1}, 2]", "a.json:1: expected a JSON array of objects, found `2]`"),
        (
            "a.json",
            b"[\n{\"id\": 1},\n{\"id\":",
            "a.json:3: expected `}` at the end of what begins here; the file is cut",
        ),
        (
            "a.json",
            b"\n[{\"id\": 1}",
            "a.json:2: expected `]` at the end of what begins here; the file is cut short",
        ),
        (
            "a.json",
            b"[{\"id\": 1},\n{\"text\":\n\"x\"}]",
            "a.json:2: expected an object with a key `id`, `_id` or",
        ),
        ("a.tsv", b"id\ttext\tbody\n", "a.tsv:1: expected one column of each name; two hold body"),
        ("a.trec", b"<DOC>\n<DOCNO>1</DOCNO>\n<DOC>\n", "a.trec:3: expected </doc> before the next <doc>"),
        (
            "a.trec",
            b"\n<DOC><DOCNO>1</DOCNO>",
            "a.trec:2: expected </doc> at the end of what begins here; the file",
        ),
        ("a.trec", b"<DOC><TEXT>x</TEXT></DOC>", "a.trec:1: expected a document id, found nothing"),
        ("a.trec", b"<x>\ntext\n", "a.trec:2: expected a tag <doc>, found `text`"),
        (
            "a.jsonl",
            b"{\"text\": \"x\"}",
            "a.jsonl:1: expected an object with a key `id`, `_id` or `docid`, found `{\\\"text\\\": \\\"x\\\"}`",
        ),
        (
            "a.jsonl",
            b"{\"id\": 1.5}",
            "a.jsonl:1: expected an id (`id`) that is a string or a whole number, found `{\\\"id\\\": 1.5}`",
        ),
        (
            "a.jsonl",
            b"{\"id\": \"a\\u0001\"}",
            "a.jsonl:1: expected a document id without white space, as a run has one column for it (replace it, say by _), found `a\\u{1}`",
        ),
        (
            "a.jsonl",
            b"{\"id\": \"a\", \"_id\": \"b\"}",
            "a.jsonl:1: expected one id (one of `id`, `_id`, `docid`, once), found `{\\\"id\\\": \\\"a\\\", \\\"_id\\\": \\\"b\\\"}`",
        ),
        (
            "a.jsonl",
            b"{\"id\":1,\"text\":\"\",\"body\":\"\"}",
            "a.jsonl:1: expected one main text (one of `text`, `contents`, `body`, once), found `{\\\"id\\\":1,\\\"text\\\":\\\"\\\",\\\"body\\\":\\\"\\\"}`",
        ),
        (
            "a.jsonl",
            b"{\"id\":1,\"x\":\"\",\"x\":\"\"}",
            "a.jsonl:1: expected every key once; \"x\" is there twice, found `{\\\"id\\\":1,\\\"x\\\":\\\"\\\",\\\"x\\\":\\\"\\\"}`",
        ),
        (
            "a.jsonl",
            b"{\"id\": \"d1\", \"text\": \"cut",
            "a.jsonl:1: expected a JSON object; EOF while parsing a string at column 25, found `: \\\"d1\\\", \\\"text\\\": \\\"cut`",
        ),
        (
            "a.jsonl",
            b"{\"id\": \"d1\"} {",
            "a.jsonl:1: expected a JSON object; trailing characters at column 14, found `{\\\"id\\\": \\\"d1\\\"} {`",
        ),
        (
            "a.jsonl",
            b"{\"id\": \"\\ud800\"}",
            "a.jsonl:1: expected a JSON object; unexpected end of hex escape at column 15",
        ),
        ("a.jsonl", deep.as_bytes(), "a.jsonl:1: expected a JSON object; "),
        (
            "cran",
            b".I 1\n.Q\n",
            "cran:2: expected a section .T, .A, .B, .W or .K (.N, .C, .X, .G are left out), found `.Q`",
        ),
        (
            "cran",
            b".I 1\ntext\n",
            "cran:2: expected a section (.T, .A, .B or .W) after `.I id`, found `text`",
        ),
        ("cran", b".I\n.W\n", "cran:1: expected a document id, found nothing"),
        (
            "cran",
            b".I 1\n.W\nx\n.I 1\n",
            "cran:4: expected a new document id (line 1 has it already), found `1`",
        ),
        ("a.gz", b"\x1f\x8b\x08\x00", "a.gz: cannot read: "),
    ] {
        let message = message_of(&place, documents_of(&place, name, bytes));
        assert!(message.starts_with(expected), "{message}\n{expected}");
        assert!(message.len() < 250, "{message}");
    }
    let smart = documents(&[place.write("x", "text\n.I 1\n")], Some(CollectionFormat::Smart));
    assert_eq!(message_of(&place, smart), "x:1: expected a line `.I id` first, found `text`");
    assert!(
        message_of(&place, documents(&[place.path("absent")], None)).starts_with("absent: cannot read: ")
    );
    fs::create_dir(place.path("folder")).expect("the folder is writable");
    assert!(
        message_of(&place, documents(&[place.path("folder")], None))
            .starts_with("folder: is a folder without corpus.jsonl")
    );
}

#[test]
fn a_fault_far_down_is_named_with_its_line_and_ends_the_documents() {
    let place = Place::new();
    let mut text: String = (1..73_112).map(|n| format!("{{\"id\": {n}, \"text\": \"{n}\"}}\n")).collect();
    text += "{\"id\": 73112, \"text: \"\"}\n{\"id\": 73113}\n";
    let collection = Collection::open(&[place.write("docs.jsonl", text)], None).expect("the file is there");
    let mut documents = collection.documents();
    assert_eq!(documents.by_ref().take_while(Result::is_ok).count(), 73_111);
    assert!(documents.next().is_none());
    let fault = collection.documents().find_map(Result::err).expect("a fault").to_string();
    assert!(fault.contains("docs.jsonl:73112: expected a JSON object; "), "{fault}");
}

#[test]
fn documents_of_50_megabytes_are_read_and_larger_ones_refused() {
    let place = Place::new();
    let large = |bytes: usize| format!("d1\t{}\nd2\tx\n", "word ".repeat(bytes / 5));
    let read = documents_of(&place, "a.tsv", large(50_000_000)).expect("50 MB");
    assert_eq!((read.len(), read[0].fields[0].1.len()), (2, 50_000_000));
    let message = message_of(&place, documents_of(&place, "a.tsv", large(70_000_000)));
    assert!(
        message.starts_with("a.tsv:1: expected at most 64 MiB a document or line; split it"),
        "{message}"
    );
    let smart = format!(".I 1\n.W\n{}", "word word word word\n".repeat(70_000_000 / 20));
    let message = message_of(&place, documents_of(&place, "cran", smart));
    assert!(message.contains(": expected at most 64 MiB a document or line; split it"), "{message}");
}

#[test]
fn topics_of_every_format() {
    let place = Place::new();
    assert_eq!(
        topics(&place, "t", "q1\tboundary layer\nq2\t\n").expect("well formed"),
        [topic("q1", "boundary layer"), topic("q2", "")]
    );
    let jsonl = "{\"id\": 1, \"query\": \"a b\"}\n{\"_id\": \"2\", \"title\": \"t\", \"text\": \"x\"}\n";
    assert_eq!(topics(&place, "t", jsonl).expect("well formed"), [topic("1", "a b"), topic("2", "t x")]);
    let smart = place.write("cran.qry", ".I 001\n.W\nwhat similarity\nlaws .\n.I 004\n.W\nheat .\n");
    let read = |ids| read_topics(&smart, ids).expect("well formed");
    assert_eq!(read(TopicIds::AsWritten), [topic("001", "what similarity\nlaws ."), topic("004", "heat .")]);
    assert_eq!(read(TopicIds::ByPosition), [topic("1", "what similarity\nlaws ."), topic("2", "heat .")]);
}

#[test]
fn topics_of_trec_and_xml() {
    let place = Place::new();
    let top = "<top>\n<num> Number: 301 \n<title> International\n Organized Crime\n\n<desc> Description: \nIdentify\n<narr> \
        Narrative:\nx\n</top>\n\n<top>\n<head> Tipster\n<num> Number:  051\n<title> Topic:  Airbus\n</top>\n";
    assert_eq!(
        topics(&place, "t", top).expect("well formed"),
        [topic("301", "International Organized Crime"), topic("051", "Airbus")]
    );
    let xml = "<?xml version='1.0'?>\n<topics>\n<topic number=\"1\">\n<query>corona &amp; origin</query>\n<question>what is\
        </question>\n<narrative>n</narrative></topic>\n<topic number='2' type=\"x\"><description>only this</description></topic>\n\
        <topic id=\"3\"> plain </topic>\n<topic><num>4</num><title><![CDATA[a < b]]></title></topic></topics>";
    assert_eq!(
        topics(&place, "t.xml", xml).expect("well formed"),
        [topic("1", "corona & origin"), topic("2", "only this"), topic("3", "plain"), topic("4", "a < b")]
    );
}

#[test]
fn faults_of_topics_are_named() {
    let place = Place::new();
    for (bytes, expected) in [
        ("", "t: holds no topic; expected lines of `id<TAB>text`, JSONL, SMART or TREC's <top>"),
        ("q1\ta\nq1\tb\n", "t:2: expected a new topic id (line 1 has it already), found `q1`"),
        (
            "#1\ta\n",
            "t:1: expected a topic id that does not start with #, as such lines of a run are comments, found `#1`",
        ),
        (
            "{\"id\": \"q\"}",
            "t:1: expected a topic with a text (`text`, `query`, `title`; .W; <title>), found `q`",
        ),
        ("q1 a\n", "t:1: expected id<TAB>text, id<TAB>title<TAB>text or id<TAB>url<TAB>title<TAB>text; more"),
        (
            "<top><num>1</top>",
            "t:1: expected a topic with a text (`text`, `query`, `title`; .W; <title>), found `1`",
        ),
    ] {
        let message = message_of(&place, topics(&place, "t", bytes));
        assert!(message.starts_with(expected), "{message}\n{expected}");
    }
}

#[test]
fn judgements_of_three_and_four_columns() {
    let place = Place::new();
    for text in [
        "q2 0 d1 3\n\n# note\nq1\t0\td9\t0\nq2 0 d0 -1\n",
        "q2 d1 3 \r\nq1  d9 0.0\r\nq2 d0 -1",
        "query-id\tcorpus-id\tscore\nq2\td1\t3\nq1\td9\t0\nq2\td0\t-1\n",
        "# judged by hand\ndoc_id Relevance qid\nd1 3.00 q2\nd9 0 q1\nd0 -1 q2\n",
        "topic iteration docno relevancy\nq2 Q0 d1 3\nq1 Q0 d9 0\nq2 Q0 d0 -1\n",
    ] {
        let judgements = judgements(&place, text).expect(text);
        let queries: Vec<&str> = judgements.queries().map(|(query, _)| query).collect();
        assert_eq!(queries, ["q2", "q1"]);
        assert_eq!(judgements.of("q2"), [("d1".to_owned(), 3), ("d0".to_owned(), -1)]);
        assert!(judgements.of("q3").is_empty());
        assert_eq!(judgements.to_trec().expect("plain ids"), "q2 0 d1 3\nq2 0 d0 -1\nq1 0 d9 0\n");
    }
}

/// Judgements of CISI (`1 28 0 0.000000`) and of CACM (`01 1410  0 0`): pairs, each of which is relevant.
#[test]
fn pairs_of_smart_are_relevant_and_their_ids_plain_numbers() {
    let place = Place::new();
    for text in ["     1     28\t0\t0.000000\n     1     35\t0\t0.000000\n", "01 0028  0 0\n01 35  0 0\n"] {
        let found = judgements(&place, text).expect(text);
        assert_eq!(found.of("1"), [("28".to_owned(), 1), ("35".to_owned(), 1)], "{text}");
    }
    // One document that is named 0 and judged 0 is TREC's.
    assert_eq!(judgements(&place, "1 0 0 0\n").expect("TREC").of("1"), [("0".to_owned(), 0)]);
    assert_eq!(judgements(&place, "1 7 0 0\n1 7 d 1\n").expect("TREC").of("1").len(), 2);
    let mixed = judgements(&place, "1 28 0 0\n1 28 0 0\n");
    assert_eq!(
        message_of(&place, mixed),
        "qrels:2: expected one judgement a query and document (line 1 has it already), found `1 28 0 0`"
    );
}

#[test]
fn faults_of_judgements_are_named() {
    let place = Place::new();
    for (bytes, expected) in [
        ("# nothing\n", "qrels: holds no judgement; expected lines of `query 0 document grade`"),
        (
            "q d\n",
            "qrels:1: expected 4 columns (query 0 document grade) or 3 (query document grade), found `q d`",
        ),
        (
            "q 0 d 1\nq e 1\n",
            "qrels:2: expected 4 columns (query 0 document grade), as on the first line, found `q e 1`",
        ),
        ("q 0 d 1.5\n", "qrels:1: expected an integer grade between -1000 and 1000, found `1.5`"),
        ("q 0 d 1001\n", "qrels:1: expected an integer grade between -1000 and 1000, found `1001`"),
        (
            "q d 1\nr d 1\nq d 2\n",
            "qrels:3: expected one judgement a query and document (line 1 has it already), found `q d 2`",
        ),
    ] {
        assert_eq!(message_of(&place, judgements(&place, bytes)), expected);
    }
}

#[test]
fn grades_are_mapped_whole_or_not_at_all() {
    let place = Place::new();
    let grades: GradeMap = "1=4,2=3,3=2,4=1,5=0,-1=0".parse().expect("a map");
    let options = JudgementOptions { grades: Some(grades) };
    let read = |text: &str| Judgements::read(&place.write("qrels", text), &options);
    assert_eq!(
        read("1 184 2\n1 29 -1\n").expect("mapped").of("1"),
        [("184".to_owned(), 3), ("29".to_owned(), 0)]
    );
    assert_eq!(
        message_of(&place, read("1 184 2\n1 29 6\n")),
        "qrels:2: expected a grade that `-1=0,1=4,2=3,3=2,4=1,5=0` maps (add `6=…`), found `6`"
    );
    for (text, expected) in [
        ("", "grades \"\": expected pairs of integers such as 1=4,2=3, found \"\""),
        ("1=4,2", "grades \"1=4,2\": expected pairs of integers such as 1=4,2=3, found \"2\""),
        ("1=4,1=3", "grades \"1=4,1=3\": the grade 1 is there twice"),
        ("1=9999", "grades \"1=9999\": expected pairs of integers such as 1=4,2=3, found \"1=9999\""),
    ] {
        assert_eq!(text.parse::<GradeMap>().expect_err("a fault").to_string(), expected);
    }
}

#[test]
fn qrels_converts_judgements() {
    let place = Place::new();
    place.write("cran.qrels", "1 184 2 \n1 29 -1\n");
    let irgan = |grades: &str| {
        let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
        command.current_dir(place.path("")).args([
            "qrels",
            "--judgements",
            "cran.qrels",
            "--out",
            "qrels.txt",
        ]);
        command.args(["--grades", grades]).assert()
    };
    irgan("-1=0,2=3").success();
    assert_eq!(fs::read_to_string(place.path("qrels.txt")).expect("written"), "1 0 184 3\n1 0 29 0\n");
    irgan("2=3")
        .failure()
        .code(1)
        .stderr(predicate::str::contains("cran.qrels:2: expected a grade that `2=3` maps"));
    irgan("2").failure().code(2).stderr(predicate::str::contains("expected pairs of integers"));
}

fn any_document() -> impl Strategy<Value = Document> {
    let names = prop::sample::subsequence(vec!["title", "body", "author", "größe"], 0..=4);
    (names, prop::collection::vec(any::<String>(), 4)).prop_map(|(names, texts)| {
        let fields = names.into_iter().map(str::to_owned).zip(texts).collect();
        Document { id: String::new(), fields }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(mut written in prop::collection::vec(any_document(), 1..5)) {
        written.iter_mut().zip(1..).for_each(|(document, n)| document.id = format!("ä{n}"));
        let place = Place::new();
        let path = place.path("docs.jsonl");
        write_jsonl(&path, &written).expect("the folder is writable");
        prop_assert_eq!(documents(&[path], None).expect("well formed"), written);
    }

    #[test]
    fn topics_are_read_back(texts in prop::collection::vec("[a-zé]+( [a-zé]+)*", 1..5)) {
        let topics: Vec<Topic> = texts.iter().zip(1..).map(|(text, n)| topic(&format!("q{n}"), text)).collect();
        let place = Place::new();
        let path = place.path("topics.tsv");
        write_topics(&path, &topics).expect("the folder is writable");
        prop_assert_eq!(read_topics(&path, TopicIds::AsWritten).expect("well formed"), topics);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        never_panics(&bytes);
    }

    #[test]
    fn arbitrary_pieces_never_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "<DOC>", "</doc>", "<DOCNO>", "<TEXT>", "<top>", "</top>", "<num>", "<!--", "&#", ";", "<![CDATA[", "]",
            ".I 1", ".I", ".T", ".W", ".Q", "\n", "\r\n", "\t", " ", "{", "}", "\"id\"", "\"text\"", ":", ",", "1", "d", "[", "é", "\u{feff}", "\u{0}", "0 ", "-1",
        ]), 0..40)
    ) {
        never_panics(pieces.concat().as_bytes());
    }
}

fn never_panics(bytes: &[u8]) {
    let place = Place::new();
    let path = place.write("file", bytes);
    for format in [
        None,
        Some(CollectionFormat::Jsonl),
        Some(CollectionFormat::Tsv),
        Some(CollectionFormat::Smart),
        Some(CollectionFormat::Json),
        Some(CollectionFormat::Trec),
    ] {
        let _ = documents(std::slice::from_ref(&path), format);
    }
    let _ = read_topics(&path, TopicIds::AsWritten);
    let _ = Judgements::read(Path::new(&path), &JudgementOptions::default());
}
