"""The process that runs checks: `python -m handloom.doctor.worker FOLDER START`.

It runs the checks of the plan from number START on, and prints each as one line of JSON.
"""

import json
import os
import sys
import warnings
from pathlib import Path

from handloom.doctor.check import Check, stumbled
from handloom.doctor.plan import Planned, plan


def main(folder: Path, start: int) -> None:
    """Every check from `start` on; what a check itself prints goes to standard error."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    for planned in plan()[start:]:
        print(json.dumps(_checked(planned, folder).record()), file=lines)


def _checked(planned: Planned, folder: Path) -> Check:
    try:
        return planned.run(folder)
    except Exception as error:  # a check must not end those after it
        return Check(planned.group, planned.name, "failed", *stumbled(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
