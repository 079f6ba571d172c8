//! Named tensors of a model: what optimisers, checkpoints and gradient checks need to know of it.

use std::borrow::Cow;

use crate::math::simd;
use ndarray::{Array, ArrayViewD, ArrayViewMutD, Dimension, Zip};

/// Name of a tensor.
type Name = Cow<'static, str>;

/// Parameter tensor with its name.
#[derive(Debug)]
pub struct Tensor<'a> {
    /// Path of the tensor inside the model, such as `layers.0.weight`.
    pub name: Name,
    /// Values, in standard layout.
    pub values: ArrayViewD<'a, f32>,
}

/// Parameter tensor with its name, to be changed.
#[derive(Debug)]
pub struct TensorMut<'a> {
    /// Path of the tensor inside the model, such as `layers.0.weight`.
    pub name: Name,
    /// Values, in standard layout.
    pub values: ArrayViewMutD<'a, f32>,
}

/// Model as a list of tensors. A gradient is a value of the model's type, so arithmetic between the two goes tensor by
/// tensor, always in the same order.
pub trait Parameters: Clone + Send + Sync {
    /// Returns every tensor, in a fixed order.
    fn tensors(&self) -> Vec<Tensor<'_>>;

    /// Returns every tensor, in the order of [`Parameters::tensors`], to be changed.
    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>>;

    /// Returns the values of every tensor, in the order of [`Parameters::tensors`], to be changed.
    fn slices_mut(&mut self) -> Vec<&mut [f32]> {
        self.tensors_mut().into_iter().map(|t| t.values.into_slice().expect("standard layout")).collect()
    }

    /// Returns a value of the same shapes, all zero: an empty gradient.
    fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        for mut tensor in zeros.tensors_mut() {
            tensor.values.fill(0.0);
        }
        zeros
    }

    /// `self += other`.
    fn add(&mut self, other: &Self) {
        for (mut into, from) in self.tensors_mut().into_iter().zip(other.tensors()) {
            Zip::from(&mut into.values).and(&from.values).for_each(|a, &b| *a += b);
        }
    }

    /// `self *= factor`.
    fn scale(&mut self, factor: f32) {
        for mut tensor in self.tensors_mut() {
            tensor.values.map_inplace(|value| *value *= factor);
        }
    }

    /// Sum of squares over all tensors.
    fn squared_norm(&self) -> f64 {
        let squares = |tensor: Tensor<'_>| match tensor.values.as_slice() {
            Some(values) => simd::sum_of_squares(values),
            None => tensor.values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>(),
        };
        self.tensors().into_iter().map(squares).sum()
    }

    /// Returns true when no value is NaN or infinite.
    fn is_finite(&self) -> bool {
        self.tensors().iter().all(|tensor| tensor.values.iter().all(|v| v.is_finite()))
    }

    /// Number of values over all tensors.
    fn count(&self) -> usize {
        self.tensors().iter().map(|tensor| tensor.values.len()).sum()
    }
}

/// Implements [`Parameters`] for a type from one list of its names and fields, in the order of the tensors:
/// `impl_parameters!(Linear { "weight": weight, "bias": bias });`
///
/// A field is anything that is [`Named`]; the name `""` leaves the names inside a field as they are. A type with a
/// parameter, or two, is written `impl_parameters!(M: Parameters, Learner<M> { … });`, an enum whose variants hold one
/// model each `impl_parameters!(enum Recurrent { Lstm, Gru });`.
macro_rules! impl_parameters {
    (enum $type:ty { $($variant:ident),+ $(,)? }) => {
        impl $crate::nn::Parameters for $type {
            fn tensors(&self) -> Vec<$crate::nn::Tensor<'_>> {
                match self {
                    $(Self::$variant(model) => $crate::nn::Parameters::tensors(model),)+
                }
            }

            fn tensors_mut(&mut self) -> Vec<$crate::nn::TensorMut<'_>> {
                match self {
                    $(Self::$variant(model) => $crate::nn::Parameters::tensors_mut(model),)+
                }
            }

            fn slices_mut(&mut self) -> Vec<&mut [f32]> {
                match self {
                    $(Self::$variant(model) => $crate::nn::Parameters::slices_mut(model),)+
                }
            }
        }
    };
    ($generic:ident: $bound:path, $type:ty { $($entries:tt)* }) => {
        impl_parameters!(@ [<$generic: $bound>] $type { $($entries)* });
    };
    ($first:ident: $bound:path, $second:ident: $other:path, $type:ty { $($entries:tt)* }) => {
        impl_parameters!(@ [<$first: $bound, $second: $other>] $type { $($entries)* });
    };
    ($type:ty { $($entries:tt)* }) => {
        impl_parameters!(@ [] $type { $($entries)* });
    };
    (@ [$($generic:tt)*] $type:ty { $($name:literal: $field:ident),* $(,)? }) => {
        impl $($generic)* $crate::nn::Parameters for $type {
            fn tensors(&self) -> Vec<$crate::nn::Tensor<'_>> {
                let mut all = Vec::new();
                $($crate::nn::Named::list(&self.$field, $name.into(), &mut all);)*
                all
            }

            fn tensors_mut(&mut self) -> Vec<$crate::nn::TensorMut<'_>> {
                let mut all = Vec::new();
                $($crate::nn::Named::list_mut(&mut self.$field, $name.into(), &mut all);)*
                all
            }

            fn slices_mut(&mut self) -> Vec<&mut [f32]> {
                let mut all = Vec::new();
                $($crate::nn::Named::slices(&mut self.$field, &mut all);)*
                all
            }
        }
    };
}
pub(crate) use impl_parameters;

/// Field of a model in the list of [`impl_parameters`]: an array, a model, or an option or a list of these.
pub(crate) trait Named {
    /// Appends the tensors of this field to `all`, named after `name`.
    fn list<'a>(&'a self, name: Name, all: &mut Vec<Tensor<'a>>);

    /// Appends the tensors of this field to `all`, in the order of [`Named::list`].
    fn list_mut<'a>(&'a mut self, name: Name, all: &mut Vec<TensorMut<'a>>);

    /// Appends the values of these tensors to `all`, in the order of [`Named::list`].
    fn slices<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>);
}

/// An array is the tensor `name`.
impl<D: Dimension> Named for Array<f32, D> {
    fn list<'a>(&'a self, name: Name, all: &mut Vec<Tensor<'a>>) {
        all.push(Tensor { name, values: self.view().into_dyn() });
    }

    fn list_mut<'a>(&'a mut self, name: Name, all: &mut Vec<TensorMut<'a>>) {
        all.push(TensorMut { name, values: self.view_mut().into_dyn() });
    }

    fn slices<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        all.push(self.as_slice_mut().expect("standard layout"));
    }
}

/// The tensors of a model are called `name.…`.
impl<P: Parameters> Named for P {
    fn list<'a>(&'a self, name: Name, all: &mut Vec<Tensor<'a>>) {
        all.extend(self.tensors().into_iter().map(|t| Tensor { name: joined(&name, t.name), ..t }));
    }

    fn list_mut<'a>(&'a mut self, name: Name, all: &mut Vec<TensorMut<'a>>) {
        all.extend(self.tensors_mut().into_iter().map(|t| TensorMut { name: joined(&name, t.name), ..t }));
    }

    fn slices<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        all.extend(self.slices_mut());
    }
}

/// A field that may be missing.
impl<T: Named> Named for Option<T> {
    fn list<'a>(&'a self, name: Name, all: &mut Vec<Tensor<'a>>) {
        if let Some(inner) = self {
            inner.list(name, all);
        }
    }

    fn list_mut<'a>(&'a mut self, name: Name, all: &mut Vec<TensorMut<'a>>) {
        if let Some(inner) = self {
            inner.list_mut(name, all);
        }
    }

    fn slices<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        self.iter_mut().for_each(|inner| inner.slices(all));
    }
}

/// The fields of a list are called `name.0`, `name.1`, …
impl<T: Named> Named for Vec<T> {
    fn list<'a>(&'a self, name: Name, all: &mut Vec<Tensor<'a>>) {
        for (i, inner) in self.iter().enumerate() {
            inner.list(format!("{name}.{i}").into(), all);
        }
    }

    fn list_mut<'a>(&'a mut self, name: Name, all: &mut Vec<TensorMut<'a>>) {
        for (i, inner) in self.iter_mut().enumerate() {
            inner.list_mut(format!("{name}.{i}").into(), all);
        }
    }

    fn slices<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        self.iter_mut().for_each(|inner| inner.slices(all));
    }
}

/// Nothing: the parameters of a part that a model does without.
impl Parameters for () {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![]
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        vec![]
    }
}

fn joined(prefix: &str, name: Name) -> Name {
    if prefix.is_empty() { name } else { format!("{prefix}.{name}").into() }
}
