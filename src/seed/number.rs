//! Seeds in TOML, whose integers end at 2⁶³ − 1: a larger seed is written as text.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Seed in a file of settings.
///
/// ```
/// use irgan::ranking::TrainConfig;
///
/// let config = TrainConfig { seed: u64::MAX, ..Default::default() };
/// let text = toml::to_string(&config).expect("settings have a form in TOML");
/// assert!(text.contains("seed = \"18446744073709551615\""));
/// assert_eq!(toml::from_str::<TrainConfig>(&text).expect("written just now"), config);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedNumber(pub u64);

impl Serialize for SeedNumber {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.0) {
            Ok(number) => to.serialize_i64(number),
            Err(_) => to.collect_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for SeedNumber {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SeedVisitor)
    }
}

struct SeedVisitor;

impl Visitor<'_> for SeedVisitor {
    type Value = SeedNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 to 18446744073709551615, above 9223372036854775807 in quotes")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<SeedNumber, E> {
        Ok(SeedNumber(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<SeedNumber, E> {
        let negative = |_| E::invalid_value(Unexpected::Signed(number), &self);
        u64::try_from(number).map(SeedNumber).map_err(negative)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SeedNumber, E> {
        text.parse().map(SeedNumber).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// Serialises a seed as a [`SeedNumber`].
///
/// # Errors
/// As the serialiser says.
pub fn serialize<S: Serializer>(seed: &u64, to: S) -> Result<S::Ok, S::Error> {
    SeedNumber(*seed).serialize(to)
}

/// Deserialises a seed from a [`SeedNumber`].
///
/// # Errors
/// When there is no seed.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    SeedNumber::deserialize(from).map(|seed| seed.0)
}
