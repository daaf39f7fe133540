"""Every job and every optional part is checked, without being named anywhere."""

from handloom.doctor.plan import plan
from handloom.extras import EXTRAS
from handloom.jobs import JOBS, find_job


def test_every_job_and_every_extra_is_checked() -> None:
    names: dict[str, list[str]] = {}
    for planned in plan():
        names.setdefault(planned.group, []).append(planned.name)
    assert names["jobs"] == list(JOBS)
    assert names["optional parts"] == list(EXTRAS)
    assert set(names["weights"]) == {name for job in JOBS for name in find_job(job).weights}
