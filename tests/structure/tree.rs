//! Modules of a crate, and which file needs which: every path is followed through re-exports to its definition.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::tokens::{Placed, Token, tokens};

/// Path of a module or of an item from the root of the crate; the root itself is empty.
pub type Segments = Vec<String>;

/// Source file that is a module.
pub struct File {
    /// Path from the folder of the sources, with `/`.
    pub name: String,
    /// Tokens, without tests.
    pub tokens: Vec<Placed>,
    /// Names of the items that stand at the file's top level.
    defined: BTreeSet<String>,
    uses: Vec<Use>,
}

/// Name that a `use` brings into its file; `*` for all of a module.
struct Use {
    name: String,
    path: Segments,
    public: bool,
    line: usize,
}

/// Mention of a path of this crate.
pub struct Mention {
    /// Path from the root, as written: re-exports are not followed.
    pub path: Segments,
    pub line: usize,
    /// Whether this is a re-export, which a `mod.rs` may make of anything below it.
    reexport: bool,
}

/// Crate: its modules by path.
pub struct Tree(pub BTreeMap<Segments, File>);

impl Tree {
    /// Reads every file below `folder`, whose root is `lib.rs`.
    pub fn read(folder: &Path) -> Self {
        let mut sources = BTreeMap::new();
        collect(folder, folder, &mut sources);
        Self::new(sources)
    }

    /// Makes the tree of `sources`, by file name; files that no `mod` declares outside of tests are left out.
    pub fn new(sources: BTreeMap<String, String>) -> Self {
        let parsed: BTreeMap<Segments, (String, Vec<Placed>)> =
            sources.into_iter().map(|(name, source)| (module_of(&name), (name, tokens(&source)))).collect();
        let declared = |path: &Segments| match path.split_last() {
            None => true,
            Some((last, parent)) => parsed.get(parent).is_some_and(|(_, tokens)| {
                tokens
                    .windows(2)
                    .any(|pair| pair[0].token.word() == Some("mod") && pair[1].token.word() == Some(last))
            }),
        };
        let modules: BTreeSet<Segments> = parsed.keys().filter(|path| declared(path)).cloned().collect();
        let files = parsed.into_iter().filter(|(path, _)| modules.contains(path));
        Self(
            files
                .map(|(path, (name, tokens))| {
                    let (defined, uses) = (definitions(&tokens), uses(&tokens, &path, &modules));
                    (path, File { name, tokens, defined, uses })
                })
                .collect(),
        )
    }

    /// Lists every path of this crate that the file of `module` names.
    pub fn mentions(&self, module: &Segments) -> Vec<Mention> {
        let file = &self.0[module];
        let imported = file.uses.iter().map(|import| Mention {
            path: import.path.clone(),
            line: import.line,
            reexport: import.public,
        });
        imported.chain(self.inline(module, file)).collect()
    }

    /// Paths in expressions, types and macros, outside of `use`.
    fn inline(&self, module: &Segments, file: &File) -> Vec<Mention> {
        let tokens = &file.tokens;
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at].token.word() == Some("use") {
                at = end_of_use(tokens, at);
                continue;
            }
            let path = path_at(tokens, at);
            if path.len() > 1
                && let Some(path) = self.absolute_inline(module, file, &path)
            {
                found.push(Mention { path, line: tokens[at].line, reexport: false });
            }
            at += (2 * path.len()).saturating_sub(1).max(1);
        }
        found
    }

    /// Path from the root; its first segment may be a child of the module or a name that a `use` brought in.
    fn absolute_inline(&self, module: &Segments, file: &File, path: &[String]) -> Option<Segments> {
        if let Some(import) = file.uses.iter().find(|import| import.name == path[0]) {
            return Some([&import.path, &path[1..]].concat());
        }
        absolute(module, path, |child| self.0.contains_key(child))
    }

    /// Returns the module whose file defines `path`.
    pub fn resolve(&self, path: &[String]) -> Option<&Segments> {
        self.follow(path, &mut BTreeSet::new())
    }

    fn follow(&self, path: &[String], seen: &mut BTreeSet<Segments>) -> Option<&Segments> {
        if !seen.insert(path.to_vec()) {
            return None;
        }
        let (module, file, rest) = (0..=path.len()).rev().find_map(|length| {
            let (module, file) = self.0.get_key_value(&path[..length])?;
            Some((module, file, &path[length..]))
        })?;
        let Some(name) = rest.first().filter(|name| *name != "*" && !file.defined.contains(*name)) else {
            return Some(module);
        };
        let reexported = file.uses.iter().find_map(|import| {
            if import.name == *name {
                return self.follow(&[&import.path, &rest[1..]].concat(), seen);
            }
            let inside = import.name == "*" && !import.path.is_empty();
            let within = inside.then(|| [&import.path[..import.path.len() - 1], &rest[..1]].concat())?;
            let found = self.follow(&within, seen)?;
            self.0[found].defined.contains(name).then_some(found)
        });
        reexported.or(Some(module))
    }

    /// Returns the modules that the file of `module` needs, each with what it needs of it.
    ///
    /// The re-exports of a `mod.rs` are its list of contents, not its needs; a module that is brought in by name is
    /// needed for the paths that go through it.
    pub fn needs(&self, module: &Segments) -> BTreeMap<&Segments, BTreeSet<String>> {
        let mut needs: BTreeMap<&Segments, BTreeSet<String>> = BTreeMap::new();
        let contents = self.0[module].name.ends_with("mod.rs") || module.is_empty();
        for mention in self.mentions(module) {
            if (mention.reexport && contents) || self.0.contains_key(&mention.path) {
                continue;
            }
            if let Some(target) = self.resolve(&mention.path).filter(|target| *target != module) {
                needs.entry(target).or_default().insert(mention.path.join("::"));
            }
        }
        needs
    }
}

fn collect(root: &Path, folder: &Path, sources: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            collect(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).expect("below the root").to_str().expect("UTF-8");
            let source = fs::read_to_string(&path).expect("a readable source");
            sources.insert(name.replace(std::path::MAIN_SEPARATOR, "/"), source);
        }
    }
}

/// `a/b.rs` and `a/b/mod.rs` are `a::b`, `lib.rs` is the root.
fn module_of(name: &str) -> Segments {
    let mut path: Segments = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod") || path == ["lib"] {
        path.pop();
    }
    path
}

fn definitions(tokens: &[Placed]) -> BTreeSet<String> {
    const KEYWORDS: [&str; 10] =
        ["struct", "enum", "trait", "fn", "const", "type", "static", "union", "mod", "macro_rules"];
    let mut depth = 0;
    let mut names = BTreeSet::new();
    for (at, placed) in tokens.iter().enumerate() {
        match &placed.token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => depth -= 1,
            Token::Word(word) if depth == 0 && KEYWORDS.contains(&word.as_str()) => {
                let bang = usize::from(word == "macro_rules");
                let name = tokens.get(at + 1 + bang).and_then(|next| next.token.word());
                names.extend(name.map(str::to_owned));
            }
            _ => {}
        }
    }
    names
}

/// Every `use` of a file, one entry a leaf of its tree.
fn uses(tokens: &[Placed], module: &Segments, modules: &BTreeSet<Segments>) -> Vec<Use> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].token.word() != Some("use") {
            at += 1;
            continue;
        }
        let end = end_of_use(tokens, at);
        let public = at > 0 && (tokens[at - 1].token.word() == Some("pub") || tokens[at - 1].token.is(')'));
        let mut leaves = Vec::new();
        expand(&mut tokens[at + 1..end].iter().peekable(), &[], &mut leaves);
        let line = tokens[at].line;
        found.extend(leaves.into_iter().filter_map(|(name, path)| {
            let path = absolute(module, &path, |child| modules.contains(child))?;
            Some(Use { name, path, public, line })
        }));
        at = end;
    }
    found
}

/// Returns the index of the `;` of the `use` at `at`; of the end where there is none.
fn end_of_use(tokens: &[Placed], at: usize) -> usize {
    tokens[at..].iter().position(|placed| placed.token.is(';')).map_or(tokens.len(), |length| at + length)
}

/// Adds the leaves (name in the file, path as written) of the tree of a `use`, which stands below `above`.
fn expand<'a>(
    tokens: &mut std::iter::Peekable<impl Iterator<Item = &'a Placed>>,
    above: &[String],
    leaves: &mut Vec<(String, Segments)>,
) {
    let mut path = above.to_vec();
    while let Some(placed) = tokens.next() {
        match &placed.token {
            Token::Word(word) if word == "as" => {
                let name = tokens.next().and_then(|next| next.token.word()).unwrap_or("_");
                leaves.push((name.to_owned(), path.clone()));
                path.clear();
            }
            Token::Word(word) => path.push(word.clone()),
            Token::Mark('*') => path.push("*".to_owned()),
            Token::Mark('{') => {
                expand(tokens, &path, leaves);
                path.clear();
            }
            Token::Mark(mark @ (',' | '}')) => {
                finish(&path, above, leaves);
                path = above.to_vec();
                if *mark == '}' {
                    return;
                }
            }
            _ => {}
        }
    }
    finish(&path, above, leaves);
}

/// Adds the leaf `path`, unless it is only what stands `above` it; `a::{self}` is `a`.
fn finish(path: &[String], above: &[String], leaves: &mut Vec<(String, Segments)>) {
    if path.len() <= above.len() {
        return;
    }
    let path = if path.len() > 1 { path.strip_suffix(&["self".to_owned()]).unwrap_or(path) } else { path };
    leaves.push((path.last().expect("not empty").clone(), path.to_vec()));
}

/// Returns the words joined by `::` from `at` on.
fn path_at(tokens: &[Placed], at: usize) -> Segments {
    let mut path = Vec::new();
    let mut next = at;
    while let Some(word) = tokens.get(next).and_then(|placed| placed.token.word()) {
        path.push(word.to_owned());
        if tokens.get(next + 1).is_none_or(|placed| placed.token != Token::Path) {
            break;
        }
        next += 2;
    }
    path
}

/// Returns `path` from the root, `None` if it leads into another crate.
fn absolute(module: &Segments, path: &[String], is_module: impl Fn(&Segments) -> bool) -> Option<Segments> {
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([module, &path[1..]].concat()),
        "super" => {
            let up = path.iter().take_while(|segment| *segment == "super").count();
            let above = module.len().checked_sub(up)?;
            Some([&module[..above], &path[up..]].concat())
        }
        first => {
            let child = [module.as_slice(), &[first.to_owned()]].concat();
            is_module(&child).then(|| [module, path].concat())
        }
    }
}

#[cfg(test)]
pub fn tree_of(sources: &[(&str, &str)]) -> Tree {
    Tree::new(sources.iter().map(|&(name, source)| (name.to_owned(), source.to_owned())).collect())
}

#[test]
fn paths_are_followed_through_reexports() {
    let tree = tree_of(&[
        ("lib.rs", "pub mod a; mod b; #[cfg(test)] mod c; pub use a::Deep;"),
        ("a/mod.rs", "mod x; mod y; pub use {x::*, y::Other as Renamed};"),
        ("a/x.rs", "pub struct Deep;"),
        ("a/y.rs", "pub enum Other { One }"),
        ("b.rs", "use crate::{Deep, a::{self, Renamed}}; fn f() { a::Deep::new(); std::mem::take(); }"),
        ("c.rs", ""),
    ]);
    let modules: Vec<String> = tree.0.keys().map(|path| path.join("::")).collect();
    assert_eq!(modules, ["", "a", "a::x", "a::y", "b"]);
    let needs = tree.needs(&vec!["b".to_owned()]);
    let needs: Vec<(String, Vec<&str>)> = needs
        .iter()
        .map(|(module, names)| (module.join("::"), names.iter().map(String::as_str).collect()))
        .collect();
    let expected =
        [("a::x".to_owned(), vec!["Deep", "a::Deep::new"]), ("a::y".to_owned(), vec!["a::Renamed"])];
    assert_eq!(needs, expected);
}
