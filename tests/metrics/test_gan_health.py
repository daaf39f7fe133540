"""What is said of two players, and when."""

from typing import Any

from handloom.metrics.gan_health import verdict, words

HEALTHY = {"valid/nearest": 1.2, "valid/pixels": 1.3}


def judged(*diversity: float, **more: float) -> list[dict[str, Any]]:
    return [
        {"epoch": i, "valid/diversity": value} | HEALTHY | more
        for i, value in enumerate(diversity, 1)
    ]


def players(real: float, fake: float, losses: list[float]) -> list[dict[str, Any]]:
    return [
        {
            "epoch": i,
            "step": 200 * i,
            "train/critic/real": real,
            "train/critic/fake": fake,
            "train/generator/loss": loss,
        }
        for i, loss in enumerate(losses, 1)
    ]


def test_a_healthy_run_has_nothing_said_of_it() -> None:
    # As measured: DCGAN on the digits, every tenth epoch.
    seen = (0.583, 0.739, 0.503, 0.969, 0.962, 1.096, 1.202, 1.215, 1.284, 1.286)
    assert words(judged(*seen)) == []
    assert words(judged(2.4, 1.8, 1.0, 0.9)) == []  # odd images are all different
    assert words(players(0.6, 0.4, [1.0, 1.1, 1.2, 1.3])) == []
    assert words([]) == []
    assert words([{"epoch": 1, "train/loss": 0.1}]) == []


def test_diversity_that_rises_slowly_is_no_collapse() -> None:
    # The dense pair on MNIST, its first epochs.
    assert words(judged(0.011, 0.01, 0.034, 0.049, 0.118, 0.145, 0.16)) == []


def test_falling_diversity_is_a_collapse() -> None:
    # DCGAN on 100 digits.
    lines = judged(0.834, 0.574, 0.435, 0.307, 0.25, 0.246)
    (said,) = words(lines)
    assert said.startswith("epoch 5: diversity fell to 25 %")
    assert "83 %" in said
    # The best counts, by however little it was reached.
    (said,) = words(judged(0.8, 0.98, 0.98, 0.45, 0.45))
    assert said.startswith("epoch 5: diversity fell to 45 %")
    assert "from 98 %" in said
    assert words(judged(0.8, 0.3, 0.8)) == []  # one bad evaluation is none


def test_diversity_that_never_rises_is_a_collapse() -> None:
    # The dense pair on the digits, which draws nothing but one 8.
    lines = judged(0.011, 0.012, 0.012, 0.012, 0.012, 0.013, 0.012)
    (said,) = words(lines)
    assert said.startswith("epoch 6: diversity is 1 %")


def test_the_critic_has_won() -> None:
    (said,) = words(players(0.99, 0.01, [3.0, 4.0, 5.0, 6.0]))
    assert said.startswith("epoch 3: the critic (the discriminator) has won")
    assert words(players(0.99, 0.01, [5.0, 4.0, 3.0])) == []  # the generator catches up
    hasty = [line | {"step": line["epoch"]} for line in players(0.99, 0.01, [3.0, 4.0, 5.0, 6.0])]
    assert words(hasty) == []  # some steps are no epoch
    one = players(0.99, 0.01, [3.0, 4.0, 5.0])
    one[1] |= {"train/critic/real": 0.8}
    assert words(one) == []
    assert words(players(0.9, 0.01, [3.0, 4.0, 5.0])) == []
    penalised = [line | {"train/critic/penalty": 0.1} for line in players(9, -9, [1, 2, 3, 4])]
    assert words(penalised) == []  # meant to win


def test_copies() -> None:
    # DCGAN on 100 digits, after 8,750 steps: the judge overfits too, and pixels tell sooner.
    (said,) = words(judged(0.9, 0.9, **{"valid/nearest": 0.78, "valid/pixels": 0.49}))
    assert said.startswith("epoch 1: drawn images are 0.49 times")


def test_more_lines_change_no_sentence() -> None:
    lines = judged(0.834, 0.574, 0.435, 0.307, 0.25, 0.1)
    lines = [
        line | other
        for line, other in zip(lines, players(0.99, 0.01, [1, 2, 3, 4, 5, 6]), strict=True)
    ]
    lines[-1] |= {"valid/pixels": 0.1}
    said: list[str] = []
    for count in range(len(lines) + 1):
        now = words(lines[:count])
        assert now[: len(said)] == said
        said = now
    assert len(said) == 3


def test_verdict_names_the_classes_that_are_missing() -> None:
    found = {"diversity": 0.9, "nearest": 1.1, "pixels": 1.2}
    shares = {"cat": 0.5, "dog": 0.49, "owl": 0.01}
    assert verdict(found) == []
    (said,) = verdict(found | {"shares": shares}, [0.4, 0.4, 0.2])
    assert said == "1 of 3 classes is hardly ever drawn: 'owl'"
    assert verdict(found | {"shares": shares}, [0.5, 0.49, 0.01]) == []  # rare in the data too
