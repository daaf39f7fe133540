"""Generative adversarial networks."""

from handloom.jobs.gan import build
from handloom.jobs.gan.config import Config
from handloom.jobs.generation.verb_options import BETWEEN_SEEDS, SAMPLE
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.job import Example, Job, Lazy, Verb

VERBS = "handloom.jobs.gan.verbs"

JOB = Job(
    name="gan",
    summary="a network that generates images like those of a folder or set",
    config=Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=build.networks,
    verbs={
        "evaluate": Verb(Lazy(f"{VERBS}:evaluate"), ImageReadingOptions),
        "sample": SAMPLE,
        "interpolate": BETWEEN_SEEDS,
    },
    describe=Lazy(f"{VERBS}:describe"),
    export=Lazy("handloom.jobs.generation.export:export"),
    report=Lazy("handloom.jobs.gan.report:report"),
    run=Lazy("handloom.jobs.generation.run:GenerativeRun"),
    example=Example({"epochs": 1, "network": "dense"}),
    metrics={"kernel_distance": lambda distance: f"{distance:.4f}"},
    sets=Lazy("handloom.data.images.named.sets:set_names"),
    next_step="sample {run} --out grid.png",
)
