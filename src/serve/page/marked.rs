//! Texts with the words of a query marked.

use maud::{Markup, html};

use crate::retrieval::Snippet;

/// Returns a text with its marked words.
pub(super) fn marked(snippet: &Snippet) -> Markup {
    html! {
        @for (text, is_word) in snippet.parts() {
            @if is_word { mark { (text) } } @else { (text) }
        }
    }
}
