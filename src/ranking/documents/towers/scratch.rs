//! A dense vector of which few values are used at a time.

/// Values of some of V buckets; they are forgotten in time proportional to their number.
pub(super) struct Scratch {
    values: Vec<f32>,  // [V]
    known: Vec<bool>,  // [V]
    touched: Vec<u32>, // those known, in the order of their first use
}

impl Scratch {
    /// No values yet, of `buckets` possible.
    pub(super) fn new(buckets: usize) -> Self {
        Self { values: vec![0.0; buckets], known: vec![false; buckets], touched: vec![] }
    }

    /// The value of a bucket, made when there is none.
    pub(super) fn value(&mut self, bucket: u32, make: impl FnOnce() -> f32) -> &mut f32 {
        let place = bucket as usize;
        if !self.known[place] {
            self.known[place] = true;
            self.touched.push(bucket);
            self.values[place] = make();
        }
        &mut self.values[place]
    }

    /// Every known value, in the order of first use.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, f32)> {
        self.touched.iter().map(|&bucket| (bucket, self.values[bucket as usize]))
    }

    /// Forgets all values.
    pub(super) fn clear(&mut self) {
        self.touched.drain(..).for_each(|bucket| self.known[bucket as usize] = false);
    }
}
