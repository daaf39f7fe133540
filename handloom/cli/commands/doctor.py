"""What works on this machine, and what to install for the rest."""

from typing import TYPE_CHECKING

from handloom.cli.commands.shared import json_flag, print_json, results
from handloom.wording import pluralize

if TYPE_CHECKING:
    from handloom.display.console import Display
    from handloom.doctor.check import Check

STYLES = {"works": "green", "missing": "yellow", "untried": "yellow", "failed": "bold red"}


def doctor(argv: list[str]) -> int:
    """`handloom doctor`: 0 when all that should work does, 1 otherwise."""
    from handloom.cli.parser import parse

    about = "Train every job for seconds, and look at devices, optional parts, folders and weights."
    given = parse([json_flag()], argv, "handloom doctor", about)
    from handloom.doctor.examine import examine
    from handloom.doctor.plan import plan

    checks, screen, group = [], results(), ""
    width = max(len(planned.name) for planned in plan())
    for check in examine():
        checks.append(check)
        if given["json"]:
            print_json([check.record()])
            continue
        if check.group != group:
            group = check.group
            screen.message(f"\n{group}" if len(checks) > 1 else group, "bold")
        screen.message(f"  {check.status:<8}{check.name:<{width}}  {check.detail}",
                       STYLES[check.status])  # fmt: skip
    if not given["json"]:
        _conclude(screen, checks)
    return 1 if any(check.status == "failed" for check in checks) else 0


def _conclude(screen: "Display", checks: "list[Check]") -> None:
    """What to type for what is missing or failed, and how many of each there are."""
    rest = [check for check in checks if check.remedy]
    if rest:
        screen.message("\nfor the rest", "bold")
        width = max(len(check.name) for check in rest)
        for check in rest:
            screen.message(f"  {check.name:<{width}}  {check.remedy}")
    counts = {s: sum(check.status == s for check in checks) for s in STYLES}
    parts = [f"{counts['works']} of {pluralize(len(checks), 'check')} work"]
    parts += [f"{number} {status}" for status, number in counts.items()
              if number and status != "works"]  # fmt: skip
    screen.message(f"\n{', '.join(parts)}", "bold red" if counts["failed"] else "bold")
