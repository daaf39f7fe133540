"""Images and texts brought to one space."""

from handloom.jobs.clip import build
from handloom.jobs.clip.options import EvaluateOptions, ZeroShotOptions
from handloom.jobs.clip.unused import unused
from handloom.jobs.job import Job, Lazy, Verb
from handloom.wording import percent

VERBS = "handloom.jobs.clip.verbs"

JOB = Job(
    name="clip",
    summary="two networks that bring images and captions together, for search by words",
    config=build.Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=build.networks,
    unused=unused,
    adopt=Lazy("handloom.jobs.clip.adopt:adopt"),
    verbs={
        "evaluate": Verb(Lazy(f"{VERBS}:evaluate"), EvaluateOptions),
        "predict": Verb(Lazy(f"{VERBS}:predict"), ZeroShotOptions, takes="image"),
    },
    describe=Lazy(f"{VERBS}:describe"),
    finish=Lazy(f"{VERBS}:finish"),
    report=Lazy("handloom.jobs.clip.report:report"),
    contents=Lazy("handloom.jobs.clip.pairs:contents_of"),
    encoder=Lazy("handloom.jobs.clip.encoder:encoder"),
    export=Lazy("handloom.jobs.clip.export:export"),
    metrics={"recall": percent},
    sets=Lazy("handloom.data.images.named.sets:set_names"),
    begins_with="network",
    next_step="index FOLDER --encoder {run}",
)
