"""One module per job: its Config, and how data and networks become an Experiment.

A recipe module has
    Config                                     a frozen dataclass of options, a subclass of Common
    load(config, data, report) -> data         what `build` takes; the only place that reads files
    build(config, data, device) -> Built       the experiment, ready to fit
    networks(record) -> dict[str, nn.Module]   the networks of a finished run, from its config.json
and nothing else that other rooms may rely on. Modules are imported when they are asked for.
"""

from importlib import import_module
from types import ModuleType

from handloom.errors import UserError

RECIPES = {
    "classifier": "handloom.jobs.classifier.build",
    "text-classifier": "handloom.jobs.text_classifier.build",
    "char-rnn": "handloom.jobs.char_rnn.build",
    "autoencoder": "handloom.jobs.autoencoder.build",
    "vae": "handloom.jobs.vae.build",
    "gan": "handloom.jobs.gan.build",
}


def recipe(job: str) -> ModuleType:
    """The recipe of a job; a UserError lists the jobs there are."""
    if job not in RECIPES:
        raise UserError(f"there is no job '{job}': choose one of {', '.join(RECIPES)}")
    return import_module(RECIPES[job])
