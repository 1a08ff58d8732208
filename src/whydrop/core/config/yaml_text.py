"""YAML 1.2 as a config: safe, without duplicate keys, and no larger than it looks.

What a program reads from a scalar depends on its own reader: PyYAML takes ``yes`` for true and
``1e-3`` for text. So a config that is written again keeps each scalar as it was written.
"""

import datetime
import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from whydrop.core.config.document import MAX_VALUES, Document, Written, too_deep
from whydrop.core.config.path import MAX_DEPTH, Path, name_of
from whydrop.core.errors import DataError

_TAG = "tag:yaml.org,2002:"
_SCALARS = (bool, int, float, str, datetime.date, datetime.time, type(None))


def read(text: str, file: File) -> Document:
    """Return the document of a YAML text, anchors and merge keys resolved.

    Raises:
        DataError: not YAML, more than one document, a key that occurs twice, a tag that would
            build an object, anchors that multiply or hold themselves, or too deep.
    """
    try:
        yaml = YAML(typ="safe", pure=True)
        root = yaml.compose(text)
        if root is None:
            return Document({})
        _require_small(root, file)
        data = yaml.constructor.construct_document(root)
        return _located(root, data, file)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        what, do = f"this is not safe YAML: {_first_line(error.problem)}", "correct the line"
        if isinstance(error, DuplicateKeyError):
            what, do = f"{_first_line(error.problem)}: it occurs twice", "keep one of them"
        raise DataError(what, where=where, do=do) from None
    except RecursionError:
        raise too_deep(file) from None
    except (YAMLError, ValueError) as error:
        what = f"this is not YAML: {_first_line(str(error))}"
        raise DataError(what, where=str(file), do="correct the file") from None


def write(data: Any, written: Mapping[Path, Written]) -> str:
    """Return YAML text in which the parts of these paths are as they were written."""
    yaml = YAML(typ="safe", pure=True)
    stream = io.StringIO()
    yaml.serialize(_node(data, (), written), stream)
    return stream.getvalue()


def _first_line(text: str | None) -> str:
    return (text or "it cannot be read").splitlines()[0]


def _require_small(root: Node, file: File) -> None:
    """Count what the anchors of a document expand to, without expanding them."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def size(node: Node, depth: int) -> int:
        if id(node) in open_:
            what = f"the anchor {node.anchor!r} holds itself"
            raise DataError(what, where=_where(node, file), do="remove the alias inside it")
        if depth > MAX_DEPTH:
            raise too_deep(file)
        if id(node) not in sizes:
            open_.add(id(node))
            sizes[id(node)] = 1 + sum(size(child, depth + 1) for child in _children(node))
            open_.remove(id(node))
        return sizes[id(node)]

    total = size(root, 0)
    if total > MAX_VALUES:
        what = f"the config expands to {total:,} values; {MAX_VALUES:,} are allowed"
        raise DataError(what, where=str(file), do="use fewer aliases, or a smaller config")


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, SequenceNode):
        yield from node.value


def _where(node: Node, file: File) -> str:
    return f"{file}:{node.start_mark.line + 1}"


def _located(root: Node, data: Any, file: File) -> Document:
    """Pair what was built with the nodes it was built from; merge keys are flat by now."""
    lines: dict[Path, int] = {}
    written: dict[Path, Written] = {}
    yaml = YAML(typ="safe", pure=True)

    def visit(node: Node, value: Any, path: Path) -> None:
        if isinstance(value, dict) and isinstance(node, MappingNode):
            # What a merge brought in comes first, and the mapping's own keys hold.
            own: dict[Any, tuple[Node, Node]] = {}
            for key_node, child in node.value:
                key = yaml.constructor.construct_document(key_node)
                if not (key is None or isinstance(key, str | int | float)):
                    what = f"a key of {name_of(path) or 'the config'} is no text or number"
                    raise DataError(what, where=_where(key_node, file), do="use text for keys")
                own[key] = key_node, child
            for key, (key_node, child) in own.items():
                note((*path, key), key_node, child)
                visit(child, value[key], (*path, key))
        elif isinstance(value, list) and isinstance(node, SequenceNode):
            for i, child in enumerate(node.value):
                note((*path, i), None, child)
                visit(child, value[i], (*path, i))
        elif not isinstance(value, _SCALARS):
            what = f"{name_of(path)!r} is a {type(value).__name__}, which a config cannot hold"
            raise DataError(what, where=_where(node, file), do="use text, numbers and lists")

    def note(path: Path, key: Node | None, child: Node) -> None:
        lines[path] = (key or child).start_mark.line + 1
        written[path] = Written(key, child if isinstance(child, ScalarNode) else None)

    visit(root, data, ())
    return Document(data, lines, written)


def _node(value: Any, path: Path, written: Mapping[Path, Written]) -> Node:
    known = written.get(path, Written(None, None))
    if isinstance(value, Mapping):
        pairs = []
        for key, item in value.items():
            inner = (*path, key)
            key_node = written[inner].key if inner in written else None
            if key_node is None:
                key_node = _scalar(key)
            pairs.append((_again(key_node), _node(item, inner, written)))
        return MappingNode(f"{_TAG}map", pairs, flow_style=False)
    if isinstance(value, list | tuple):
        items = [_node(item, (*path, i), written) for i, item in enumerate(value)]
        return SequenceNode(f"{_TAG}seq", items, flow_style=False)
    return _again(known.value) if known.value is not None else _scalar(value)


def _scalar(value: Any) -> ScalarNode:
    """Return a new scalar, written so that YAML 1.1 and 1.2 readers agree on it."""
    if isinstance(value, str | datetime.time):
        return ScalarNode(f"{_TAG}str", str(value), style='"')
    if value is None:
        return ScalarNode(f"{_TAG}null", "null")
    if isinstance(value, bool):
        return ScalarNode(f"{_TAG}bool", str(value).lower())
    if isinstance(value, int):
        return ScalarNode(f"{_TAG}int", str(value))
    if isinstance(value, float):
        return ScalarNode(f"{_TAG}float", _float_text(value))
    return ScalarNode(f"{_TAG}timestamp", value.isoformat())


def _float_text(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e")  # 1.1 wants a point before the e


def _again(node: ScalarNode) -> ScalarNode:
    """Return a copy: a node that occurs twice would be written as an alias."""
    return ScalarNode(node.tag, node.value, style=node.style)
