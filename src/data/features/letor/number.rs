//! Decimal numbers to the nearest f32, fast for the short ones that fill feature files.

/// Powers of ten, exact in f64.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Returns the f32 nearest to the number that is all of `text`; none when it is no finite number.
#[inline]
pub(super) fn parse(text: &[u8]) -> Option<f32> {
    short(text).or_else(|| fast_float2::parse::<f32, _>(text).ok().filter(|value| value.is_finite()))
}

/// Reads numbers without an exponent and with at most 15 digits: both the digits and the power of ten
/// are exact in f64, so their quotient is rounded once. Rounding that to f32 is right unless it
/// lies half-way between two f32 or below the normal range; those are left to the caller.
#[inline]
fn short(text: &[u8]) -> Option<f32> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.len() > 16 {
        return None;
    }
    let (mut mantissa, mut decimals, mut seen_point, mut seen_digit) = (0u64, 0usize, false, false);
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = 10 * mantissa + u64::from(digit);
            decimals += usize::from(seen_point);
            seen_digit = true;
        } else if byte == b'.' && !seen_point {
            seen_point = true;
        } else {
            return None;
        }
    }
    if !seen_digit || mantissa >= 1 << 53 {
        return None;
    }
    let value = mantissa as f64 / POWERS[decimals];
    let half_way = value.to_bits() & 0x1fff_ffff == 0x1000_0000;
    if half_way || (value != 0.0 && value < f64::from(f32::MIN_POSITIVE)) {
        return None;
    }
    let value = value as f32;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_that_is_no_finite_number_is_refused() {
        for text in ["", "-", ".", "+", "1.2.3", "1e999", "-1e999", "nan", "inf", "NULL", "0x10", "1,5", "1 "]
        {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_value_half_way_between_two_f32_goes_to_the_even_one() {
        assert_eq!(parse(b"16777217"), Some(16_777_216.0));
        assert_eq!(parse(b"16777219"), Some(16_777_220.0));
    }

    proptest! {
        #[test]
        fn numbers_have_the_bits_that_the_standard_library_gives(whole in 0u64..10_000_000, decimals in "[0-9]{0,9}", sign in "-?") {
            let text = if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") };
            let expected: f32 = text.parse().expect("a number");
            prop_assert_eq!(parse(text.as_bytes()).map(f32::to_bits), Some(expected.to_bits()));
        }

        #[test]
        fn every_f32_survives_printing(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            for text in [format!("{value}"), format!("{value:e}")] {
                prop_assert_eq!(parse(text.as_bytes()).map(f32::to_bits), Some(bits));
            }
        }
    }
}
