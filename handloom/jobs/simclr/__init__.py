"""Self-supervised learning of images: SimCLR."""

from handloom.jobs.images.data import ImageReadingOptions
from handloom.jobs.job import Job, Lazy, Verb
from handloom.jobs.simclr import build
from handloom.jobs.simclr.config import Config
from handloom.wording import percent

VERBS = "handloom.jobs.simclr.verbs"

JOB = Job(
    name="simclr",
    summary="an encoder that learns from images without labels, for search and few labels",
    config=Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=build.networks,
    verbs={"evaluate": Verb(Lazy(f"{VERBS}:evaluate"), ImageReadingOptions)},
    describe=Lazy(f"{VERBS}:describe"),
    finish=Lazy(f"{VERBS}:finish"),
    report=Lazy("handloom.jobs.simclr.report:report"),
    contents=Lazy("handloom.jobs.images.contents:split_contents"),
    encoder=Lazy("handloom.jobs.simclr.encoder:encoder"),
    export=Lazy("handloom.jobs.simclr.export:export"),
    makes_encoder=True,
    learns_labels=lambda options: bool(options["labels"]),
    metrics={"knn": percent, "linear_probe": percent},
    sets=Lazy("handloom.data.images.named.sets:set_names"),
    image_network="network",
    follow=build.follow,
    step_of_set="embed {data} --encoder {run} --out vectors.npy",
    next_step="index {data} --encoder {run}",
)
