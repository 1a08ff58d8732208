"""Provenance: which code a row was measured with."""

import ast
import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGINE = (
    *("core/effect", "core/factor", "explain/conclude", "explain/design", "explain/designer"),
    *("explain/failures", "explain/fold_over", "explain/gap", "explain/mirror", "explain/naming"),
    *("explain/screen", "explain/settings", "explain/share", "explain/verify", "stats/contrasts"),
    *("stats/explanations", "stats/sequential", "stats/sign_flip"),
)
SIMULATION = ("attack", "case", "cells", "engine", "misled", "scoring", "world")


def fingerprint() -> str:
    """Return a short hash of the code that decides the numbers; its comments do not count."""
    files = [ROOT / "src" / "whydrop" / f"{name}.py" for name in ENGINE]
    files += [Path(__file__).parent / f"{name}.py" for name in SIMULATION]
    code = "\n".join(_code(path) for path in files)
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def _code(path: Path) -> str:
    """Return a module's code without its comments and docstrings."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
