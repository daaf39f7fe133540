"""The page and the studio name one training that takes the corrections."""

from pathlib import Path

import handloom
from handloom.jobs.another import options_of_another
from handloom.jobs.pages import corrected_training


def test_options_that_trials_chose_are_chosen_anew(shapes: Path, tmp_path: Path) -> None:
    run = handloom.train("classifier", shapes, out=tmp_path / "run", network="mlp", epochs=1,
                         fit="pad", quiet=True)  # fmt: skip
    config = run.config
    given = options_of_another(config)
    assert (given["network"], given["epochs"], given["fit"]) == ("mlp", 1, "pad")
    assert "seed" not in given
    chosen = {"choice": {"options": {"epochs": 1, "network": "mlp"}, "reason": "it is best"}}
    assert given.keys() - options_of_another(config | chosen).keys() == {"epochs"}
    typed = str(corrected_training(run.loaded))
    assert "--fit pad" in typed
    assert f"--corrections {run.path / 'mistakes.csv'}" in typed
