"""Examples in docstrings, and stubs."""

import ast
import doctest
import importlib
import inspect
import pathlib
import pkgutil

import pytest

import irgan

MODULES = [name for _, name, _ in pkgutil.iter_modules(irgan.__path__) if name != "_irgan"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_are_true(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(f"irgan.{name}")
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert found.failed == 0


def test_examples_of_the_guide_are_true(tmp_path, monkeypatch):
    guide = pathlib.Path(__file__).parents[3] / "docs" / "guide" / "python.md"
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(guide), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE, encoding="utf-8")
    assert found.attempted > 20 and found.failed == 0


def test_every_public_name_has_a_docstring_with_an_example():
    for name in irgan.__all__:
        public = getattr(irgan, name)
        assert inspect.getdoc(public), name
        if not (inspect.isclass(public) and issubclass(public, Exception)) and name != "Run":
            assert ">>>" in inspect.getdoc(public), name


def stubs():
    """The functions and methods of the stub, with the names of their parameters."""
    text = pathlib.Path(irgan.__file__).with_name("__init__.pyi").read_text()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def test_the_stub_has_every_public_name_with_its_parameters():
    text = pathlib.Path(irgan.__file__).with_name("__init__.pyi").read_text()
    defined = {node.name for node in ast.parse(text).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert defined == set(irgan.__all__)
    for path, node in stubs():
        value = irgan
        for part in path.split("."):
            value = inspect.getattr_static(value, part)
        if isinstance(value, property):
            continue
        value = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        names = [argument.arg for argument in node.args.posonlyargs + node.args.args + node.args.kwonlyargs]
        names += [node.args.kwarg.arg] if node.args.kwarg else []
        assert names == list(inspect.signature(value).parameters), path


def test_every_public_method_is_in_the_stub():
    listed = {path for path, _ in stubs()}
    for name in irgan.__all__:
        kind = getattr(irgan, name)
        if inspect.isclass(kind) and not issubclass(kind, Exception):
            methods = {f"{name}.{method}" for method, value in vars(kind).items() if callable(value) and method[0] != "_"}
            assert methods <= listed
