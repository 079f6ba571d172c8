"""Progress of trainings: a bar in terminals and notebooks, a callable of the user, or nothing."""

import logging
import sys
import time
import warnings

from ._errors import IrganWarning

_LOG = logging.getLogger("irgan")


def watcher(progress):
    """Returns what hears of a training, for the parameter ``progress`` of an estimator."""
    if progress is True:
        return Bar()
    if progress is False or progress is None:
        return Watcher()
    if callable(progress):
        return Caller(progress)
    raise TypeError(f"progress: expected True, False or a callable, found {progress!r}")


class Watcher:
    """Writes notes to the log ``irgan`` of :mod:`logging`, and warns of what is unexpected."""

    def event(self, phase, step, of, metrics):
        pass

    def note(self, message):
        _LOG.info(message)

    def warning(self, message):
        warnings.warn(message, IrganWarning, stacklevel=4)

    def close(self):
        pass


class Caller(Watcher):
    """Calls a function of the user with every step; an exception of it stops the training."""

    def __init__(self, function):
        self.event = function


class Bar(Watcher):
    """Shows the latest step on one line of standard error: in a terminal and in a notebook; every tenth step in a file."""

    def __init__(self, stream=None, lives=None):
        self.stream = sys.stderr if stream is None else stream
        self.lives = (self.stream.isatty() or _in_notebook()) if lives is None else lives
        self.phase, self.width, self.shown = None, 0, 0.0

    def event(self, phase, step, of, metrics):
        begins, ends = phase != self.phase, of and step >= of
        if begins:
            self.close()
            self.phase = phase
        numbers = "  ".join(f"{name} {value:.4f}" for name, value in list(metrics.items())[:3])
        if not self.lives:
            if begins or ends or step % 10 == 0:
                self._write(f"{phase} {step}{f'/{of}' if of else ''}  {numbers}\n")
            return
        now = time.monotonic()
        if not begins and not ends and now - self.shown < 0.1:
            return
        self.shown = now
        done = f" [{'#' * (20 * step // of):20}] {step}/{of}" if of else f" {step}"
        line = f"{phase:>16}{done}  {numbers}"
        self._write("\r" + line.ljust(self.width))
        self.width = len(line)

    def close(self):
        if self.lives and self.phase is not None:
            self._write("\n")
        self.phase, self.width = None, 0

    def _write(self, text):
        self.stream.write(text)
        self.stream.flush()


def _in_notebook():
    """Returns true in Jupyter, whose streams are no terminals but know what a carriage return is."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"
