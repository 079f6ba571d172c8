//! Tokenizer of all languages: normalised text, cut into words and, on demand, into characters of East Asian scripts.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::char::is_combining_mark;

use super::normalized::Normalized;

/// Tokenizer that normalises a text (NFKC), cuts it into words and lowers their case.
///
/// A word is a run of letters and digits with the marks and joiners on them (Unicode Standard Annex 29, rule WB4): it is
/// never cut at a combining mark. Joiners, soft hyphens and variation selectors are not part of the term. Offsets are
/// those of the text before it was normalised.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WordTokenizer {
    /// Treatment of Chinese, Japanese and Korean characters.
    pub(super) east_asian: EastAsian,
    /// Lowers I to ı, as Turkish and Azeri do.
    pub(super) dotless: bool,
    /// Lowers ß to ss, so that it equals its upper case.
    pub(super) sharp_s: bool,
}

/// Treatment of Chinese, Japanese and Korean characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum EastAsian {
    /// Letters like all others.
    #[default]
    Words,
    /// Overlapping pairs; a run of one character is one token.
    Pairs,
    /// Tokens of their own.
    Characters,
}

impl WordTokenizer {
    fn kind(self, character: char) -> Kind {
        if character.is_alphanumeric() {
            let east_asian = self.east_asian != EastAsian::Words && is_east_asian(character);
            return if east_asian { Kind::EastAsian } else { Kind::Letter };
        }
        match !character.is_ascii() && (is_combining_mark(character) || is_joiner(character)) {
            true => Kind::Mark,
            false => Kind::Other,
        }
    }

    /// Appends a part of a text in lower case.
    fn lower(self, part: &str, term: &mut String) {
        if part.is_ascii() && !self.dotless {
            let start = term.len();
            term.push_str(part);
            term[start..].make_ascii_lowercase();
            return;
        }
        for character in part.chars() {
            match character {
                'I' if self.dotless => term.push('ı'),
                'ß' | 'ẞ' if self.sharp_s => term.push_str("ss"),
                'A'..='Z' | '\0'..='\x7f' => term.push(character.to_ascii_lowercase()),
                'İ' => term.push('i'),
                'ς' => term.push('σ'), // σ at the end of a word
                _ if is_joiner(character) || is_selector(character) => {}
                _ => term.extend(character.to_lowercase()),
            }
        }
    }
}

/// Kind of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Letter,
    EastAsian,
    /// Mark or joiner, part of the character before it.
    Mark,
    Other,
}

/// Returns true for letters of scripts without spaces between words: Kana, Bopomofo, Han with its extensions and marks of
/// repetition, compatibility forms, Hangul.
fn is_east_asian(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}'
        | '\u{3031}'..='\u{3035}'
        | '\u{3038}'..='\u{303c}'
        | '\u{3040}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{1aff0}'..='\u{1b16f}'
        | '\u{20000}'..='\u{323af}')
}

/// Returns true for invisible characters within words: soft hyphen, joiners, word joiner, marks of direction.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Returns true for variation selectors, marks that choose a form of the character before them.
fn is_selector(character: char) -> bool {
    matches!(character, '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        let text = Normalized::new(text);
        WordStream { tokenizer: *self, text, at: 0, paired: false, token: Token::default() }
    }
}

/// Stream of the tokens of one text.
pub(super) struct WordStream<'a> {
    tokenizer: WordTokenizer,
    text: Normalized<'a>,
    at: usize,    // where the next token is looked for, in the normalised text
    paired: bool, // the character there ended the last pair
    token: Token,
}

impl WordStream<'_> {
    /// Returns the kind of the character at `at`, and where the next one begins after its marks.
    fn character(&self, at: usize) -> Option<(Kind, usize)> {
        let mut rest = self.text.text()[at..].char_indices();
        let kind = self.tokenizer.kind(rest.next()?.1);
        let next = rest.find(|&(_, next)| self.tokenizer.kind(next) != Kind::Mark);
        Some((kind, next.map_or(self.text.text().len(), |(offset, _)| at + offset)))
    }

    /// Returns the end of the ASCII characters from `at` on that are letters or digits, or that are neither.
    fn ascii_end(&self, at: usize, letters: bool) -> usize {
        let bytes = self.text.text().as_bytes()[at..].iter();
        at + bytes.take_while(|byte| byte.is_ascii() && byte.is_ascii_alphanumeric() == letters).count()
    }

    /// Returns the end of the word of which characters up to `at` are known.
    fn word_end(&self, mut at: usize) -> usize {
        loop {
            at = self.ascii_end(at, true);
            match self.character(at) {
                Some((Kind::Letter | Kind::Mark, end)) => at = end,
                _ => return at,
            }
        }
    }

    /// Returns the range of the next token.
    fn next_span(&mut self) -> Option<Range<usize>> {
        loop {
            let start = self.ascii_end(self.at, false);
            self.paired &= start == self.at;
            let (kind, end) = self.character(start)?;
            self.at = end;
            match kind {
                Kind::Other | Kind::Mark => self.paired = false,
                Kind::Letter => {
                    self.paired = false;
                    self.at = self.word_end(end);
                    return Some(start..self.at);
                }
                Kind::EastAsian => match self.character(end) {
                    Some((Kind::EastAsian, second)) if self.tokenizer.east_asian == EastAsian::Pairs => {
                        self.paired = true;
                        return Some(start..second);
                    }
                    _ if std::mem::take(&mut self.paired) => {}
                    _ => return Some(start..end),
                },
            }
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(span) = self.next_span() else { return false };
        self.token.text.clear();
        self.tokenizer.lower(&self.text.text()[span.clone()], &mut self.token.text);
        self.token.position = self.token.position.wrapping_add(1);
        let original = self.text.original(&span);
        (self.token.offset_from, self.token.offset_to) = (original.start, original.end);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(tokenizer: WordTokenizer, text: &str) -> Vec<String> {
        let mut tokenizer = tokenizer;
        let (mut terms, mut before) = (vec![], 0);
        tokenizer.token_stream(text).process(&mut |token| {
            assert!(token.offset_from >= before && !text[token.offset_from..token.offset_to].is_empty());
            before = token.offset_from;
            terms.push(token.text.clone());
        });
        terms
    }

    #[test]
    fn words_keep_their_marks_and_lose_their_joiners() {
        let words = |text| terms(WordTokenizer::default(), text);
        assert_eq!(words("புத்தகம் दिल्ली"), ["புத்தகம்", "दिल्ली"]);
        assert_eq!(words("می\u{200c}خواهم ex\u{ad}ample, 葛\u{e0100}"), ["میخواهم", "example", "葛"]);
        assert_eq!(words("Zu\u{308}rich Zürich"), ["zürich", "zürich"]);
        assert_eq!(words("\u{308} - \u{200d} ´a"), ["a"]);
        assert_eq!(
            words("abq\u{308}1é2q\u{308}q\u{308}x!q\u{308}"),
            ["abq\u{308}1é2q\u{308}q\u{308}x", "q\u{308}"]
        );
        assert_eq!(words("ﬁne ΟΔΟΣ m² can't x_y"), ["fine", "οδοσ", "m2", "can", "t", "x", "y"]);
    }

    #[test]
    fn case_follows_the_language() {
        let turkish = WordTokenizer { dotless: true, ..Default::default() };
        assert_eq!(terms(turkish, "İstanbul I\u{307}stanbul ILIK"), ["istanbul", "istanbul", "ılık"]);
        assert_eq!(terms(WordTokenizer::default(), "İstanbul ILIK"), ["istanbul", "ilik"]);
        let sharp = WordTokenizer { sharp_s: true, ..Default::default() };
        assert_eq!(terms(sharp, "Straße STRASSE STRAẞE"), ["strasse"; 3]);
    }

    #[test]
    fn east_asian_characters_are_cut_into_pairs_or_singly() {
        let pairs = |text| terms(WordTokenizer { east_asian: EastAsian::Pairs, ..Default::default() }, text);
        assert_eq!(pairs("长江大桥 Bridge 7"), ["长江", "江大", "大桥", "bridge", "7"]);
        assert_eq!(pairs("江，人々・ＵＳＢ"), ["江", "人々", "usb"]);
        assert_eq!(pairs("ﾃﾞｰﾀ か\u{3099}ん"), ["デー", "ータ", "がん"]);
        assert_eq!(pairs("a江b大桥c"), ["a", "江", "b", "大桥", "c"]);
        let single =
            |text| terms(WordTokenizer { east_asian: EastAsian::Characters, ..Default::default() }, text);
        assert_eq!(single("长江 か\u{3099}"), ["长", "江", "が"]);
    }
}
