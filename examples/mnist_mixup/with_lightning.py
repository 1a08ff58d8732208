"""MNIST 3 against 7 with mixup, in Lightning."""

import lightning.pytorch as pl
import torch
from data import Digits
from network import build, optimizer
from settings import Epoch, Settings, run
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from whydrop.augment import EpochOrder, Indexed, Mixed, MixLoss, lightning_callback


class Classifier(pl.LightningModule):
    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.model = build(settings)
        self.loss = MixLoss(torch.nn.CrossEntropyLoss())
        self.seen: list[Epoch] = []

    def training_step(self, batch: tuple[Tensor, Mixed | Tensor], index: int) -> Tensor:
        images, targets = batch
        loss = self.loss(self.model(images), targets)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(images))
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        images, labels = batch
        logits = self.model(images)
        right = (logits.argmax(1) == labels).double().mean()
        values = {"valid_loss": self.loss(logits, labels), "accuracy": right}
        self.log_dict(values, batch_size=len(images))

    def on_train_epoch_end(self) -> None:
        metrics = self.trainer.callback_metrics
        names = ("train_loss", "valid_loss", "accuracy")
        self.seen.append(Epoch(*(float(metrics[name]) for name in names)))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return optimizer(self.model, self.settings)


def train(settings: Settings, training: Digits, validation: Digits) -> list[Epoch]:
    samples = Indexed(TensorDataset(*map(torch.from_numpy, training)))
    order = EpochOrder(len(samples), seed=settings.seed)
    batches = DataLoader(samples, settings.batch_size, sampler=order, drop_last=True)
    checked = TensorDataset(*map(torch.from_numpy, validation))
    module = Classifier(settings)
    trainer = pl.Trainer(
        max_epochs=settings.epochs,
        callbacks=[lightning_callback(settings.pipeline())],
        accelerator="cpu",
        num_sanity_val_steps=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, batches, DataLoader(checked, batch_size=len(checked)))
    return module.seen


if __name__ == "__main__":
    run(train)
