//! stub
use crate::data::RankingSet;
pub(super) fn judgements(set: &RankingSet) -> crate::Result<String> {
    let mut text = String::new();
    for query in set.queries() {
        for row in query.rows.clone() {
            if set.grades()[row] >= 0 {
                text.push_str(&format!("{} 0 {} {}\n", query.id, set.document(row), set.grades()[row]));
            }
        }
    }
    Ok(text)
}
