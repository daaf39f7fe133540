"""Networks averaged with linear models, and long texts in windows."""

import torch

from handloom.models.text.classifiers import BagOfWords, TextRNN
from handloom.models.text.ensemble import Ensemble, Windowed
from handloom.models.text.linear import TfidfLinear
from handloom.models.text.naive_bayes import NaiveBayes
from handloom.models.text.ngrams import NGrams

TOKENS, LENGTH = torch.tensor([[3, 6, 4, 0], [5, 5, 3, 2]]), torch.tensor([3, 4])


def made(network: torch.nn.Module | None) -> Ensemble:
    torch.manual_seed(0)
    ngrams, linear, bayes = NGrams(8, 1, 4), TfidfLinear(4, 2), NaiveBayes(4, 2)
    ngrams.keys.copy_(torch.tensor([3, 4, 5, 6]))
    with torch.no_grad():
        linear.weight.normal_()
        bayes.table.normal_()
    return Ensemble(network, ngrams, linear, bayes)


def test_the_mean_of_all_members() -> None:
    network = BagOfWords(8, 4, 2)
    ensemble = made(network).eval()
    assert ensemble.linear is not None
    assert ensemble.bayes is not None
    features = ensemble.ngrams(TOKENS, LENGTH)
    wanted = network(TOKENS, LENGTH) + ensemble.linear(*features) + ensemble.bayes(*features)
    torch.testing.assert_close(ensemble(TOKENS, LENGTH), wanted / 3)


def test_training_is_of_the_network_alone() -> None:
    network = BagOfWords(8, 4, 2)
    ensemble = made(network).train()
    torch.testing.assert_close(ensemble(TOKENS, LENGTH), network(TOKENS, LENGTH))
    learned = [name for name, p in ensemble.named_parameters() if p.requires_grad]
    assert all(name.startswith("network.") for name in learned)


def test_padding_does_not_leak() -> None:
    ensemble = made(None).eval()
    longer = torch.cat([TOKENS, torch.full((2, 5), 6)], 1)
    torch.testing.assert_close(ensemble(longer, LENGTH), ensemble(TOKENS, LENGTH))


def test_windows_of_a_long_text() -> None:
    torch.manual_seed(0)
    inner = TextRNN(9, 4, 3, hidden=5).eval()
    network = Windowed(inner, 4)
    tokens = torch.randint(1, 9, (2, 10))
    long = network(tokens, torch.tensor([10, 3]))
    parts = [inner(tokens[:1, i : i + 4], torch.tensor([min(4, 10 - i)])) for i in (0, 4, 8)]
    torch.testing.assert_close(long[:1], 0.4 * parts[0] + 0.4 * parts[1] + 0.2 * parts[2])
    torch.testing.assert_close(long[1:], inner(tokens[1:, :3], torch.tensor([3])))
