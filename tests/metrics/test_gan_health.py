"""Warnings of GANs, and the metrics that cause them."""

from typing import Any

from handloom.metrics.gan_health import sample_warnings, training_warnings

HEALTHY = {"valid/nearest": 1.2, "valid/nearest_pixels": 1.3}


def evaluated(*diversity: float, **more: float) -> list[dict[str, Any]]:
    return [
        {"epoch": i, "valid/diversity": value} | HEALTHY | more
        for i, value in enumerate(diversity, 1)
    ]


def losses_of(real: float, fake: float, losses: list[float]) -> list[dict[str, Any]]:
    return [
        {
            "epoch": i,
            "step": 200 * i,
            "train/discriminator/real": real,
            "train/discriminator/fake": fake,
            "train/generator/loss": loss,
        }
        for i, loss in enumerate(losses, 1)
    ]


def test_a_healthy_run_has_no_warning() -> None:
    # As measured: DCGAN on the digits, every tenth epoch.
    seen = (0.583, 0.739, 0.503, 0.969, 0.962, 1.096, 1.202, 1.215, 1.284, 1.286)
    assert training_warnings(evaluated(*seen)) == []
    assert training_warnings(evaluated(2.4, 1.8, 1.0, 0.9)) == []  # odd images are all different
    assert training_warnings(losses_of(0.6, 0.4, [1.0, 1.1, 1.2, 1.3])) == []
    assert training_warnings([]) == []
    assert training_warnings([{"epoch": 1, "train/loss": 0.1}]) == []


def test_slowly_rising_diversity_is_not_a_collapse() -> None:
    # The dense pair on MNIST, its first epochs.
    assert training_warnings(evaluated(0.011, 0.01, 0.034, 0.049, 0.118, 0.145, 0.16)) == []


def test_falling_diversity_is_a_collapse() -> None:
    # DCGAN on 100 digits.
    lines = evaluated(0.834, 0.574, 0.435, 0.307, 0.25, 0.246)
    (warning,) = training_warnings(lines)
    assert warning.startswith("epoch 5: diversity fell to 25 %")
    assert "83 %" in warning
    # The best counts, by however little it was reached.
    (warning,) = training_warnings(evaluated(0.8, 0.98, 0.98, 0.45, 0.45))
    assert warning.startswith("epoch 5: diversity fell to 45 %")
    assert "from 98 %" in warning
    assert training_warnings(evaluated(0.8, 0.3, 0.8)) == []  # a single bad evaluation


def test_diversity_that_never_rises_is_a_collapse() -> None:
    # The dense pair on the digits, which draws only one 8.
    lines = evaluated(0.011, 0.012, 0.012, 0.012, 0.012, 0.013, 0.012)
    (warning,) = training_warnings(lines)
    assert warning.startswith("epoch 6: diversity is 1 %")


def test_a_discriminator_that_is_too_strong() -> None:
    (warning,) = training_warnings(losses_of(0.99, 0.01, [3.0, 4.0, 5.0, 6.0]))
    assert warning.startswith("epoch 3: the discriminator is too strong")
    assert training_warnings(losses_of(0.99, 0.01, [5.0, 4.0, 3.0])) == []  # the generator improves
    hasty = [line | {"step": line["epoch"]} for line in losses_of(0.99, 0.01, [3.0, 4.0, 5.0, 6.0])]
    assert training_warnings(hasty) == []  # too few steps
    one = losses_of(0.99, 0.01, [3.0, 4.0, 5.0])
    one[1] |= {"train/discriminator/real": 0.8}
    assert training_warnings(one) == []
    assert training_warnings(losses_of(0.9, 0.01, [3.0, 4.0, 5.0])) == []
    penalised = [
        line | {"train/discriminator/penalty": 0.1} for line in losses_of(9, -9, [1, 2, 3, 4])
    ]
    assert training_warnings(penalised) == []  # expected of a critic


def test_copies() -> None:
    # DCGAN on 100 digits, after 8,750 steps: the evaluator overfits too, and pixels tell sooner.
    (warning,) = training_warnings(
        evaluated(0.9, 0.9, **{"valid/nearest": 0.78, "valid/nearest_pixels": 0.49})
    )
    assert warning.startswith("epoch 1: generated images are 0.49 times")


def test_more_lines_change_no_warning() -> None:
    lines = evaluated(0.834, 0.574, 0.435, 0.307, 0.25, 0.1)
    lines = [
        line | other
        for line, other in zip(lines, losses_of(0.99, 0.01, [1, 2, 3, 4, 5, 6]), strict=True)
    ]
    lines[-1] |= {"valid/nearest_pixels": 0.1}
    warnings: list[str] = []
    for count in range(len(lines) + 1):
        now = training_warnings(lines[:count])
        assert now[: len(warnings)] == warnings
        warnings = now
    assert len(warnings) == 3


def test_missing_classes_are_named() -> None:
    found = {"diversity": 0.9, "nearest": 1.1, "nearest_pixels": 1.2}
    shares = {"cat": 0.5, "dog": 0.49, "owl": 0.01}
    assert sample_warnings(found) == []
    (warning,) = sample_warnings(found | {"shares": shares}, [0.4, 0.4, 0.2])
    assert warning == "1 of 3 classes is hardly generated: 'owl'"
    assert (
        sample_warnings(found | {"shares": shares}, [0.5, 0.49, 0.01]) == []
    )  # rare in the data too
