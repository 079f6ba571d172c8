//! Times of ratings.

/// Parses a time, of which only the order counts: a number, or a date of ISO 8601 with or without a time of day.
pub(super) fn time(text: &str) -> Option<f64> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    number(text).or_else(|| {
        let (date, rest) = (text.get(..10)?, text.get(10..19));
        let shaped = date.bytes().enumerate().all(|(i, byte)| match i {
            4 | 7 => byte == b'-' || byte == b'/',
            _ => byte.is_ascii_digit(),
        });
        let digits: String =
            [date, rest.unwrap_or("")].concat().chars().filter(char::is_ascii_digit).collect();
        shaped.then(|| number(&format!("{digits:0<14}"))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_ordered_as_times() {
        let times = ["2013-01-05", "2013-01-05 07:00:00", "2013-01-05T07:00:01Z", "2013/01/06"].map(time);
        assert!(times.is_sorted_by(|a, b| a < b) && times[0].is_some(), "{times:?}");
        assert_eq!(time("1200000015"), Some(1_200_000_015.0));
        assert_eq!(["Jan 5, 2013", "05-01-2013", "", "nan"].map(time), [None; 4]);
    }
}
