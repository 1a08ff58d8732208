"""Secrets are taken out of what is shared, and nothing else is."""

from typing import Any

import pytest

from whydrop.core.factor import ABSENT, Factor
from whydrop.core.redaction import (
    REDACTED,
    is_secret,
    redacted,
    redacted_factor,
    redacted_words,
)


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "hub_token",
        "HF_TOKEN",
        "--hub-token",
        "hubToken",
        "wandb.api_key",
        "apiKey",
        "APIKey",
        "api-key",
        "password",
        "db.Password",
        "passwd",
        "pwd",
        "secret",
        "client_secret",
        "secrets",
        "credentials",
        "aws_secret_access_key",
        "AWS_ACCESS_KEY_ID",
        "private_key",
        "auth_token",
        "authorization",
        "passphrase",
    ],
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "tokenizer",
        "max_tokens",
        "cls_token",
        "mask_token",
        "token_dropout",
        "num_token",
        "token_type_ids",
        "pad_token",
        "monkey",
        "key",
        "keys",
        "key_dim",
        "author",
        "authors",
        "lr",
        "passes",
        "compass",
        "secretary",
        "api",
        "model.name",
    ],
)
def test_a_usual_setting_is_no_secret(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize("value", [True, 0.5, None, ABSENT, ""])
def test_what_cannot_be_a_secret_is_kept(value: Any) -> None:
    assert redacted(value, "password") is value


def test_secrets_are_found_at_any_depth_and_in_addresses() -> None:
    value = {"a": [{"password": 1234, "lr": 1}], "b": ("x", "s3://id:key@bucket/x y")}
    assert redacted(value) == {
        "a": [{"password": REDACTED, "lr": 1}],
        "b": ("x", f"s3://{REDACTED}@bucket/x y"),
    }


def test_all_below_a_secret_name_is_secret() -> None:
    assert redacted({"credentials": {"user": "me", "n": ["x"]}}) == {
        "credentials": {"user": REDACTED, "n": [REDACTED]}
    }


def test_an_address_without_a_user_is_kept() -> None:
    assert redacted("https://host/a@b") == "https://host/a@b"


def test_a_factor_keeps_all_but_its_secret_levels() -> None:
    part = Factor("hub.token", ABSENT, "abc", path=("hub", "token"))
    group = Factor("g", ABSENT, {"hub.token": "abc"}, "group", parts=(part,))
    shown = redacted_factor(group)
    assert shown.on == {"hub.token": REDACTED}
    assert (shown.parts[0].off, shown.parts[0].on, shown.parts[0].path) == (
        ABSENT,
        REDACTED,
        ("hub", "token"),
    )


def test_the_words_of_a_command_are_shown_without_its_secrets() -> None:
    words = [
        "A_TOKEN=x",
        "t",
        "--api-key=y",
        "--token",
        "z",
        "--token",
        "--lr",
        "1",
        "hub.token=w",
        "+auth=v",
        "-v",
    ]
    assert redacted_words(words) == [
        f"A_TOKEN={REDACTED}",
        "t",
        f"--api-key={REDACTED}",
        "--token",
        REDACTED,
        "--token",
        "--lr",
        "1",
        f"hub.token={REDACTED}",
        f"+auth={REDACTED}",
        "-v",
    ]
