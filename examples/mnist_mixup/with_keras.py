"""MNIST 3 against 7 with mixup, in Keras 3; KERAS_BACKEND chooses the backend."""

import keras
import numpy as np
from data import Digits
from settings import CHANNELS, Epoch, Settings, run

from whydrop.augment import keras_evaluation, keras_training


def build(settings: Settings) -> keras.Sequential:
    """Return the net of ``network.py``, with the same weights."""
    model = keras.Sequential([keras.Input((28, 28, 3))])
    for channels, (kernel, bias) in zip(CHANNELS[1:], settings.weights(), strict=True):
        # Keras's "same" would pad at the right and below only, where the stride is 2.
        model.add(keras.layers.ZeroPadding2D(1))
        model.add(keras.layers.Conv2D(channels, 3, strides=2, activation="relu"))
        model.layers[-1].set_weights([kernel.transpose(2, 3, 1, 0), bias])
    model.add(keras.layers.GlobalAveragePooling2D())
    return model


def train(settings: Settings, training: Digits, validation: Digits) -> list[Epoch]:
    keras.config.set_image_data_format("channels_last")
    augment = settings.pipeline()
    model = build(settings)
    model.compile(
        keras.optimizers.AdamW(
            settings.lr,
            beta_1=settings.betas[0],
            beta_2=settings.betas[1],
            epsilon=settings.eps,
            weight_decay=settings.weight_decay,
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(
        keras_training(augment, *training, batch_size=settings.batch_size, drop_last=True),
        validation_data=keras_evaluation(augment, *validation, batch_size=len(validation.labels)),
        epochs=settings.epochs,
        shuffle=False,
        verbose=0,
    ).history
    columns = [history[name] for name in ("loss", "val_loss", "val_accuracy")]
    return [Epoch(*map(float, row)) for row in np.transpose(columns)]


if __name__ == "__main__":
    run(train)
