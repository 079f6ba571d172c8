//! One flag into one setting.

/// Replaces the value of `field` by that of a flag that is given.
pub(in crate::cli) fn set<T>(field: &mut T, flag: Option<T>) {
    if let Some(value) = flag {
        *field = value;
    }
}
