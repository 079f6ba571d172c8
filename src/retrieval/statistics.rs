//! Statistics that tantivy does not keep, in one memory-mapped file: exact lengths, ids in order, occurrences of terms.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use memmap2::Mmap;
use rayon::prelude::*;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{SegmentReader, TERMINATED};

use super::header::damaged;
use super::seal::Seal;
use crate::error::{Error, Result};
use crate::files::bytes::open_map;
use crate::math::parallel::ordered_map;

const MAGIC: &[u8; 8] = b"IRGANST1";
/// Length of the fixed part in bytes: magic, then N, the numbers of fields and segments, and the length of all ids.
const FIXED: usize = 8 + 4 * 8;

/// Statistics of an index of N documents and F fields. All numbers are little-endian, the order of every supported machine.
#[derive(Debug)]
pub(super) struct Statistics {
    map: Mmap,
    documents: usize,
    fields: usize,
    segments: usize,
    tokens: Range<usize>,           // u64 [F]
    ends: Range<usize>,             // u64 [N]: where each id ends
    lengths: Range<usize>,          // u32 [F, N]
    order: Range<usize>,            // u32 [N]: documents by ascending id
    rank: Range<usize>,             // u32 [N]: place of each document in `order`
    occurrences: Vec<Range<usize>>, // u32 [terms] for each segment and field
    ids: Range<usize>,
}

impl Statistics {
    /// Maps the statistics file at `path` and verifies its blocks.
    ///
    /// # Errors
    /// When the file cannot be read, is no statistics file, or is damaged.
    pub(super) fn open(path: &Path, seal: &Seal) -> Result<Self> {
        let map = open_map(path)?;
        seal.check_all(&map).map_err(|cause| damaged(path, cause))?;
        if map.len() < FIXED || &map[..8] != MAGIC {
            return Err(damaged(path, "its first bytes are not those of a statistics file"));
        }
        Self::lay_out(map).ok_or_else(|| damaged(path, "its parts do not fit its size"))
    }

    /// Finds the parts of the file; `None` when they do not fit its size.
    fn lay_out(map: Mmap) -> Option<Self> {
        let number = |at: usize| usize::try_from(u64::from_le_bytes(map[at..at + 8].try_into().ok()?)).ok();
        let (documents, fields) = (number(8)?, number(16)?);
        let (segments, id_bytes) = (number(24)?, number(32)?);
        let mut end = FIXED;
        let mut part = |count: usize, size: usize| {
            let start = end;
            end = end.checked_add(count.checked_mul(size)?)?;
            (end <= map.len()).then_some(start..end)
        };
        let tokens = part(fields, 8)?;
        let counts = part(segments.checked_mul(fields)?, 8)?;
        let ends = part(documents, 8)?;
        let lengths = part(documents.checked_mul(fields)?, 4)?;
        let (order, rank) = (part(documents, 4)?, part(documents, 4)?);
        let mut occurrences = vec![];
        for &count in slice::<u64>(&map, &counts) {
            occurrences.push(part(usize::try_from(count).ok()?, 4)?);
        }
        let ids = part(id_bytes, 1)?;
        let whole = ids.end == map.len();
        let bounded = slice::<u64>(&map, &ends).is_sorted()
            && slice::<u64>(&map, &ends).last().is_none_or(|&last| last == id_bytes as u64);
        let numbers = [&order, &rank].into_iter().flat_map(|part| slice::<u32>(&map, part));
        let known = numbers.into_iter().all(|&number| (number as usize) < documents);
        (whole && bounded && known).then_some(Self {
            documents,
            fields,
            segments,
            tokens,
            ends,
            lengths,
            order,
            rank,
            occurrences,
            ids,
            map,
        })
    }

    /// Returns the number of documents, N.
    pub(super) fn documents(&self) -> usize {
        self.documents
    }

    /// Returns the numbers of fields and of segments.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.fields, self.segments)
    }

    /// Returns the number of terms in `field` over all documents.
    pub(super) fn tokens(&self, field: usize) -> u64 {
        slice::<u64>(&self.map, &self.tokens)[field]
    }

    /// Returns the number of terms in `field` of every document: `[N]`.
    pub(super) fn lengths(&self, field: usize) -> &[u32] {
        &slice::<u32>(&self.map, &self.lengths)[field * self.documents..][..self.documents]
    }

    /// Returns the place of every document in the order of ascending ids: `[N]`.
    pub(super) fn rank(&self) -> &[u32] {
        slice(&self.map, &self.rank)
    }

    /// Returns the id of a document.
    pub(super) fn id(&self, document: u32) -> &str {
        let ends = slice::<u64>(&self.map, &self.ends);
        let start = (document as usize).checked_sub(1).map_or(0, |before| ends[before] as usize);
        let bytes = &self.map[self.ids.clone()][start..ends[document as usize] as usize];
        std::str::from_utf8(bytes).unwrap_or("?")
    }

    /// Returns the document with the given id, if there is one.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        let order: &[u32] = slice(&self.map, &self.order);
        order.binary_search_by(|&document| self.id(document).cmp(id)).ok().map(|place| order[place])
    }

    /// Returns the document at a place in the order of ascending ids.
    pub(super) fn in_order_of_ids(&self, place: usize) -> u32 {
        slice::<u32>(&self.map, &self.order)[place]
    }

    /// Returns the occurrences of every term in a field of a segment, by term ordinal: `[terms]`.
    pub(super) fn occurrences(&self, segment: usize, field: usize) -> &[u32] {
        slice(&self.map, &self.occurrences[segment * self.fields + field])
    }
}

fn slice<'a, T: bytemuck::AnyBitPattern>(map: &'a Mmap, range: &Range<usize>) -> &'a [T] {
    bytemuck::cast_slice(&map[range.clone()])
}

/// Counts of one field of one segment: terms of every document, and occurrences of every term.
struct Counted {
    lengths: Vec<u32>,
    occurrences: Vec<u32>,
}

/// Counts terms and occurrences by a segment's postings of `field`.
fn count(segment: &SegmentReader, field: Field) -> tantivy::Result<Counted> {
    let inverted = segment.inverted_index(field)?;
    let mut lengths = vec![0u32; segment.max_doc() as usize];
    let mut occurrences = Vec::with_capacity(inverted.terms().num_terms());
    let mut terms = inverted.terms().stream()?;
    let mut block = None;
    while let Some((_, info)) = terms.next() {
        let postings = match &mut block {
            Some(postings) => {
                inverted.reset_block_postings_from_terminfo(info, postings)?;
                postings
            }
            empty => {
                empty.insert(inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?)
            }
        };
        let mut total = 0u64;
        while postings.block_len() > 0 {
            for (&document, &frequency) in postings.docs().iter().zip(postings.freqs()) {
                if document == TERMINATED {
                    break;
                }
                lengths[document as usize] += frequency;
                total += u64::from(frequency);
            }
            postings.advance();
        }
        occurrences.push(u32::try_from(total).unwrap_or(u32::MAX));
    }
    Ok(Counted { lengths, occurrences })
}

/// Writes the statistics of `fields` in `segments` to a new file.
///
/// `ids: [N]` are those of the segments' documents, in order. The file is part of an unpublished folder, so that it is
/// written directly. Returns the number of terms in every field: `[F]`.
pub(super) fn write(
    path: &Path,
    segments: &[SegmentReader],
    fields: &[Field],
    ids: &[&str],
) -> Result<Vec<u64>> {
    let places: Vec<_> =
        segments.iter().flat_map(|segment| fields.iter().map(move |&field| (segment, field))).collect();
    let counted = ordered_map(places.len(), |i| count(places[i].0, places[i].1));
    let counted: tantivy::Result<Vec<_>> = counted.into_iter().collect();
    let counted = counted.map_err(|cause| Error::data(path, format!("counting terms: {cause}")))?;
    let of_field = |field: usize| counted.iter().skip(field).step_by(fields.len().max(1));
    let tokens = |field: usize| {
        of_field(field).flat_map(|part| &part.lengths).map(|&length| u64::from(length)).sum::<u64>()
    };
    let tokens: Vec<u64> = (0..fields.len()).map(tokens).collect();
    let mut order: Vec<u32> = (0..ids.len() as u32).collect();
    order.par_sort_unstable_by_key(|&document| ids[document as usize]);
    let mut rank = vec![0u32; ids.len()];
    order.iter().zip(0..).for_each(|(&document, place)| rank[document as usize] = place);

    let file = File::create_new(path).map_err(|source| Error::io(path, "create", source))?;
    let mut writer = Numbers(io::BufWriter::with_capacity(1 << 20, file));
    let mut put = || -> io::Result<()> {
        writer.0.write_all(MAGIC)?;
        let id_bytes = ids.iter().map(|id| id.len()).sum();
        for number in [ids.len(), fields.len(), segments.len(), id_bytes] {
            writer.numbers(&[number as u64])?;
        }
        writer.numbers(&tokens)?;
        for part in &counted {
            writer.numbers(&[part.occurrences.len() as u64])?;
        }
        let mut end = 0u64;
        for id in ids {
            end += id.len() as u64;
            writer.numbers(&[end])?;
        }
        for field in 0..fields.len() {
            for part in of_field(field) {
                writer.numbers(&part.lengths)?;
            }
        }
        writer.numbers(&order)?;
        writer.numbers(&rank)?;
        for part in &counted {
            writer.numbers(&part.occurrences)?;
        }
        ids.iter().try_for_each(|id| writer.0.write_all(id.as_bytes()))?;
        writer.0.flush()?;
        writer.0.get_ref().sync_all()
    };
    put().map_err(|source| Error::io(path, "write", source))?;
    Ok(tokens)
}

/// Writer of arrays of numbers.
struct Numbers<W>(W);

impl<W: Write> Numbers<W> {
    fn numbers<T: bytemuck::NoUninit>(&mut self, numbers: &[T]) -> io::Result<()> {
        self.0.write_all(bytemuck::cast_slice(numbers))
    }
}
