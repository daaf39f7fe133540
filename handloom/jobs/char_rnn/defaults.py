"""Default options of character language models."""

from handloom.runs.records import Options

TUTORIAL: dict[str, Options] = {
    "scratch": dict(optimizer="sgd", lr=100.0),
    "rnn": dict(optimizer="adam", lr=1e-3),
    # With 1e-2 it has 1.04 after 30 epochs and is lost after 100, in float32 too.
    "gru": dict(optimizer="adam", lr=1e-3, embedding=256),
    "lstm": dict(optimizer="adam", lr=1e-2, embedding=256),
}
TUTORIAL_COMMON: Options = dict(
    epochs=250, batch=32, seq_len=35, hidden=256, layers=1, dropout=0.0, clip=0.01,
    weight_decay=0.0, schedule="constant", characters=10_000, held_out=0.5, joined=True,
)  # fmt: skip
# Rates of an optimizer that is asked for in place of the one that a cell has here, or there.
TUTORIAL_OTHER: dict[str, float] = {"adam": 1e-3, "sgd": 100.0}
SGD: dict[str, float] = {"lstm": 10.0, "gru": 10.0, "rnn": 2.0, "scratch": 2.0}  # with a clip of 1
SHARE = 0.1  # of the text, held out
SMALL, LARGE = 300_000, 5_000_000  # characters
STEPS = 1_000  # fewer do not learn a short text (docs/benchmarks/char-rnn.md)


def tutorial_for(cell: str, optimizer: str | None) -> Options:
    """The classic tutorial's training; another optimizer than its own has a rate of its own."""
    chosen = TUTORIAL_COMMON | TUTORIAL[cell]
    if optimizer in (None, chosen["optimizer"]):
        return chosen
    return chosen | dict(lr=TUTORIAL_OTHER[optimizer])


def defaults_for(characters: int, batch: int | None, seq_len: int | None) -> Options:
    """For so many characters to learn from; batch, seq_len: as a user has given them."""
    shared = dict(
        optimizer="adam", schedule="one-cycle", weight_decay=0.0, clip=1.0, layers=1, joined=False,
        held_out=SHARE,
    )  # fmt: skip
    if characters < SMALL:
        streams = min(16, 1 << max(0, (characters // 1000).bit_length() - 1))
        batch = batch or streams
        per_epoch = max(3, characters // (batch * (seq_len or 64)))  # 3: see `build._windows`
        epochs = max(20, round(STEPS / per_epoch))
        hidden = 128 if streams < 8 else 256  # a wider one learns less that holds for new text
        return shared | dict(
            epochs=epochs, batch=batch, seq_len=64, hidden=hidden, dropout=0.3, lr=4e-3
        )
    if characters < LARGE:
        return shared | dict(epochs=10, batch=32, seq_len=64, hidden=384, dropout=0.2, lr=4e-3)
    return shared | dict(epochs=2, batch=64, seq_len=128, hidden=512, dropout=0.0, lr=2e-3)
