//! Every `--language`, as its users type it: another spelling of a word finds it, and the hit is shown with the word marked.

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

/// Language, a text, and a query in another spelling with the part of the text that is marked for it.
const SEARCHES: &[(&str, &str, &str, &str)] = &[
    ("en", "Some ＣＡＦＥ́ and ﬁne wine", "fine", "[ﬁne]"),
    ("none", "In Zürich, दिल्ली", "Zu\u{308}rich", "[Zürich]"),
    ("zh", "购买ＵＳＢ设备，人々五岳归来", "五岳归来usb", "[ＵＳＢ]设备，人々[五岳归来]"),
    ("zh-char", "カタカナ", "ｶﾅ", "[カ]タ[カ][ナ]"),
    ("az", "Bakıda İqlim", "IQLIM iqlim", "[İqlim]"),
    ("ar", "قرأت الكِتَابُ", "الكتاب", "[الكِتَابُ]"),
    ("da", "Smørrebrød fra Århus", "A\u{30a}RHUS", "[Århus]"),
    ("de", "Viele Häuser", "HA\u{308}USER", "[Häuser]"),
    ("el", "Η οδός στην Αθήνα", "ΟΔΟΣ", "[οδός]"),
    ("es", "El niño feliz", "NIN\u{303}O", "[niño]"),
    ("fi", "Suuri pöytä", "PO\u{308}YTA\u{308}", "[pöytä]"),
    ("fr", "Un bon élève", "E\u{301}LE\u{300}VE", "[élève]"),
    ("hu", "Egy kőműves", "KO\u{30b}MU\u{30b}VES", "[kőműves]"),
    ("it", "La città eterna", "CITTA\u{300}", "[città]"),
    ("nl", "Een ĳsberg", "IJSBERG", "[ĳsberg]"),
    ("no", "Mange blåbær", "BLA\u{30a}BÆR", "[blåbær]"),
    ("pt", "Uma ação boa", "AC\u{327}A\u{303}O", "[ação]"),
    ("ro", "O școală nouă", "S\u{327}COALA\u{306}", "[școală]"),
    ("ru", "Красный йод", "И\u{306}ОД", "[йод]"),
    ("sv", "En räksmörgås", "RA\u{308}KSMO\u{308}RGA\u{30a}S", "[räksmörgås]"),
    ("ta", "ஒரு புத்தகம்", "புத்தகம்", "[புத்தகம்]"),
    ("tr", "DİYARBAKIR ve İstanbul", "diyarbakır ISTANBUL istanbul", "[DİYARBAKIR] ve [İstanbul]"),
];

#[test]
fn every_language_finds_and_marks_another_spelling() {
    let place = Place::new();
    for (language, text, query, marked) in SEARCHES {
        place.write("docs.tsv", format!("d1\t{text}\nd2\tx\n"));
        let index =
            ["index", "--collection", "docs.tsv", "--index", "idx", "--force", "--language", language];
        assert_succeeds(&place.irgan(&index));
        let found = place.irgan(&["search", "--index", "idx", query]);
        assert_succeeds(&found);
        assert!(
            stdout(&found).contains("d1") && stdout(&found).contains(marked),
            "{language}: {}",
            stdout(&found)
        );
    }
    let help = stdout(&place.irgan(&["index", "--help"]));
    let listed = |name: &str| help.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| word == name);
    assert!(SEARCHES.iter().all(|(language, ..)| listed(language)), "{help}");
}

#[test]
fn east_asian_titles_are_searched_alone_and_korean_and_japanese_are_shown() {
    let place = Place::new();
    place.write(
        "docs.tsv",
        "d1\t東京タワー\t日本の電波塔\nd2\t서울특별시\t대한민국의 수도\nd3\t电波塔\t東京\n",
    );
    assert_succeeds(&place.irgan(&[
        "index",
        "--collection",
        "docs.tsv",
        "--index",
        "idx",
        "--language",
        "zh",
    ]));
    for (flags, id, marked) in [
        (&["東京タワー", "--field", "title"][..], "d1", "[東京タワー]"),
        (&["대한민국의 수도"], "d2", "[대한민국의] [수도]"),
        (&["서울특별시", "--field", "title"], "d2", "[서울특별시]"),
        (&["電波塔"], "d1", "[電波塔]"),
    ] {
        let found = place.irgan(&[&["search", "--index", "idx", "-k", "1"], flags].concat());
        assert_succeeds(&found);
        assert!(stdout(&found).contains(id) && stdout(&found).contains(marked), "{}", stdout(&found));
    }
    assert!(
        stderr(&place.irgan(&["search", "--index", "idx", "本電", "--field", "title"]))
            .contains("nothing found")
    );
}

#[test]
fn an_index_of_an_older_version_says_that_it_must_be_made_again() {
    let place = Place::new();
    place.write("docs.tsv", "d1\tsalt\n");
    assert_succeeds(&place.irgan(&["index", "--collection", "docs.tsv", "--index", "idx"]));
    let header = String::from_utf8(place.read("idx/index.toml")).expect("TOML");
    for older in [
        header
            .lines()
            .map(|line| if line.starts_with("format") { "format = 1" } else { line })
            .collect::<Vec<_>>(),
        vec!["format = 1", "tantivy = \"0.27\"", "language = \"en\""],
    ] {
        place.write("idx/index.toml", older.join("\n"));
        let search = place.irgan(&["search", "--index", "idx", "salt"]);
        assert_fails(&search, 1, &["format 1", "make the index again", "irgan index --force"]);
    }
}
