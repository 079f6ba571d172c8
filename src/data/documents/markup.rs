//! Markup of SGML, HTML and XML, as far as texts need it: tags, comments, references to characters.

use std::borrow::Cow;

/// Part of a marked-up text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Opening tag: its name and what follows the name.
    Open(&'a str, &'a str),
    /// Closing tag.
    Close(&'a str),
    /// Text with references.
    Text(&'a str),
    /// Text without references: the content of a CDATA section.
    Plain(&'a str),
}

/// Iterator over the parts of a marked-up text; comments and declarations are left out.
pub(super) struct Parts<'a> {
    rest: &'a str,
    missing: Vec<&'static str>, // ends of tags and comments that the rest does not hold
}

impl<'a> Parts<'a> {
    /// Starts at the beginning of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, missing: vec![] }
    }

    /// Returns the place of an end, which is looked for in vain once only.
    fn find(&mut self, end: &'static str) -> Option<usize> {
        if self.missing.contains(&end) {
            return None;
        }
        let found = self.rest.find(end);
        if found.is_none() {
            self.missing.push(end);
        }
        found
    }

    /// Cuts the first `length` bytes off, and then what `end` says.
    fn cut(&mut self, length: usize, end: usize) -> &'a str {
        let (part, rest) = (&self.rest[..length], &self.rest[length + end..]);
        self.rest = rest;
        part
    }

    /// Returns the tag at the beginning; `None` when no tag begins there.
    fn tag(&mut self) -> Option<Part<'a>> {
        let inner = self.rest[1..].strip_prefix('/').unwrap_or(&self.rest[1..]);
        if !inner.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return None;
        }
        let end = self.find(">")?;
        let tag = &self.cut(end, 1)[1..];
        if let Some(name) = tag.strip_prefix('/') {
            return Some(Part::Close(name.trim()));
        }
        let tag = tag.trim_end_matches('/');
        let length = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
        Some(Part::Open(&tag[..length], &tag[length..]))
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        const CDATA: &str = "<![CDATA[";
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if self.rest.starts_with(CDATA) {
                self.cut(CDATA.len(), 0);
                let (length, end) = self.rest.find("]]>").map_or((self.rest.len(), 0), |at| (at, 3));
                return Some(Part::Plain(self.cut(length, end)));
            }
            let skipped = [("<!--", "-->"), ("<!", ">"), ("<?", ">")]
                .iter()
                .find(|(start, _)| self.rest.starts_with(start));
            if let Some((_, end)) = skipped
                && let Some(at) = self.find(end)
            {
                self.cut(at, end.len());
                continue;
            }
            if self.rest.starts_with('<')
                && let Some(tag) = self.tag()
            {
                return Some(tag);
            }
            let first = self.rest.chars().next().map_or(0, char::len_utf8);
            let length = self.rest[first..].find('<').map_or(self.rest.len(), |at| first + at);
            return Some(Part::Text(self.cut(length, 0)));
        }
    }
}

/// Returns the value of an attribute among those of a tag.
pub(super) fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        let (key, value) = rest.split_once('=')?;
        let (key, value) = (key.trim(), value.trim_start());
        let quote = value.chars().next().filter(|quote| ['"', '\''].contains(quote));
        let (value, after) = match quote {
            Some(quote) => value[1..].split_once(quote)?,
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

/// Returns a text with its references replaced by their characters; unknown ones stay as they are.
pub(super) fn resolved(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        plain += &rest[..at];
        rest = &rest[at..];
        let name = rest[1..].bytes().take(12).position(|byte| byte == b';').map(|end| &rest[1..=end]);
        match name.and_then(character) {
            Some(character) => {
                plain.push(character);
                rest = &rest[name.map_or(0, str::len) + 2..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain += rest;
    Cow::Owned(plain)
}

/// Returns the character of a reference, given without `&` and `;`.
fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
            None => number.parse(),
        };
        return number.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "blank" => ' ',
        "hyph" | "hyphen" => '-',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "hellip" => '…',
        "euro" => '€',
        _ => {
            let place = LATIN.split(' ').position(|known| known == name)?;
            return char::from_u32(0xa0 + place as u32);
        }
    })
}

/// Names of the characters from U+00A0 to U+00FF in HTML, in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 \
    acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig \
    Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave \
    Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_tags_and_texts_and_nothing_panics() {
        let parts: Vec<_> = Parts::new("<A x='1>b</a ><!-- <c> -->é < 3<br/><![CDATA[<&]]>").collect();
        assert_eq!(parts[0], Part::Open("A", " x='1"));
        assert_eq!(parts[1..3], [Part::Text("b"), Part::Close("a")]);
        assert_eq!(
            parts[3..],
            [Part::Text("é "), Part::Text("< 3"), Part::Open("br", ""), Part::Plain("<&")]
        );
        for broken in ["<", "<a", "</", "<!", "<!--", "<![CDATA[x", "a<", "é<é", "<é>"] {
            assert!(Parts::new(broken).count() <= 3, "{broken}");
        }
    }

    #[test]
    fn references_and_attributes_are_read() {
        assert_eq!(
            resolved("AT&amp;T &#233;&#xe9;&eacute;&yuml; &hyph; &who; & 1 &"),
            "AT&T éééÿ - &who; & 1 &"
        );
        let attributes = " number=\"17\" TYPE='a b' x=y";
        for (name, value) in [("number", Some("17")), ("type", Some("a b")), ("x", Some("y")), ("z", None)] {
            assert_eq!(attribute(attributes, name), value);
        }
    }
}
