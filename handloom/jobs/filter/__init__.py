"""Filters that are learned from an image before and after."""

from handloom.jobs.filter import build, defaults
from handloom.jobs.filter.config import Config, EvaluateOptions
from handloom.jobs.job import Job, Lazy, Verb

JOB = Job(
    name="filter",
    summary="the convolution that turns one image into another",
    config=Config,
    load=build.load,
    resolve=defaults.resolve,
    build=build.build,
    networks=build.networks,
    verbs={"evaluate": Verb(Lazy("handloom.jobs.filter.verbs:evaluate"), EvaluateOptions)},
    describe=Lazy("handloom.jobs.filter.verbs:describe"),
    export=Lazy("handloom.jobs.filter.export:export"),
    report=Lazy("handloom.jobs.filter.report:report"),
    metrics={"residual": lambda value: f"{value:.3g}"},
    sets=Lazy("handloom.jobs.filter.pair:set_names"),
    next_step="filter IMAGE --kernel {run} --out filtered.png",
)
