//! A LETOR file and nDCG@10 of scores.

use std::path::Path;

/// Documents of queries, query after query.
pub struct Set {
    /// Row-major features.
    pub rows: Vec<f64>,
    pub width: usize,
    pub grades: Vec<f64>,
    /// Number of documents of every query.
    pub groups: Vec<usize>,
    /// Ids of the queries.
    queries: Vec<String>,
    /// Ids of the documents.
    names: Vec<String>,
}

impl Set {
    /// Reads `grade qid:Q 1:x 2:x … #docid = D …`, the documents of a query together.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let mut set =
            Set { rows: vec![], width: 0, grades: vec![], groups: vec![], queries: vec![], names: vec![] };
        for line in text.lines() {
            let (body, comment) = line.split_once('#').expect("a comment with the document");
            let mut fields = body.split_whitespace();
            set.grades.push(fields.next().and_then(|grade| grade.parse().ok()).expect("a grade"));
            let query = fields.next().and_then(|field| field.strip_prefix("qid:")).expect("qid:Q");
            set.rows.extend(fields.map(|field| {
                field.split_once(':').and_then(|f| f.1.parse::<f64>().ok()).expect("INDEX:VALUE")
            }));
            set.names.push(
                comment
                    .split_once('=')
                    .and_then(|c| c.1.split_whitespace().next())
                    .expect("docid = D")
                    .to_owned(),
            );
            if set.queries.last().is_some_and(|last| last == query) {
                *set.groups.last_mut().expect("a query before") += 1;
            } else {
                set.groups.push(1);
                set.queries.push(query.to_owned());
            }
        }
        set.width = set.rows.len() / set.grades.len();
        Ok(set)
    }

    /// Features column by column.
    pub fn columns(&self) -> Vec<f64> {
        let rows = self.grades.len();
        (0..self.width * rows).map(|at| self.rows[at % rows * self.width + at / rows]).collect()
    }

    /// Lines `query Q0 document rank score tag` of every document, in the order of the scores.
    pub fn run(&self, scores: &[f64], tag: &str) -> String {
        let (mut from, mut run) = (0, String::new());
        for (query, &size) in self.queries.iter().zip(&self.groups) {
            for (rank, at) in self.ranked(from..from + size, scores).into_iter().enumerate() {
                run += &format!("{query} Q0 {} {} {} {tag}\n", self.names[at], rank + 1, scores[at]);
            }
            from += size;
        }
        run
    }

    /// Documents of a query, best first; ties by descending id.
    fn ranked(&self, rows: std::ops::Range<usize>, scores: &[f64]) -> Vec<usize> {
        let mut ranked: Vec<usize> = rows.collect();
        ranked.sort_by(|&a, &b| {
            scores[b].total_cmp(&scores[a]).then_with(|| self.names[b].cmp(&self.names[a]))
        });
        ranked
    }
}

/// Mean nDCG@10 over the queries of a set.
pub fn ndcg(set: &Set, scores: &[f64]) -> f64 {
    let (mut from, mut sum) = (0, 0.0);
    for &size in &set.groups {
        let gained = dcg(set.ranked(from..from + size, scores).into_iter().map(|at| set.grades[at]));
        let mut grades = set.grades[from..from + size].to_vec();
        grades.sort_by(|a, b| b.total_cmp(a));
        let ideal = dcg(grades.into_iter());
        sum += if ideal > 0.0 { gained / ideal } else { 0.0 };
        from += size;
    }
    sum / set.groups.len() as f64
}

fn dcg(grades: impl Iterator<Item = f64>) -> f64 {
    grades.take(10).enumerate().map(|(rank, grade)| grade / (rank as f64 + 2.0).log2()).sum()
}
