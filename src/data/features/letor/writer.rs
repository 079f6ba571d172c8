//! LETOR writer; the reader gives the same set back, to the bit.

use std::path::Path;

use crate::data::features::RankingSet;
use crate::error::Result;
use crate::files::output::write_output;

/// Writes `set` as a LETOR file; a crash leaves the old file or the new one, whole.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, set: &RankingSet) -> Result<()> {
    write_output(path, |writer| {
        for (name, number) in set.feature_names().iter().zip(1..) {
            writeln!(writer, "# feature {number} {name}")?;
        }
        for query in set.queries() {
            for row in query.rows.clone() {
                write!(writer, "{} qid:{}", set.grades()[row], query.id)?;
                for (value, feature) in set.features().row(row).iter().zip(1..) {
                    if value.is_nan() {
                        write!(writer, " {feature}:NULL")?;
                    } else {
                        write!(writer, " {feature}:{value}")?;
                    }
                }
                writeln!(writer, " # docid = {}", set.document(row))?;
            }
        }
        Ok(())
    })
}
