"""Image classification."""

from handloom.jobs.classifier import build, trials
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.unused import unused
from handloom.jobs.images.data import ImageEvaluateOptions, ImagePredictOptions
from handloom.jobs.job import Job, Lazy, Verb
from handloom.wording import percent

VERBS = "handloom.jobs.classifier.verbs"

JOB = Job(
    name="classifier",
    summary="a network that names what is in an image, from class folders, a table or a set",
    config=Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    search=trials.search,
    unused=unused,
    networks=build.networks,
    verbs={
        "evaluate": Verb(Lazy(f"{VERBS}:evaluate"), ImageEvaluateOptions),
        "predict": Verb(
            Lazy(f"{VERBS}:predict"),
            ImagePredictOptions,
            takes="image",
            explain=Lazy("handloom.jobs.classifier.explain:explain"),
        ),
    },
    describe=Lazy(f"{VERBS}:describe"),
    finish=Lazy(f"{VERBS}:finish"),
    report=Lazy("handloom.jobs.classifier.report:report"),
    contents=Lazy("handloom.jobs.images.contents:split_contents"),
    encoder=Lazy("handloom.jobs.classifier.encoder:encoder"),
    export=Lazy("handloom.jobs.classifier.export:export"),
    answering=Lazy("handloom.jobs.classifier.export:answering"),
    demo=("Classify handwritten digits", Lazy("handloom.jobs.classifier.demo:demo")),
    weights=("timm:tf_efficientnet_lite0",),
    metrics={"accuracy": percent},
    sets=Lazy("handloom.data.images.named.sets:set_names"),
    image_network="network",
    follow=build.follow,
    next_step="predict {run} IMAGE",
)
