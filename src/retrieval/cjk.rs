//! Tokenizer of Chinese, Japanese and Korean texts, which put no spaces between words.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Tokenizer that cuts runs of Chinese, Japanese and Korean characters into overlapping pairs or single characters, and
/// all other runs of letters and digits into words.
#[derive(Clone, Debug)]
pub(super) struct CjkTokenizer {
    pairs: bool,
}

impl CjkTokenizer {
    /// Cuts into overlapping pairs; a run of one character is one token.
    pub(super) fn pairs() -> Self {
        Self { pairs: true }
    }

    /// Cuts into single characters.
    pub(super) fn characters() -> Self {
        Self { pairs: false }
    }

    /// Returns the byte ranges of the tokens of `text`.
    fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let mut spans = vec![];
        let mut run: Vec<Range<usize>> = vec![]; // characters of one script
        let mut kind = Kind::Other;
        for (start, character) in text.char_indices() {
            let found = Kind::of(character);
            if found != kind {
                self.close(kind, &run, &mut spans);
                run.clear();
                kind = found;
            }
            run.push(start..start + character.len_utf8());
        }
        self.close(kind, &run, &mut spans);
        spans
    }

    /// Adds the tokens of a finished run of characters of one `kind`.
    fn close(&self, kind: Kind, run: &[Range<usize>], spans: &mut Vec<Range<usize>>) {
        match (kind, run) {
            (Kind::Other, _) | (_, []) => {}
            (Kind::Word, [first, .., last]) => spans.push(first.start..last.end),
            (Kind::Cjk, _) if self.pairs && run.len() > 1 => {
                spans.extend(run.windows(2).map(|pair| pair[0].start..pair[1].end));
            }
            _ => spans.extend_from_slice(run),
        }
    }
}

/// Kind of a character: each run of one kind is cut on its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Cjk,
    Other,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            // Kana, Han with its extensions, compatibility forms, Hangul
            '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{323af}' => Self::Cjk,
            _ if character.is_alphanumeric() => Self::Word,
            _ => Self::Other,
        }
    }
}

impl Tokenizer for CjkTokenizer {
    type TokenStream<'a> = CjkStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> CjkStream<'a> {
        CjkStream { text, spans: self.spans(text).into_iter(), token: Token::default() }
    }
}

/// Stream of the tokens of one text.
pub(super) struct CjkStream<'a> {
    text: &'a str,
    spans: std::vec::IntoIter<Range<usize>>,
    token: Token,
}

impl TokenStream for CjkStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(span) = self.spans.next() else { return false };
        self.token.text.clear();
        self.token.text.push_str(&self.text[span.clone()]);
        self.token.position = self.token.position.wrapping_add(1);
        (self.token.offset_from, self.token.offset_to) = (span.start, span.end);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
