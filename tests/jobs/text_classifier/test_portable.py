"""Networks of texts in a graph's operators are the networks themselves, at every length."""

from pathlib import Path
from typing import Literal

import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from handloom.export.onnx_file import onnx_file
from handloom.export.pt2_file import write_pt2
from handloom.export.tracing import traced
from handloom.jobs.program import BATCH, Port, Program
from handloom.jobs.text_classifier.portable import PortableNGrams, portable
from handloom.jobs.text_classifier.scanned import ScannedRNN
from handloom.models.text.classifiers import Pool, TextCNN, TextRNN
from handloom.models.text.ensemble import Ensemble, Windowed
from handloom.models.text.linear import TfidfLinear
from handloom.models.text.naive_bayes import NaiveBayes
from handloom.models.text.ngrams import NGrams, learn_keys

pytestmark = pytest.mark.usefixtures("quick_exports")
V, K, WINDOW = 50, 3, 5
SIZES = ((1, 1), (1, 5), (2, 4), (7, 12), (3, 40))  # texts, and tokens of the longest


def texts(count: int, longest: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Tokens (B, T), padded, of which one text has T, and lengths."""
    generator = torch.Generator().manual_seed(seed)
    length = torch.randint(1, longest + 1, (count,), generator=generator)
    length[0] = longest
    tokens = torch.randint(1, V, (count, longest), generator=generator)
    return tokens * (torch.arange(longest) < length[:, None]), length


def ngrams(orders: int = 2) -> NGrams:
    tokens, length = texts(40, 9, seed=1)
    flat = torch.cat([row[:count] for row, count in zip(tokens, length, strict=True)])
    keys = learn_keys(flat.int(), length, V, orders, 60)
    made = NGrams(V, orders, len(keys))
    made.keys.copy_(keys)
    return made


def ensemble(network: nn.Module) -> Ensemble:
    table = ngrams()
    linear, bayes = TfidfLinear(len(table.keys), K), NaiveBayes(len(table.keys), K)
    nn.init.normal_(linear.weight)
    bayes.table.normal_()
    return Ensemble(network, table, linear, bayes)


def networks() -> dict[str, nn.Module]:
    torch.manual_seed(0)
    return {
        "gru": TextRNN(V, 8, 2, "gru", 6, 2, bidirectional=False, one_logit=True, linear=4),
        "ensemble": ensemble(Windowed(TextRNN(V, 8, K, "lstm", 6), WINDOW)),
        "convolutions": ensemble(Windowed(TextCNN(V, 8, K, maps=4), WINDOW)),
    }


def program(network: nn.Module) -> Program:
    inputs = (Port("tokens", "int64", (BATCH, "time"), ""), Port("length", "int64", (BATCH,), ""))
    outputs = (Port("logits", "float32", (BATCH, "classes"), ""),)
    return Program(
        "classifier", "", network, inputs, outputs, (texts(7, 12),), "", "",
        written=lambda format: portable(network, format),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["gru", "ensemble"])
def test_an_onnx_file_is_the_network(name: str, tmp_path: Path) -> None:
    """Texts shorter and longer than a window, one at a time and together."""
    path, network = tmp_path / "model.onnx", networks()[name].eval()
    path.write_bytes(onnx_file(program(network), traced(program(network), "onnx"), {}))
    session = onnxruntime.InferenceSession(str(path))
    for count, longest in SIZES:
        tokens, length = texts(count, longest, seed=count)
        with torch.no_grad():
            expected = network(tokens, length)
        given = {"tokens": tokens.numpy(), "length": length.numpy()}
        (logits,) = session.run(None, given)
        torch.testing.assert_close(torch.from_numpy(logits), expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 300])
def test_places_are_those_of_searchsorted(rows: int) -> None:
    generator = torch.Generator().manual_seed(rows)
    made = NGrams(V, 2, rows)
    made.keys.copy_(torch.randperm(2 * rows, generator=generator)[:rows].sort().values)
    keys = torch.arange(-1, 2 * rows + 2)[None]
    assert torch.equal(PortableNGrams(made).places(keys), made.places(keys))


@pytest.mark.filterwarnings("ignore:The given buffer is not writable")  # torch 2.10 and 2.11
@pytest.mark.parametrize("name", networks())
def test_a_pt2_file_is_the_network(name: str, tmp_path: Path) -> None:
    """A recurrent network too, at lengths other than the one that it was traced with."""
    path, network = tmp_path / "model.pt2", networks()[name].eval()
    write_pt2(path, traced(program(network), "pt2"), {})
    graph = torch.export.load(path).module()
    for count, longest in SIZES:
        given = texts(count, longest, seed=count)
        with torch.no_grad():
            torch.testing.assert_close(graph(*given), network(*given), atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("pool", ["max", "mean"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_cells_written_out_are_torchs(cell: Literal["lstm", "gru"], pool: Pool) -> None:
    """Two layers in both directions, texts of every length in one batch."""
    torch.manual_seed(1)
    network = TextRNN(V, 8, K, cell, 6, 2, pool=pool).eval()
    given = texts(9, 9, seed=3)
    with torch.no_grad():
        torch.testing.assert_close(ScannedRNN(network)(*given), network(*given))
