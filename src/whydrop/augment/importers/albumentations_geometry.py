"""Rules of albumentations' geometry: what each transform becomes.

A rule reads the values that ``A.to_dict`` writes for a transform, and writes to a translation.
Ranges there are pairs of their ends already.
"""

from typing import Any

from whydrop.augment.geometry import Edge, Interpolation
from whydrop.augment.importers.albumentations_values import Config, Ends, chance, ends_of, joined
from whydrop.augment.importers.retries import share_too_large
from whydrop.augment.importers.translation import Translation, refuse
from whydrop.augment.ops.affine import Affine
from whydrop.augment.ops.flip import HorizontalFlip, VerticalFlip
from whydrop.augment.ops.pad_crop import PadCrop
from whydrop.augment.ops.resized_crop import ResizedCrop
from whydrop.augment.ops.translate import Translate

BORDERS: dict[int, Edge] = {0: "constant", 1: "edge", 2: "symmetric", 4: "reflect"}  # OpenCV's
FILTERS = {0: "nearest", 1: "bilinear", 2: "bicubic", 3: "area", 4: "Lanczos"}  # OpenCV's


def _always(t: Config) -> None:
    if chance(t) != 1:
        refuse(f"p is {chance(t):g}", "give p=1: the images of a batch have one size")


def _border(t: Config, made: Translation) -> tuple[Edge, float, str]:
    """Return mode, fill, and both in words."""
    mode = BORDERS.get(t["border_mode"])
    if mode is None:
        refuse(f"border_mode is {t['border_mode']}", "give cv2.BORDER_REFLECT_101, say")
    if mode != "constant":
        return mode, 0.0, f"the border is made by {mode}"
    fill = made.fill(t["fill"])
    return mode, fill, f"what comes in is {made.shade(fill)}"


def _filter(t: Config) -> tuple[Interpolation, str]:
    """Return the interpolation here, and what differs from the one there."""
    name = FILTERS.get(t["interpolation"], "another filter")
    if name == "nearest":
        return "nearest", ""
    return "bilinear", "" if name == "bilinear" else f"{name} there, bilinear here"


def horizontal_flip(t: Config, made: Translation) -> None:
    made.add(HorizontalFlip(chance(t)))


def vertical_flip(t: Config, made: Translation) -> None:
    made.add(VerticalFlip(chance(t)))


def pad(t: Config, made: Translation) -> None:
    _always(t)
    sides = t["padding"]
    different = set(sides) if isinstance(sides, list | tuple) else {sides}
    if len(different) != 1:
        refuse(f"padding is {sides}", "pad all sides by the same number of pixels")
    _wait(int(different.pop()), t, made)


def pad_if_needed(t: Config, made: Translation) -> None:
    _always(t)
    if made.size is None:
        refuse("it depends on the size of the images", "give size=(height, width) of the images")
    if t["min_height"] is None or t["min_width"] is None or t["position"] != "center":
        refuse("it pads to a divisor or to one side", "give min_height and min_width")
    wanted = (t["min_height"], t["min_width"])
    missing = [max(0, want - have) for want, have in zip(wanted, made.size, strict=True)]
    if missing[0] != missing[1] or missing[0] % 2:
        refuse(
            f"{missing[0]} rows and {missing[1]} columns are added to {made.size}",
            "add the same even number of both",
        )
    if missing[0] == 0:
        made.remark("nothing to do", default=f"images of {tuple(made.size)} are large enough")
    else:
        _wait(missing[0] // 2, t, made)


def _wait(pixels: int, t: Config, made: Translation) -> None:
    mode, fill, default = _border(t, made)
    made.padded = (pixels, mode, fill)
    made.remark("part of the PadCrop that follows", default=default)


def crop(t: Config, made: Translation) -> None:
    _always(t)
    pad, mode, fill = made.padded or (0, "constant", 0.0)
    small = "smaller images would be padded there and are refused here"
    op = PadCrop(pad, mode, fill, (t["height"], t["width"]))
    made.add(op, differs=small if t["pad_if_needed"] else "")
    made.padded = None


def resized_crop(t: Config, made: Translation) -> None:
    _always(t)
    _, differs = _filter(t)
    nearest = "nearest there, bilinear here" if t["interpolation"] == 0 else ""
    again = share_too_large(t["scale"], t["ratio"])
    retried = (
        f"a window that does not fit ({again:.1%} in square images) is drawn again there, up to "
        "ten times, and clipped here"
    )
    op = ResizedCrop(tuple(t["size"]), ends_of(t["scale"]), ends_of(t["ratio"]))
    made.add(op, differs=joined(differs, nearest, retried if again > 0 else ""))


def affine(t: Config, made: Translation) -> None:
    if t["fit_output"] or t["balanced_scale"]:
        refuse("fit_output or balanced_scale is on", "leave both out")
    x, y, whole = _shifts(t, made)
    turn, shear_x, shear_y = (
        ends_of(t["rotate"]),
        ends_of(t["shear"]["x"]),
        ends_of(t["shear"]["y"]),
    )
    one, other = ends_of(t["scale"]["x"]), ends_of(t["scale"]["y"])
    still = not any((*turn, *shear_x, *shear_y)) and {*one, *other} == {1.0}
    if still and x[0] == -x[1] and y[0] == -y[1]:
        _translate(t, made, x[1], y[1])
        return
    spans = (("rotate", turn), ("shear", shear_x), ("shear", shear_y), ("translate", x))
    fixed = {name for name, (low, high) in (*spans, ("translate", y)) if low == high != 0}
    fixed |= {"scale"} if one[0] == one[1] != 1 else set()
    names = ", ".join(sorted(fixed))
    texts = [f"always this number: {names} (a range needs two)" if fixed else ""]
    apart = not t["keep_ratio"] and (one[0] != one[1] or other[0] != other[1])
    texts.append("keep_ratio=False: width and height are scaled apart" if apart else "")
    sheared = any((*shear_x, *shear_y))
    order = "it shears after it rotates there, before it here" if sheared and any(turn) else ""
    both = any(shear_x) and any(shear_y)
    at_once = "x and y are sheared at once there, one after the other here" if both else ""
    scale = (*one, *other) if apart or one != other else one
    _warp(
        t, made, turn, (*x, *y), scale, (*shear_x, *shear_y), texts, joined(whole, order, at_once)
    )


def shift_scale_rotate(t: Config, made: Translation) -> None:
    x, y, turn = (ends_of(t[name]) for name in ("shift_limit_x", "shift_limit_y", "rotate_limit"))
    low, high = ends_of(t["scale_limit"])
    texts = ["width and height are scaled apart"] if low != high else []
    whole = "the distance is cut to whole pixels there, not here" if any((*x, *y)) else ""
    scale = (1 + low, 1 + high, 1 + low, 1 + high)
    _warp(t, made, turn, (*x, *y), scale if low != high else scale[:2], (), texts, whole)


def rotate(t: Config, made: Translation) -> None:
    if t["crop_border"]:
        refuse("crop_border is on", "leave it out")
    _warp(t, made, ends_of(t["limit"]), (), (1.0, 1.0), (), [], "")


def _warp(
    t: Config,
    made: Translation,
    turn: Ends,
    moves: tuple[float, ...],
    scale: tuple[float, ...],
    shear: tuple[float, ...],
    texts: list[str],
    differs: str,
) -> None:
    mode, fill, border = _border(t, made)
    kind, filtered = _filter(t)
    values: dict[str, Any] = {"degrees": (-turn[1], -turn[0])}  # anticlockwise positive there
    values |= {"translate": moves} if any(moves) else {}
    values |= {"scale": scale} if set(scale) != {1} else {}
    values |= {"shear": shear} if any(shear) else {}
    op = Affine(**values, fill=fill, probability=chance(t), mode=mode, interpolation=kind)
    default = joined(f"p={chance(t):g}", kind, border, *texts)
    made.add(op, default=default, differs=joined(filtered, differs))


def _shifts(t: Config, made: Translation) -> tuple[Ends, Ends, str]:
    """Return the ends of the shares along x and along y, and what differs."""
    pixels, share = t["translate_px"], t["translate_percent"]
    if share is not None:
        x, y = ends_of(share["x"]), ends_of(share["y"])
        return x, y, "the distance is cut to whole pixels there, not here" if any((*x, *y)) else ""
    if pixels is None or not any((*pixels["x"], *pixels["y"])):
        return (0.0, 0.0), (0.0, 0.0), ""
    if made.size is None:
        refuse("it moves by pixels", "give size=(height, width) of the images")
    height, width = made.size
    (left, right), (up, down) = pixels["x"], pixels["y"]
    whole = "the distance is of whole pixels there, not here"
    return (left / width, right / width), (up / height, down / height), whole


def _translate(t: Config, made: Translation, x: float, y: float) -> None:
    mode, fill, border = _border(t, made)
    differs = (
        "the distance is cut to whole pixels there, which makes none at all twice as likely; it is "
        "rounded here"
    )
    if t["translate_px"] is not None:
        # Half a pixel more makes all whole distances equally likely, as they are there.
        height, width = made.size or (1, 1)
        x, y = (x + 0.5 / width if x else 0.0), (y + 0.5 / height if y else 0.0)
        differs = ""
    share = x if x == y else (x, y)
    default = joined(f"p={chance(t):g}", "moves by whole pixels", border)
    made.add(Translate(share, mode, fill, chance(t)), default=default, differs=differs)
