"""Train a small Keras network on scanned digits.

    python train.py --seed 0

Keras prints one line an epoch; the last one holds the accuracy on the held-out third.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--white", type=float, default=16, help="pixel value that becomes 1")
    parser.add_argument("--kernel-init", default="glorot_uniform", help="a name Keras knows")
    parser.add_argument("--l2", type=float, default=0.0, help="penalty on the kernels")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--epsilon", type=float, default=1e-7, help="of Adam")
    parser.add_argument("--amsgrad", action="store_true")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def build(options: argparse.Namespace) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Rescaling(1 / options.white),
            keras.layers.Dense(
                48,
                activation="relu",
                kernel_initializer=options.kernel_init,
                kernel_regularizer=keras.regularizers.L2(options.l2),
            ),
            keras.layers.Dropout(options.dropout),
            keras.layers.Dense(10, kernel_initializer=options.kernel_init),
        ]
    )


def main() -> None:
    options = parse_arguments()
    keras.utils.set_random_seed(options.seed)
    images, labels = load_digits(return_X_y=True)
    train_x, val_x, train_y, val_y = train_test_split(
        images, labels, test_size=1 / 3, stratify=labels, random_state=0
    )
    model = build(options)
    model.compile(
        optimizer=keras.optimizers.Adam(0.003, epsilon=options.epsilon, amsgrad=options.amsgrad),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        train_x,
        train_y,
        batch_size=options.batch,
        epochs=options.epochs,
        validation_data=(val_x, val_y),
        verbose=2,
    )


if __name__ == "__main__":
    main()
