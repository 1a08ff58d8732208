"""The manifest: names, settings, and a column for each number that is drawn."""

import json

import numpy as np
import pytest

from whydrop.augment import Cutout, HorizontalFlip, PadCrop, Pipeline
from whydrop.augment.expansion.balance import Copies
from whydrop.augment.expansion.encode import Encoder
from whydrop.augment.expansion.manifest import (
    class_folders,
    draw_columns,
    draw_rows,
    file_names,
    settings_of,
)
from whydrop.augment.op import Size
from whydrop.core.errors import UsageError

AUGMENT = Pipeline([PadCrop(2), HorizontalFlip(), Cutout(3, holes=2)], seed=5)
COPIES = Copies(np.array([0, 0, 12]), np.array([0, 1, 0]))
LABELS = np.arange(13) % 11


def test_folders_are_numbers_whose_order_is_that_of_the_labels():
    folders = class_folders(LABELS, None)
    assert folders[0] == "00" and folders[10] == "10" and folders == sorted(folders)


def test_folders_are_names_where_they_are_given():
    names = [f"class {letter}" for letter in "abcdefghijk"]
    assert class_folders(LABELS, names) == names


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "a/b", "a\\b", "a\nb", "a\x00", "manifest.json", 3]
)
def test_names_that_are_no_folders_are_refused(name):
    with pytest.raises(UsageError, match="cannot be the name of a folder"):
        class_folders(np.array([0, 1]), ["good", name])


def test_too_few_names_and_names_that_clash_are_refused():
    with pytest.raises(UsageError, match="1 names for labels up to 1"):
        class_folders(np.array([0, 1]), ["one"])
    with pytest.raises(UsageError, match="upper and lower case"):
        class_folders(np.array([0, 1]), ["Cat", "cat"])


def test_files_are_named_by_class_image_and_copy():
    names = file_names(COPIES, LABELS, class_folders(LABELS, None), ".png")
    assert names == ["00/00-0.png", "00/00-1.png", "01/12-0.png"]


def test_each_number_that_is_drawn_has_its_column():
    columns = draw_columns(AUGMENT, Size(8, 9))
    assert columns[:4] == ["PadCrop.y", "PadCrop.x", "HorizontalFlip.applied", "Cutout.top.0"]
    rows = list(draw_rows(AUGMENT, Size(8, 9), COPIES))
    for row, (index, view) in zip(rows, COPIES.pairs(), strict=True):
        drawn = AUGMENT.draws((8, 9), index=[index], view=view)
        alone = [
            number
            for values in drawn.values()
            for part in values.values()
            for number in part.ravel()
        ]
        assert list(row) == alone and len(row) == len(columns)


def test_a_pipeline_without_chance_has_rows_without_draws():
    assert draw_columns(Pipeline([]), Size(8, 8)) == []
    assert list(draw_rows(Pipeline([]), Size(8, 8), COPIES)) == [(), (), ()]


def test_settings_change_with_all_that_the_files_depend_on():
    def settings(pipeline=AUGMENT, copies=COPIES, labels=LABELS, encoder=None, **how):
        how = {"n_per_class": 2, "larger": "subset", "names": class_folders(LABELS, None)} | how
        encoder = encoder or Encoder("png")
        return json.dumps(settings_of(pipeline, copies, labels, encoder=encoder, **how))

    others = [
        settings(pipeline=Pipeline(AUGMENT.ops, seed=6)),
        settings(pipeline=Pipeline(AUGMENT.ops[1:], seed=5)),
        settings(copies=COPIES[np.array([0, 2])]),
        settings(copies=Copies(COPIES.index, np.array([0, 2, 0]))),
        settings(labels=(LABELS + 1) % 11),
        settings(encoder=Encoder("jpeg", 90)),
        settings(encoder=Encoder("jpeg", 80)),
        settings(names=[f"name {n}" for n in range(11)]),
    ]
    assert len({settings(), *others}) == 1 + len(others)
    assert json.loads(settings())["classes"] == {"00": 0, "01": 1}
