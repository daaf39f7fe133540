"""Variational autoencoders."""

from handloom.jobs.generation.verb_options import OF_AN_ENCODER
from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.job import Job, Lazy, Verb
from handloom.jobs.vae import build
from handloom.jobs.vae.config import Config
from handloom.jobs.vae.unused import unused

VERBS = "handloom.jobs.vae.verbs"

JOB = Job(
    name="vae",
    summary="an autoencoder with a distribution over latents, to generate new images",
    config=Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=build.networks,
    unused=unused,
    verbs={
        "evaluate": Verb(Lazy(f"{VERBS}:evaluate"), ImageReadingOptions),
        **OF_AN_ENCODER,
    },
    contents=Lazy("handloom.jobs.images.contents:split_contents"),
    describe=Lazy(f"{VERBS}:describe"),
    finish=Lazy(f"{VERBS}:finish"),
    encoder=Lazy("handloom.jobs.generation.encoder:encoder"),
    export=Lazy("handloom.jobs.generation.export:export"),
    learns_labels=lambda options: bool(options["conditional"]),
    report=Lazy("handloom.jobs.vae.report:report"),
    demo=("Generate digits", Lazy("handloom.jobs.vae.demo:demo")),
    run=Lazy("handloom.jobs.generation.run:GenerativeRun"),
    metrics={"bound": lambda nats: f"{nats:.2f} nats"},
    sets=Lazy("handloom.data.images.named.sets:set_names"),
    next_step="sample {run} --out grid.png",
)
