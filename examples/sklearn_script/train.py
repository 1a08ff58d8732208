"""Fit a support vector machine to the breast cancer data set as a YAML file says.

    python train.py --config good.yaml --seed 0 --out results

Writes results/metrics.json.
"""

import argparse
import json
from pathlib import Path

from ruamel.yaml import YAML
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler, StandardScaler
from sklearn.svm import SVC

SCALERS = {"standard": StandardScaler, "robust": RobustScaler}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("results"))
    options = parser.parse_args()
    config = YAML(typ="safe").load(options.config)
    data, preprocess, model = config["data"], config["preprocess"], config["model"]

    inputs, labels = load_breast_cancer(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        inputs,
        labels,
        test_size=data["test_share"],
        stratify=labels if data["stratify"] else None,
        random_state=options.seed,
    )
    steps = []
    if preprocess["scale"] != "none":
        steps.append(SCALERS[preprocess["scale"]]())
    if preprocess["components"]:
        steps.append(PCA(preprocess["components"], random_state=options.seed))
    classifier = make_pipeline(*steps, SVC(**model, random_state=options.seed))
    classifier.fit(train_x, train_y)

    predicted = classifier.predict(test_x)
    metrics = {
        "train": {"accuracy": classifier.score(train_x, train_y)},
        "test": {
            "accuracy": accuracy_score(test_y, predicted),
            "balanced_accuracy": balanced_accuracy_score(test_y, predicted),
        },
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(f"test accuracy {metrics['test']['accuracy']:.4f}")


if __name__ == "__main__":
    main()
