//! Errors of the library as exceptions of Python.

use std::any::Any;

use irgan::Error;
use irgan::error::with_names;
use pyo3::exceptions::{PyKeyboardInterrupt, PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::settings::keyword;

/// Returns the exception of an `error`: an OSError of the system, KeyboardInterrupt, or one of `irgan._errors` whose text names a
/// setting by its keyword.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error {
        Error::Io { path, action, source } => {
            let path = path.display().to_string();
            return match source.raw_os_error() {
                Some(number) => PyOSError::new_err((number, format!("cannot {action}: {source}"), path)),
                None => PyOSError::new_err(error.to_string()),
            };
        }
        Error::Interrupted { .. } => return PyKeyboardInterrupt::new_err(error.to_string()),
        Error::Config(_) => "SettingError",
        Error::Parse { .. } | Error::Data { .. } | Error::Unfit(_) => "DataError",
        _ => "IrganError",
    };
    exception(py, class, with_names(&error.to_string(), keyword))
}

/// Returns the exception of a panic, which is a fault of irgan's.
pub(crate) fn panicked(py: Python<'_>, panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    exception(py, "IrganError", format!("a fault in irgan, please report it: {text}"))
}

/// Returns an exception of the class with this name in `irgan._errors`.
fn exception(py: Python<'_>, class: &str, message: String) -> PyErr {
    let found = py.import("irgan._errors").and_then(|errors| errors.getattr(class));
    match found.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
        Ok(class) => PyErr::from_type(class, message),
        Err(_) => PyRuntimeError::new_err(message),
    }
}

/// Returns the value of a quick call of the library.
pub(crate) fn checked<T>(py: Python<'_>, outcome: irgan::Result<T>) -> PyResult<T> {
    outcome.map_err(|error| raised(py, &error))
}
