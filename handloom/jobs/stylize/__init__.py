"""Style transfer."""

from handloom.jobs.job import Example, Job, Lazy
from handloom.jobs.stylize import build
from handloom.jobs.stylize.config import Config
from handloom.jobs.stylize.unused import unused

JOB = Job(
    name="stylize",
    summary="a photo with the strokes and colours of one or more paintings",
    config=Config,
    load=build.load,
    resolve=build.resolve,
    build=build.build,
    networks=build.networks,
    unused=unused,
    verbs={},
    describe=Lazy("handloom.jobs.stylize.verbs:describe"),
    finish=Lazy("handloom.jobs.stylize.verbs:finish"),
    no_export="has no network to export: no network is trained, and the painting is its result",
    report=Lazy("handloom.jobs.stylize.report:report"),
    demo=("Paint a photo like another", Lazy("handloom.jobs.stylize.demo:demo")),
    example=Example(
        {"network": "random", "size": 96, "scales": 1, "iterations": 4},
        Lazy("handloom.jobs.stylize.demo:example"),
    ),
    weights=("vgg19",),
    metrics={"content": lambda loss: f"{loss:.3g}", "style": lambda loss: f"{loss:.3g}"},
    next_step="studio",
    command="stylize",
    plans_memory=True,
)
