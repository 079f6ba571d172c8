//! `GET /`: two rankings side by side.

use axum::extract::{RawQuery, State};
use maud::{Markup, html};

use super::frame::Part;
use super::layout::{Page, address, page};
use super::marked::marked;
use crate::ranking::documents::{ComparedHit, Comparison, Finder, RankedBy};
use crate::ranking::features::Contribution;
use crate::retrieval::{Snippet, WeightedQuery};
use crate::serve::parameters::Parameters;
use crate::serve::service::{Shared, work};

/// Number of hits of each ranking.
const HITS: usize = 10;
/// Number of features that are shown as the cause of a score.
const CAUSES: usize = 3;

/// Returns the search form and, for a query, the hits of both rankings.
pub(in crate::serve) async fn search(State(service): State<Shared>, RawQuery(query): RawQuery) -> Page {
    let parameters = Parameters::of_query(query.as_deref(), &["q", "k"])?;
    let limits = service.config.limits;
    let k = parameters.number("k", 1..=limits.k.min(100), HITS)?;
    let text = match parameters.get("q") {
        Some(_) => Some(parameters.text("q", limits.query)?.trim().to_owned()),
        None => None,
    };
    let answer = work(&service, move |service, models| {
        let finder = &models.finder;
        let body = match &text {
            None => html! { (form("")) (welcome(finder, service.judges())) },
            Some(text) => {
                let comparison = finder.compare(text, k)?;
                let judges = service.judges() && !service.config.read_only;
                html! { (form(text)) (results(finder, text, &comparison, judges)) }
            }
        };
        let title = text.as_deref().unwrap_or("Search");
        Ok(page(service, Part::Search, title, &body))
    });
    Ok(answer.await?)
}

fn form(text: &str) -> Markup {
    html! {
        form.search action="/" method="get" role="search" {
            input type="search" name="q" value=(text) placeholder="Words to search for" aria-label="Query"
                autofocus[text.is_empty()] required;
            button { "Search" }
        }
    }
}

fn welcome(finder: &Finder, judges: bool) -> Markup {
    let second = named(finder, finder.second());
    html! {
        p.soft {
            (finder.index().documents()) " documents. A query shows the hits of BM25 beside those of " (second) "."
            @if judges { " “Judge” collects grades, from which a ranker is trained." }
        }
    }
}

/// Returns the name of a ranking for readers.
fn named(finder: &Finder, by: RankedBy) -> String {
    match by {
        RankedBy::Bm25 => "BM25".into(),
        RankedBy::Feedback => "BM25 with feedback".into(),
        RankedBy::Model => {
            finder.ranker().map_or(String::new(), |ranker| format!("the trained ranker, {}", ranker.name()))
        }
    }
}

fn results(finder: &Finder, text: &str, comparison: &Comparison, judges: bool) -> Markup {
    let Comparison { rankers, hits } = comparison;
    let is_empty = hits.iter().all(Vec::is_empty);
    html! {
        @if is_empty { (nothing(finder, text)) }
        @if judges {
            form.inline action="/judge/add" method="post" {
                input type="hidden" name="text" value=(text);
                button.quiet { "Judge this query" }
            }
        }
        @if !is_empty {
            div.columns {
                @for (by, hits) in rankers.iter().zip(hits) {
                    section aria-label=(named(finder, *by)) {
                        h2 { (heading(finder, *by)) }
                        ol.hits { @for hit in hits { (shown(hit, *by, text)) } }
                    }
                }
            }
            @if rankers[1] == RankedBy::Model {
                p.soft.legend {
                    "Features: the gain of the score over the mean document found. Arrows: ranks gained or lost against BM25."
                }
            }
        }
    }
}

fn heading(finder: &Finder, by: RankedBy) -> Markup {
    html! {
        @match by {
            RankedBy::Bm25 => { "BM25" }
            RankedBy::Feedback => { "BM25 with feedback" }
            RankedBy::Model => {
                "Trained ranker " span.soft { (finder.ranker().map_or(String::new(), |ranker| ranker.name())) }
            }
        }
    }
}

/// Tells why nothing was found.
fn nothing(finder: &Finder, text: &str) -> Markup {
    let query = WeightedQuery::parse(finder.index(), text);
    html! {
        p.failure {
            @if query.is_empty() { "Nothing found: the query has no word to search for." }
            @else { "Nothing found: no document has these terms: " (query.terms().join(", ")) "." }
        }
    }
}

fn shown(hit: &ComparedHit, by: RankedBy, query: &str) -> Markup {
    let found = &hit.found;
    let title = if found.title.text.trim().is_empty() { None } else { Some(&found.title) };
    html! {
        li.hit {
            div.rank {
                span.number { (hit.rank) }
                (moved(hit, by))
            }
            div.body {
                a.title href=(address("/document", &[("id", &found.id), ("q", query)])) {
                    @match title { Some(title) => (marked(title)), None => (found.id) }
                }
                @if let Some(passage) = &found.passage { p.passage { (passage_of(passage)) } }
                p.facts {
                    span.id { (found.id) }
                    span title="score" { (format!("{:.3}", found.score)) }
                    @for cause in causes(hit) { (chip(cause)) }
                }
            }
        }
    }
}

/// Returns the features that weigh most, without those that show as 0.
fn causes(hit: &ComparedHit) -> impl Iterator<Item = &Contribution> {
    hit.contributions.iter().take(CAUSES).filter(|cause| cause.value.abs() >= 0.005)
}

fn passage_of(passage: &Snippet) -> Markup {
    html! { (marked(passage)) " …" }
}

/// Returns the move of a hit of the second ranking against the first; in the first, its rank in the second.
fn moved(hit: &ComparedHit, by: RankedBy) -> Markup {
    let (rank, other) = (hit.rank, hit.other);
    if by == RankedBy::Bm25 {
        return html! {
            @match other {
                Some(other) => span.move.soft title="rank at the right" { "→ " (other) },
                None => span.move.soft title="not found at the right" { "→ –" },
            }
        };
    }
    html! {
        @match other {
            Some(other) if other > rank => span.move.up title=(format!("rank {other} by BM25")) { "▲ " (other - rank) },
            Some(other) if other < rank => span.move.down title=(format!("rank {other} by BM25")) { "▼ " (rank - other) },
            Some(_) => span.move.soft title="the same rank by BM25" { "=" },
            None => span.move.up title="not found by BM25" { "new" },
        }
    }
}

fn chip(Contribution { feature, value }: &Contribution) -> Markup {
    let class = if *value >= 0.0 { "chip up" } else { "chip down" };
    html! { span class=(class) { (feature) " " (format!("{value:+.2}")) } }
}
