//! Order of ids as people count: `q2` before `q10`.

use std::cmp::Ordering;

/// Compares two ids so that numbers in them stand in the order of their values; equal ones in the order of their bytes.
///
/// ```
/// use irgan::evaluation::natural_order;
///
/// let mut ids = ["q10", "q2", "all", "q02"];
/// ids.sort_by(|a, b| natural_order(a, b));
/// assert_eq!(ids, ["all", "q02", "q2", "q10"]);
/// ```
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut rest_a, mut rest_b) = (a.as_bytes(), b.as_bytes());
    while let (Some(first_a), Some(first_b)) = (rest_a.first(), rest_b.first()) {
        let order = if first_a.is_ascii_digit() && first_b.is_ascii_digit() {
            let (number_a, number_b) = (take_number(&mut rest_a), take_number(&mut rest_b));
            number_a.len().cmp(&number_b.len()).then(number_a.cmp(number_b))
        } else {
            (rest_a, rest_b) = (&rest_a[1..], &rest_b[1..]);
            first_a.cmp(first_b)
        };
        if order.is_ne() {
            return order;
        }
    }
    rest_a.len().cmp(&rest_b.len()).then_with(|| a.cmp(b))
}

/// Takes the digits at the start of `rest` and returns them without leading zeros.
fn take_number<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    &digits[digits.iter().position(|&digit| digit != b'0').unwrap_or(end)..]
}
