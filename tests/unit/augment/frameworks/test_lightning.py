"""The callback for Lightning: a Trainer's steps get what a plain loop makes, evaluation none of it.

Lightning loads torchvision, which is declared first.
"""

import copy
import importlib
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import tests.fixtures.torchvision_operators  # noqa: F401

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")
pytest.importorskip("pytorch_lightning")
from tests.fixtures.case_one import IMAGES, LABELS, SIZE, pipeline, plain_loop  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from whydrop.augment import (  # noqa: E402
    BalancedSampler,
    EpochOrder,
    Indexed,
    MixLoss,
    Normalize,
    Pipeline,
    lightning_callback,
)
from whydrop.core.errors import MissingExtra, UsageError  # noqa: E402

# Lightning's advice, from either of its packages, and calls of it that PyTorch and torchmetrics are
# about to drop.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*treespec, LeafSpec:FutureWarning",
    "ignore:This property will be removed in 2.0.0:DeprecationWarning",
    "ignore::lightning.fabric.utilities.warnings.PossibleUserWarning",
    "ignore::lightning_fabric.utilities.warnings.PossibleUserWarning",
)
ROOT = Path(__file__).parents[4]
SAMPLES = TensorDataset(torch.from_numpy(IMAGES), torch.from_numpy(LABELS))


@pytest.fixture(params=["lightning.pytorch", "pytorch_lightning"])
def package(request):
    return importlib.import_module(request.param)


def module(package):
    """Return a module of one layer that keeps the batches it is given."""

    class Module(package.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3 * 32 * 32, 10)
            self.loss = MixLoss(torch.nn.CrossEntropyLoss())
            self.seen = {"train": [], "validate": [], "predict": []}

        def training_step(self, batch, index):
            self.seen["train"].append(batch)
            images, targets = batch
            return self.loss(self.layer(images.flatten(1)), targets)

        def validation_step(self, batch, index):
            self.seen["validate"].append(batch)
            images, labels = batch
            self.log("loss", self.loss(self.layer(images.flatten(1)), labels))

        def predict_step(self, batch, index):
            self.seen["predict"].append(batch)
            return batch.shape

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.01)

    return Module()


def trainer(package, *callbacks, **options):
    quiet = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
    return package.Trainer(
        accelerator="cpu",
        callbacks=list(callbacks),
        **{"max_epochs": 2, **dict.fromkeys(quiet, False), **options},
    )


def training_loader(workers=0):
    order = EpochOrder(len(IMAGES), seed=5)
    return DataLoader(Indexed(SAMPLES), batch_size=SIZE, sampler=order, num_workers=workers)


def test_steps_get_the_batches_of_a_plain_loop(package):
    net = module(package)
    work = trainer(package, lightning_callback(pipeline()))
    work.fit(net, training_loader(), DataLoader(SAMPLES, batch_size=SIZE))
    expected = [batch for epoch in (0, 1) for batch in plain_loop(epoch)]
    assert len(net.seen["train"]) == len(expected)
    for (images, targets), batch in zip(net.seen["train"], expected, strict=True):
        np.testing.assert_array_equal(images, batch.images)
        for name in ("a", "b", "lam"):
            np.testing.assert_array_equal(getattr(targets, name), getattr(batch.targets, name))
    clean = pipeline().evaluation(IMAGES).images
    looked = 2 * SIZE  # Lightning tries two batches of validation before it trains
    seen = torch.cat([images for images, _ in net.seen["validate"]]).numpy()
    np.testing.assert_array_equal(seen, np.concatenate([clean[:looked], clean, clean]))
    assert torch.cat([y for _, y in net.seen["validate"]])[-22:].tolist() == LABELS.tolist()
    assert "batch_to_device" not in vars(work.strategy)


def test_evaluation_needs_no_index_and_prediction_no_labels(package):
    net = module(package)
    work = trainer(package, lightning_callback(pipeline()))
    clean = pipeline().evaluation(IMAGES).images
    work.validate(net, DataLoader(Indexed(SAMPLES), batch_size=22), verbose=False)
    images, labels = net.seen["validate"][0]
    np.testing.assert_array_equal(images, clean)
    assert labels.tolist() == LABELS.tolist()
    work.predict(net, DataLoader(IMAGES, batch_size=22))
    np.testing.assert_array_equal(net.seen["predict"][0], clean)


@pytest.mark.parametrize("workers", [0, 1])
def test_training_goes_on_from_a_checkpoint_with_the_next_epoch(workers, tmp_path):
    package = importlib.import_module("lightning.pytorch")
    first = trainer(package, lightning_callback(pipeline()), max_epochs=1)
    first.fit(module(package), training_loader(workers))
    first.save_checkpoint(tmp_path / "first.ckpt", weights_only=False)
    net, loader = module(package), training_loader(workers)
    if workers:  # which Lightning starts before it sets the epoch
        loader.sampler.set_epoch(1)
    trainer(package, lightning_callback(pipeline())).fit(
        net, loader, ckpt_path=tmp_path / "first.ckpt", weights_only=False
    )
    for (images, _), batch in zip(net.seen["train"], plain_loop(1), strict=True):
        np.testing.assert_array_equal(images, batch.images)


@pytest.mark.parametrize("target", ["pairs", "soft"])
def test_batches_have_the_precision_of_the_trainer(target):
    package = importlib.import_module("lightning.pytorch")
    net = module(package)
    augment = Pipeline(pipeline().ops, classes=10, seed=5, target=target)
    work = trainer(package, lightning_callback(augment), precision="bf16-true", max_epochs=1)
    work.fit(net, training_loader())
    images, targets = net.seen["train"][0]
    assert images.dtype == torch.bfloat16
    expected = torch.from_numpy(plain_loop(0)[0].images).bfloat16()
    assert torch.equal(images, expected)
    if target == "pairs":
        assert targets.lam.dtype == torch.float32
    else:
        assert targets.dtype == torch.bfloat16


def test_a_pipeline_without_chance_needs_no_index(package):
    net = module(package)
    clean = Pipeline([Normalize((0.5,), (0.5,))])
    work = trainer(package, lightning_callback(clean), max_epochs=1)
    work.fit(net, DataLoader(SAMPLES, batch_size=22))
    images, labels = net.seen["train"][0]
    np.testing.assert_array_equal(images, clean(IMAGES).images)
    assert labels.tolist() == LABELS.tolist()


def test_copies_of_a_sample_have_draws_of_their_own():
    package = importlib.import_module("lightning.pytorch")
    net, sampler = module(package), BalancedSampler(LABELS % 2, 20, seed=1)
    work = trainer(package, lightning_callback(pipeline()), max_epochs=1)
    work.fit(net, DataLoader(Indexed(SAMPLES), batch_size=40, sampler=sampler))
    copies = sampler.copies(0)
    key = {"index": copies.index, "view": copies.view}
    expected = pipeline()(IMAGES[copies.index], LABELS[copies.index], **key)
    np.testing.assert_array_equal(net.seen["train"][0][0], expected.images)


def test_a_training_loader_without_index_is_refused_and_the_trainer_left_as_it_was():
    package = importlib.import_module("lightning.pytorch")
    work = trainer(package, lightning_callback(pipeline()))
    with pytest.raises(UsageError, match=r"a training batch is 2 values"):
        work.fit(module(package), DataLoader(SAMPLES, batch_size=22))
    assert "batch_to_device" not in vars(work.strategy)


def test_two_callbacks_and_steps_that_fetch_batches_themselves_are_refused():
    package = importlib.import_module("lightning.pytorch")
    both = trainer(package, lightning_callback(pipeline()), lightning_callback(Pipeline([])))
    with pytest.raises(UsageError, match="something else changes the batches"):
        both.fit(module(package), training_loader())

    class Fetching(package.LightningModule):
        def training_step(self, dataloader_iter):
            pass

    callback = lightning_callback(pipeline())
    with pytest.raises(UsageError, match="takes its batches itself"):
        callback.setup(trainer(package), Fetching(), "fit")


def test_the_callback_can_be_copied_and_sent_to_processes(package):
    callback = lightning_callback(pipeline())
    for other in (callback, copy.deepcopy(callback), pickle.loads(pickle.dumps(callback))):
        assert repr(other.augment) == repr(callback.augment)
        assert isinstance(other, package.Callback)


def test_without_lightning_the_error_says_what_to_install(monkeypatch):
    for name in ("lightning", "lightning.pytorch", "pytorch_lightning"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match="pip install lightning"):
        lightning_callback(pipeline())


def test_the_example_of_the_page_runs():
    page = (ROOT / "docs" / "augment.md").read_text()
    example = re.search(r"<!-- runs with Lightning -->\n```python\n(.*?)```", page, re.DOTALL)
    exec(compile(example[1], "docs/augment.md", "exec"), {})
