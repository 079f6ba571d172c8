"""Exceptions of the package."""

__all__ = ["DataError", "IrganError", "IrganWarning", "SettingError"]


class IrganError(Exception):
    """Base of the package's own exceptions; raised itself where a number stops being finite in a training."""


class SettingError(IrganError, ValueError):
    """A setting is out of range, or settings contradict each other."""


class DataError(IrganError, ValueError):
    """Data cannot be used: they are malformed, do not fit each other, or nothing can be learned from them."""


class IrganWarning(UserWarning):
    """Something unexpected that does not stop the work, such as data that are left out."""
