//! Time of day, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the current time as `2026-01-31T23:59:59Z` (RFC 3339).
///
/// ```
/// assert_eq!(irgan::runs::timestamp().len(), "2026-01-31T23:59:59Z".len());
/// ```
pub fn timestamp() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    written(now.as_secs())
}

/// Returns the time `seconds` after the beginning of 1970.
fn written(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Returns year, month and day of the date `days` after 1970-01-01. Years are counted from the first of March, so that
/// a leap day is the last of its year.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // since 0000-03-01
    let (era, day) = (days / 146_097, days % 146_097); // eras of 400 years
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // 0 is March
    let first = (153 * month + 2) / 5;
    let january = u64::from(month >= 10);
    (400 * era + year + january, month + 3 - 12 * january, day - first + 1)
}

#[cfg(test)]
mod tests {
    use super::written;

    /// By `date -u -d @SECONDS +%FT%TZ`.
    #[test]
    fn seconds_become_dates() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(written(seconds), expected);
        }
    }
}
