//! TensorBoard event files: scalars named `phase/metric`, in TFRecord framing.
//!
//! A record is `length: u64 LE`, the masked CRC32C of these 8 bytes, the bytes of one [`Event`](EventRecord)
//! message, and their masked CRC32C. The messages are the few fields of TensorFlow's `event.proto` and
//! `summary.proto` that a scalar needs.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;

use super::series::{Row, read_rows};
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::files::no_follow::{begin_file, replace_atomically};

/// TensorBoard knows an event file by `tfevents` in its name.
const NAME: &str = "events.out.tfevents.run";

/// `event.proto`: one step of a run, or the head of the file.
#[derive(Clone, PartialEq, Message)]
struct EventRecord {
    #[prost(double, tag = "1")]
    wall_time: f64, // seconds since 1970
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

/// `summary.proto`: all numbers of a step.
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Scalar>,
}

/// `summary.proto`: `Summary.Value` with its `simple_value`.
#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>, // a plain one would leave 0 out
}

/// Event file of a run for TensorBoard, written step by step. [`TensorBoardLog::finish`] makes the file anew from
/// `metrics.csv`, so that no step appears twice, however often the run was interrupted.
#[derive(Debug)]
pub struct TensorBoardLog {
    folder: PathBuf,
    file: File,
    times: HashMap<(String, usize), f64>, // when a step was logged
    failure: Option<std::io::Error>,
}

impl TensorBoardLog {
    /// Makes a new event file in a run's `folder` that begins with the rows of its `metrics.csv`.
    pub fn create(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let rows = read_rows(&folder.join("metrics.csv"), false)?;
        let times = HashMap::new();
        let file = begin_file(&path, &whole(&rows, &times))?;
        Ok(Self { folder: folder.to_owned(), file, times, failure: None })
    }

    /// Completes the file after `metrics.csv` is complete; returns the first failure to write, if there was one.
    pub fn finish(self) -> Result<()> {
        let path = self.folder.join(NAME);
        if let Some(source) = self.failure {
            return Err(Error::io(&path, "write", source));
        }
        let rows = read_rows(&self.folder.join("metrics.csv"), true)?;
        replace_atomically(&path, |writer| writer.write_all(&whole(&rows, &self.times)))
    }
}

impl Listener for TensorBoardLog {
    fn event(&mut self, event: &Event<'_>) {
        let time = now();
        self.times.insert((event.phase.to_owned(), event.step), time);
        if self.failure.is_none() {
            self.failure = self.file.write_all(&framed(&record(event, time).encode_to_vec())).err();
        }
    }
}

/// Returns the bytes of a file that holds `rows`; `times` gives the time of each step of this process.
fn whole(rows: &[Row], times: &HashMap<(String, usize), f64>) -> Vec<u8> {
    let start = now();
    let version = Some("brain.Event:2".to_owned());
    let head = EventRecord { wall_time: start, file_version: version, ..Default::default() };
    let mut bytes = framed(&head.encode_to_vec());
    for step in rows.chunk_by(|a, b| (&a.phase, a.step) == (&b.phase, b.step)) {
        let Row { phase, step: number, .. } = &step[0];
        let metrics: Vec<(&str, f64)> = step.iter().map(|row| (row.metric.as_str(), row.value)).collect();
        let time = times.get(&(phase.clone(), *number)).copied().unwrap_or(start);
        let event = Event { phase, step: *number, of: 0, metrics: &metrics };
        bytes.extend(framed(&record(&event, time).encode_to_vec()));
    }
    bytes
}

/// Returns a step as a message.
fn record(event: &Event<'_>, wall_time: f64) -> EventRecord {
    let scalar = |&(metric, value): &(&str, f64)| Scalar {
        tag: format!("{}/{metric}", event.phase),
        simple_value: Some(value as f32),
    };
    let summary = Summary { value: event.metrics.iter().map(scalar).collect() };
    EventRecord { wall_time, step: event.step as i64, file_version: None, summary: Some(summary) }
}

/// Returns the seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// Returns `bytes` as a TFRecord.
fn framed(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    [&length[..], &masked_crc(&length).to_le_bytes(), bytes, &masked_crc(bytes).to_le_bytes()].concat()
}

/// Returns the CRC32C of `bytes`, masked as TensorFlow does so that a sum over data that hold sums stays sound.
fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a file of records, checking every sum.
    fn records(path: &Path) -> Vec<EventRecord> {
        let bytes = std::fs::read(path).expect("the file is there");
        let (mut rest, mut found) = (&bytes[..], vec![]);
        while !rest.is_empty() {
            let (length, after) = rest.split_at(8);
            let size = u64::from_le_bytes(length.try_into().expect("8 bytes")) as usize;
            let sum = |at: &[u8]| u32::from_le_bytes(at[..4].try_into().expect("4 bytes"));
            assert_eq!(sum(after), masked_crc(length));
            let body = &after[4..4 + size];
            assert_eq!(sum(&after[4 + size..]), masked_crc(body));
            found.push(EventRecord::decode(body).expect("a message"));
            rest = &after[8 + size..];
        }
        found
    }

    fn scalars(record: &EventRecord) -> (i64, Vec<(&str, f32)>) {
        let values = record.summary.iter().flat_map(|summary| &summary.value);
        (record.step, values.map(|v| (v.tag.as_str(), v.simple_value.expect("written"))).collect())
    }

    #[test]
    fn the_sum_is_the_standard_one() {
        // RFC 3720, B.4: CRC32C of 32 bytes of zero is 8a9136aa; masked by TensorFlow's rule:
        // ((crc >> 15) | (crc << 17)) + a282ead8.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        let rotated = 0x8a91_36aau32.rotate_right(15);
        assert_eq!(masked_crc(&[0; 32]), rotated.wrapping_add(0xa282_ead8));
    }

    #[test]
    fn a_message_has_the_bytes_of_the_format() {
        let scalar = Scalar { tag: "a".into(), simple_value: Some(0.0) };
        // Field 1, length 1, `a`; field 2 of 4 bytes, 0.0: a value of 0 is still there.
        assert_eq!(scalar.encode_to_vec(), [0x0a, 1, b'a', 0x15, 0, 0, 0, 0]);
    }

    #[test]
    fn no_step_appears_twice() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let metrics = folder.path().join("metrics.csv");
        let kept = "phase,step,metric,value\nmle,1,loss,0.5\nmle,1,valid,0.25\nmle,2,loss,0\n";
        std::fs::write(&metrics, kept).expect("the folder is writable");
        let mut log = TensorBoardLog::create(folder.path()).expect("writable");
        // The run resumes from step 1: step 2 comes a second time.
        for (step, value) in [(2, 0.0), (3, 0.125)] {
            log.event(&Event { phase: "mle", step, of: 9, metrics: &[("loss", value)] });
        }
        let path = folder.path().join(NAME);
        let steps = |records: &[EventRecord]| records[1..].iter().map(|r| r.step).collect::<Vec<_>>();
        assert_eq!(steps(&records(&path)), [1, 2, 2, 3]);
        std::fs::write(&metrics, format!("{kept}mle,3,loss,0.125\n")).expect("the folder is writable");
        log.finish().expect("written");
        let found = records(&path);
        assert_eq!(found[0].file_version.as_deref(), Some("brain.Event:2"));
        let values: Vec<_> = found[1..].iter().map(scalars).collect();
        assert_eq!(values[0], (1, vec![("mle/loss", 0.5), ("mle/valid", 0.25)]));
        assert_eq!(values[1..], [(2, vec![("mle/loss", 0.0)]), (3, vec![("mle/loss", 0.125)])]);
    }
}
