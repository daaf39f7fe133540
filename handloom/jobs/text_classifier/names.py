"""Names of networks: those that read words, and sentence encoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from handloom.errors import UserError
from handloom.jobs.text_classifier.defaults import NETWORKS, RIVAL, SENTENCE
from handloom.wording import join_and, suggestion

if TYPE_CHECKING:
    from handloom.jobs.text_classifier.config import Config

PREFIX = "sentence:"
WORDS = ("vectors", "tfidf", "bayes")  # options of networks that read words


def is_sentence(network: str) -> bool:
    """Whether a network is a sentence encoder with a head."""
    return network.startswith(PREFIX)


def is_solved(network: str) -> bool:
    """Whether nothing of a network is trained step by step."""
    return network == "linear" or is_sentence(network)


def check_network(config: Config) -> None:
    """Raises UserError for a network there is not, or one that does not go with other options."""
    if not is_sentence(config.network):
        if config.network not in NETWORKS:
            hint = suggestion(config.network, [*NETWORKS, "sentence:all-MiniLM-L6-v2"])
            raise UserError(f"--network {config.network}: there is no such network; {hint}")
        return
    given = next((name for name in WORDS if vars(config)[name]), None)
    if given is not None:
        raise UserError(
            f"--{given} is for networks that read words: leave --{given} or "
            f"--network {config.network} out"
        )


def named(options: Mapping[str, Any]) -> str:
    """The model that these options describe: linear (C 16) and naive Bayes."""
    network, strength = options["network"], options["strength"]
    if is_sentence(network):
        return network if strength == SENTENCE["strength"] else f"{network} (C {strength:g})"
    linear = "linear" if strength == RIVAL["strength"] else f"linear (C {strength:g})"
    members = [] if network == "linear" else [network]
    members += [linear] if network == "linear" or options["tfidf"] else []
    return join_and(members + ["naive Bayes"] * bool(options["bayes"]))
