//! Values as bytes, for processes of one build: nothing is checked, and nothing says what a value is.

/// Value that crosses from rank to rank.
pub trait Wire: Sized {
    /// Appends the value to `bytes`.
    fn write(&self, bytes: &mut Vec<u8>);

    /// Takes the value off the front of `bytes`.
    ///
    /// # Panics
    /// When the bytes are not what [`write`](Self::write) made.
    fn read(bytes: &mut &[u8]) -> Self;
}

/// Returns a value as bytes.
#[cfg(any(test, feature = "mpi"))]
pub(super) fn written(value: &impl Wire) -> Vec<u8> {
    let mut bytes = vec![];
    value.write(&mut bytes);
    bytes
}

/// Returns the value that is all of `bytes`.
#[cfg(any(test, feature = "mpi"))]
pub(super) fn read<T: Wire>(mut bytes: &[u8]) -> T {
    let value = T::read(&mut bytes);
    assert!(bytes.is_empty(), "bytes of another value");
    value
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }

            fn read(bytes: &mut &[u8]) -> Self {
                let (front, rest) = bytes.split_at(size_of::<Self>());
                *bytes = rest;
                Self::from_le_bytes(front.try_into().expect("as many bytes"))
            }
        }
    )*};
}

number!(u8, i8, u32, u64, i32, f32, f64);

impl Wire for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).write(bytes);
        bytes.extend(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Self {
        let length = u64::read(bytes) as usize;
        let (front, rest) = bytes.split_at(length);
        *bytes = rest;
        Self::from_utf8(front.to_vec()).expect("text was written")
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        u8::from(self.is_some()).write(bytes);
        self.iter().for_each(|value| value.write(bytes));
    }

    fn read(bytes: &mut &[u8]) -> Self {
        (u8::read(bytes) == 1).then(|| T::read(bytes))
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).write(bytes);
        self.iter().for_each(|value| value.write(bytes));
    }

    fn read(bytes: &mut &[u8]) -> Self {
        (0..u64::read(bytes)).map(|_| T::read(bytes)).collect()
    }
}

impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn write(&self, bytes: &mut Vec<u8>) {
        u8::from(self.is_ok()).write(bytes);
        match self {
            Ok(value) => value.write(bytes),
            Err(cause) => cause.write(bytes),
        }
    }

    fn read(bytes: &mut &[u8]) -> Self {
        if u8::read(bytes) == 1 { Ok(T::read(bytes)) } else { Err(E::read(bytes)) }
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        let first = A::read(bytes);
        (first, B::read(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_to_the_bit() {
        type Mixed = Vec<(Option<String>, Vec<(u32, f32)>)>;
        let value: Mixed = vec![
            (None, vec![]),
            (Some(String::new()), vec![(7, -0.0), (u32::MAX, f32::MIN_POSITIVE / 2.0)]),
            (Some("ü\n".into()), vec![(0, f32::INFINITY)]),
        ];
        assert_eq!(read::<Mixed>(&written(&value)), value);
        assert_eq!(read::<f64>(&written(&f64::NAN)).to_bits(), f64::NAN.to_bits());
    }
}
