//! Rust source as tokens: enough of the grammar for paths, definitions, strings and doc comments.

/// Token of a source file, without white space and plain comments.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// Identifier, keyword or number.
    Word(String),
    /// Single character of punctuation; `::` is one token of its own.
    Mark(char),
    /// `::`.
    Path,
    /// Contents of a string literal of any kind.
    Text(String),
    /// Text of one line of a doc comment.
    Doc(String),
}

impl Token {
    /// Returns the identifier, keyword or number.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Returns whether this is the punctuation `mark`.
    pub fn is(&self, mark: char) -> bool {
        *self == Self::Mark(mark)
    }
}

/// Token and the number of its line, from 1.
#[derive(Clone, Debug)]
pub struct Placed {
    pub token: Token,
    pub line: usize,
}

/// Returns the tokens of `source`, without what stands under `#[cfg(test)]`.
pub fn tokens(source: &str) -> Vec<Placed> {
    without_tests(&Lexer { rest: source, line: 1, tokens: Vec::new() }.run())
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Placed>,
}

impl Lexer<'_> {
    fn run(mut self) -> Vec<Placed> {
        while let Some(next) = self.rest.chars().next() {
            if self.comment() || self.text() || self.quote() {
                continue;
            }
            if next.is_alphanumeric() || next == '_' {
                let length = prefix(self.rest, |c| c.is_alphanumeric() || c == '_');
                self.push(Token::Word(self.rest[..length].to_owned()), length);
            } else if self.rest.starts_with("::") {
                self.push(Token::Path, 2);
            } else if next.is_whitespace() {
                self.skip(next.len_utf8());
            } else {
                self.push(Token::Mark(next), next.len_utf8());
            }
        }
        self.tokens
    }

    fn skip(&mut self, length: usize) {
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
    }

    fn push(&mut self, token: Token, length: usize) {
        self.tokens.push(Placed { token, line: self.line });
        self.skip(length);
    }

    /// Takes a comment; those of the documentation are kept.
    fn comment(&mut self) -> bool {
        if self.rest.starts_with("/*") {
            let length = block_comment(self.rest);
            self.skip(length);
            return true;
        }
        if !self.rest.starts_with("//") {
            return false;
        }
        let length = self.rest.find('\n').unwrap_or(self.rest.len());
        let line = &self.rest[..length];
        match line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) {
            Some(doc) if !doc.starts_with('/') => self.push(Token::Doc(doc.trim().to_owned()), length),
            _ => self.skip(length),
        }
        true
    }

    /// Takes a string literal: plain, raw, of bytes or of C.
    fn text(&mut self) -> bool {
        let letters = prefix(self.rest, |c| matches!(c, 'b' | 'c' | 'r'));
        let hashes = prefix(&self.rest[letters..], |c| c == '#');
        let start = letters + hashes + 1;
        let raw = self.rest[..letters].ends_with('r');
        if letters > 2 || (hashes > 0 && !raw) || !self.rest[letters + hashes..].starts_with('"') {
            return false;
        }
        let length = if raw {
            let end = format!("\"{}", "#".repeat(hashes));
            self.rest[start..].find(&end).unwrap_or_else(|| self.rest.len() - start - end.len())
        } else {
            escaped(&self.rest[start..], '"')
        };
        let text = self.rest[start..start + length].to_owned();
        self.push(Token::Text(text), start + length + 1 + hashes);
        true
    }

    /// Takes a character literal, or the apostrophe of a lifetime with its name.
    fn quote(&mut self) -> bool {
        let start = self.rest.starts_with('b').into();
        let Some(inner) = self.rest[start..].strip_prefix('\'') else { return false };
        let name = prefix(inner, |c| c.is_alphanumeric() || c == '_');
        let lifetime = name > 0 && !inner[name..].starts_with('\'');
        let length = if lifetime { name } else { escaped(inner, '\'') + 1 };
        self.skip(start + 1 + length);
        true
    }
}

/// Returns the length in bytes of the longest prefix of characters that `belongs` accepts.
fn prefix(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Returns where `end` first stands without a backslash before it.
fn escaped(text: &str, end: char) -> usize {
    let mut backslash = false;
    for (at, c) in text.char_indices() {
        match c {
            '\\' if !backslash => backslash = true,
            _ if c == end && !backslash => return at,
            _ => backslash = false,
        }
    }
    panic!("a literal has no end: {text}")
}

/// Returns the length of the block comment that `text` begins with; such comments nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (1, 2);
    while depth > 0 && at < text.len() {
        depth = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => depth + 1,
            [b'*', b'/', ..] => depth - 1,
            _ => {
                at += 1;
                continue;
            }
        };
        at += 2;
    }
    at
}

/// Leaves out every item under `#[cfg(test)]`, up to its `;` or its closing brace.
fn without_tests(tokens: &[Placed]) -> Vec<Placed> {
    let attribute = ["#", "[", "cfg", "(", "test", ")", "]"];
    let shown = |placed: &Placed| match &placed.token {
        Token::Word(word) => word.clone(),
        Token::Mark(mark) => mark.to_string(),
        _ => String::new(),
    };
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let window = tokens.get(at..at + attribute.len());
        if window.is_some_and(|window| window.iter().map(shown).eq(attribute)) {
            at = end_of_item(tokens, at + attribute.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Returns the index after the item that begins at `at`.
fn end_of_item(tokens: &[Placed], mut at: usize) -> usize {
    let mut depth = 0;
    while at < tokens.len() {
        match tokens[at].token {
            Token::Mark('{' | '(' | '[') => depth += 1,
            Token::Mark(mark @ ('}' | ')' | ']')) => {
                depth -= 1;
                if depth == 0 && mark == '}' {
                    return at + 1;
                }
            }
            Token::Mark(';') if depth == 0 => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at
}

#[test]
fn tokens_know_comments_strings_and_lifetimes() {
    let source = r##"
        //! Of a file.
        // use crate::a;
        /* use /* crate:: */ b; */
        fn f<'a>(x: &'a str) -> char { g('"', b'\'', "crate::\"c", r#"a "raw" one"#); 'x' }
        #[cfg(test)]
        mod tests { #[test] fn t() { use crate::d; } }
        /// Of an item.
        struct Last;
    "##;
    let tokens = tokens(source);
    let of = |choose: fn(&Token) -> Option<&str>| -> Vec<&str> {
        tokens.iter().filter_map(|placed| choose(&placed.token)).collect()
    };
    let texts = of(|token| if let Token::Text(text) = token { Some(text) } else { None });
    let docs = of(|token| if let Token::Doc(doc) = token { Some(doc) } else { None });
    assert_eq!(texts, [r#"crate::\"c"#, r#"a "raw" one"#]);
    assert_eq!(docs, ["Of a file.", "Of an item."]);
    assert_eq!(of(Token::word), ["fn", "f", "x", "str", "char", "g", "struct", "Last"]);
    assert_eq!(tokens.last().expect("some").line, 9);
}
