"""What is said of previewed samples, in the same words wherever they are shown."""

from collections.abc import Iterator

from whydrop.augment.previews import Preview, PreviewedSample
from whydrop.report.names import shortened
from whydrop.report.visible import visible

SHOWN_WEIGHTS = 3  # classes of a target
NAME_LIMIT, TEXT_LIMIT = 60, 600  # characters of a class or file, and of anything else
LEAST_SHOWN = 0.005  # weight of a class that is worth its place


def title_of(sample: PreviewedSample) -> str:
    """Return what a sample is called: its position, its class, its name."""
    return "  ".join(
        _name(part) for part in (f"#{sample.index}", sample.label, sample.name) if part
    )


def lines_of(sample: PreviewedSample) -> Iterator[tuple[str, str]]:
    """Yield a word and what there is to say to it: the operations, target and visible share."""
    yield from ((_name(op), _text(words)) for op, words in sample.words.items())
    if sample.target.weights:
        yield "target", target_words(sample)
    yield "visible", percent(sample.visible)


def target_words(sample: PreviewedSample) -> str:
    """Return a target as the model gets it: ``cat .73, dog .27``."""
    weights, others = sample.target
    weights = tuple(pair for pair in weights if pair[1] >= LEAST_SHOWN) or weights[:1]
    told = [f"{_name(name)} {weight_words(weight)}" for name, weight in weights[:SHOWN_WEIGHTS]]
    if len(weights) > SHOWN_WEIGHTS:
        told.append(f"{len(weights) - SHOWN_WEIGHTS} more")
    if others:
        told.append(f"each other {weight_words(others)}")
    return ", ".join(told)


def weight_words(weight: float) -> str:
    """Return a weight with two decimals, or what is left of it.

    Example:
        >>> weight_words(0.734), weight_words(1.0), weight_words(0.0004)
        ('.73', '1', '.0004')
    """
    shown = f"{weight:.2f}" if weight >= 0.01 else f"{weight:.1g}"
    return shown.removeprefix("0").removesuffix(".00") or "0"


def heading_of(preview: Preview) -> str:
    """Return which pipeline made the samples, and when."""
    ops = _text(", ".join(str(op["op"]) for op in preview.pipeline["ops"])) or "no operation"
    height, width = preview.size
    return (
        f"{ops}; seed {preview.pipeline['seed']}, epoch {preview.epoch}, "
        f"images of {height} x {width} pixels"
    )


def summary_of(preview: Preview) -> str:
    """Return how much is visible, over many samples."""
    mean, low, least = preview.visible
    if least >= 1:
        return "all of an image stays visible"
    return (
        f"{percent(mean)} of an image is visible on average; "
        f"one sample in twenty shows {percent(low)} or less"
    )


def remarks_of(preview: Preview) -> list[str]:
    """Return what else there is to know."""
    return [_text(note) for note in preview.notes]


def warning_of(preview: Preview) -> str:
    """Return what is wrong with how much is hidden, or nothing."""
    return _text(preview.warning or "")


def percent(share: float) -> str:
    """Return a share as ``69 %``."""
    return f"{100 * share:.0f} %"


def _name(text: str) -> str:
    return visible(shortened(text, NAME_LIMIT))


def _text(text: str) -> str:
    return visible(shortened(text, TEXT_LIMIT))
