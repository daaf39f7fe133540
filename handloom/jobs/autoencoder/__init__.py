"""Autoencoders."""

from handloom.jobs.autoencoder import build
from handloom.jobs.autoencoder.config import Config
from handloom.jobs.generation.verb_options import OF_AN_ENCODER
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.job import Job, Lazy, Verb
from handloom.wording import percent

VERBS = "handloom.jobs.autoencoder.verbs"

JOB = Job(
    name="autoencoder",
    summary="a network that compresses images to a few numbers and restores them",
    config=Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=build.networks,
    verbs={
        "evaluate": Verb(Lazy(f"{VERBS}:evaluate"), ImageReadingOptions),
        **OF_AN_ENCODER,
    },
    contents=Lazy("handloom.jobs.images.contents:split_contents"),
    describe=Lazy(f"{VERBS}:describe"),
    finish=Lazy(f"{VERBS}:finish"),
    encoder=Lazy("handloom.jobs.generation.encoder:encoder"),
    export=Lazy("handloom.jobs.generation.export:export"),
    learns_labels=lambda options: False,
    report=Lazy("handloom.jobs.autoencoder.report:report"),
    run=Lazy("handloom.jobs.generation.run:GenerativeRun"),
    metrics={"error": percent},
    sets=Lazy("handloom.data.images.named.sets:set_names"),
    next_step="sample {run} --out grid.png",
)
