"""Options of `train autoencoder`."""

from __future__ import annotations

from dataclasses import dataclass

from handloom.jobs.generation.autoencoding import Autoencoding, ResolvedAutoencoding


@dataclass(frozen=True, kw_only=True)
class Config(Autoencoding):
    """Options of `train autoencoder`."""


@dataclass(frozen=True, kw_only=True)
class Resolved(ResolvedAutoencoding, Config):
    """Config with every option chosen."""
