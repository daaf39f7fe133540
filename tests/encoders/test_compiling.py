"""Networks of encoders as files of ONNX Runtime: the same features, or none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from handloom import encoders
from handloom.data.io.compiled import FILE, REFUSED, WEIGHTS, name_of
from handloom.data.io.storage import cache_folder
from handloom.encoders import Encoder
from handloom.encoders.bulk import encode
from handloom.encoders.compiled import key_of, open_compiled
from handloom.encoders.compiling import compile_images, fastest, quickest
from handloom.encoders.features import of_images
from handloom.engine.precision import Precision
from handloom.extras import has
from tests.encoders.conftest import SMALL

pytestmark = [
    pytest.mark.skipif(not has("export"), reason="onnx, onnxscript, onnxruntime missing"),
    pytest.mark.usefixtures("quick_exports"),
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one."""
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def encoder(small_file: Path) -> Encoder:
    """A convolutional network with batch norms, in float32 on the CPU."""
    return encoders.find(f"timm:{SMALL}", small_file, torch.device("cpu"), "float32")


@pytest.fixture(scope="module")
def cache_of_another(small_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the compiled network of images, which takes a second."""
    folder = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDLOOM_CACHE", str(folder))
        made = encoders.find(f"timm:{SMALL}", small_file, torch.device("cpu"), "float32")
        assert compile_images(made) is not None
    return folder


@pytest.fixture
def compiled(encoder: Encoder, cache_of_another: Path) -> Encoder:
    """The encoder, whose compiled network is in the cache already."""
    shutil.copytree(cache_of_another, cache_folder())
    assert open_compiled(encoder.fingerprint, "images") is not None
    return encoder


@pytest.fixture
def copied(cache_of_another: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is a copy of what was compiled there, in place of a second of torch.onnx."""
    (made,) = cache_of_another.glob(f"*/{FILE}")

    def write(parts: object, folder: Path) -> None:
        for name in (FILE, WEIGHTS):
            shutil.copy(made.with_name(name), folder)

    monkeypatch.setattr("handloom.encoders.compiling._write", write)


def place(encoder: Encoder) -> Path:
    """Where its compiled network of images lies."""
    return cache_folder() / name_of(key_of(encoder.fingerprint, "images"))


def noise(encoder: Encoder, count: int) -> Tensor:
    height, width = encoder.preprocessing["size"]
    shape = (count, height, width, encoder.preprocessing["channels"])
    return torch.randint(0, 256, shape, dtype=torch.uint8)


def test_a_compiled_network_gives_the_same_features(encoder: Encoder) -> None:
    assert open_compiled(encoder.fingerprint, "images") is None
    compiled = compile_images(encoder)
    assert compiled is not None
    assert compiled.known["preprocessing"] == encoder.preprocessing
    for count in (1, 3):
        images = noise(encoder, count)
        found = torch.from_numpy(compiled.images(images.numpy()))
        torch.testing.assert_close(found, encoder(images), rtol=1e-3, atol=1e-4)


def test_it_is_found_without_torch(compiled: Encoder) -> None:
    code = """
import sys
import numpy as np
from handloom.encoders.compiled import open_compiled
compiled = open_compiled(sys.argv[1], "images")
height, width = compiled.known["preprocessing"]["size"]
print(compiled.images(np.zeros((1, height, width, 3), np.uint8)).shape, "torch" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code, compiled.fingerprint], text=True, check=True,
                         stdout=subprocess.PIPE)  # fmt: skip
    assert ran.stdout == f"(1, {compiled.width}) False\n"


def test_it_is_written_once(compiled: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.onnx.export", None)
    assert compile_images(compiled) is not None


@pytest.mark.usefixtures("copied")
def test_a_damaged_file_is_written_anew(compiled: Encoder) -> None:
    file = place(compiled) / FILE
    file.write_bytes(file.read_bytes()[:1000])
    assert open_compiled(compiled.fingerprint, "images") is None
    assert compile_images(compiled) is not None


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("name", [FILE, WEIGHTS])
def test_a_flipped_bit_is_not_computed_with(compiled: Encoder, name: str) -> None:
    file = place(compiled) / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert open_compiled(compiled.fingerprint, "images") is None
    assert compile_images(compiled) is not None
    assert open_compiled(compiled.fingerprint, "images") is not None


@pytest.mark.usefixtures("copied")
def test_what_is_killed_while_it_is_compared_is_not_there(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("handloom.encoders.compiling._is_equal", killed)
    with pytest.raises(KeyboardInterrupt):
        compile_images(encoder)
    assert open_compiled(encoder.fingerprint, "images") is None


@pytest.mark.parametrize("threads", ["2,1", "all", "-1", ""])
def test_threads_may_be_a_list_or_nonsense(
    compiled: Encoder, monkeypatch: pytest.MonkeyPatch, threads: str
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert open_compiled(compiled.fingerprint, "images") is not None


def test_a_runtime_that_cannot_be_imported_is_none(
    compiled: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As without a library of the system, or with another version of NumPy."""
    monkeypatch.setattr("handloom.encoders.compiled.find_spec", lambda _: True)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert open_compiled(compiled.fingerprint, "images") is None


def test_a_fingerprint_is_not_a_path(compiled: Encoder) -> None:
    """It comes with an index, which may be somebody else's."""
    folder = place(compiled)
    folder.rename(folder.parent / "elsewhere-images")
    folder.mkdir()
    assert open_compiled(f"{compiled.fingerprint}/../elsewhere", "images") is None
    assert open_compiled("0" * 1000, "images") is None


def test_without_its_libraries_nothing_is_compiled(
    compiled: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handloom.extras.find_spec", lambda _: None)
    monkeypatch.setattr("handloom.encoders.compiled.find_spec", lambda _: None)
    assert compile_images(compiled) is None
    assert open_compiled(compiled.fingerprint, "images") is None
    assert fastest(compiled, 10_000) is compiled


class OfItsSum(nn.Module):
    """A graph cannot choose by what a tensor holds."""

    def forward(self, image: Tensor) -> Tensor:
        return image.mean((2, 3)) if image.sum() > 0 else image.amax((2, 3))


class OtherwiseInAFile(nn.Module):
    """What a file of it computes is not what it computes."""

    def forward(self, image: Tensor) -> Tensor:
        return image.mean((2, 3)) * (2 if torch.compiler.is_exporting() else 1)


@pytest.mark.parametrize("network", [OfItsSum(), OtherwiseInAFile()])
def test_a_network_that_no_file_can_be_is_left_to_torch(
    encoder: Encoder, network: nn.Module, capfd: pytest.CaptureFixture[str]
) -> None:
    odd = Encoder("odd", 3, encoder.preprocessing, "0" * 32, network, encoder.precision)
    assert compile_images(odd) is None
    assert capfd.readouterr() == ("", "")  # its graph, which torch prints
    assert open_compiled(odd.fingerprint, "images") is None


def test_a_refusal_is_remembered_until_a_library_changes(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Encoder("odd", 3, encoder.preprocessing, "0" * 32, OfItsSum(), encoder.precision)
    tried, export = list[object](), torch.onnx.export

    def counted(*given: object, **options: object) -> object:
        tried.append(given)
        return export(*given, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("torch.onnx.export", counted)
    for _ in range(2):
        assert compile_images(odd) is None
        assert len(tried) == 1
    (place(odd) / REFUSED).write_text("torch 1.0")
    assert compile_images(odd) is None
    assert len(tried) == 2
    odd.network.forward = lambda image: image.mean((2, 3))  # type: ignore[method-assign]
    (place(odd) / REFUSED).write_text("torch 1.0")
    assert compile_images(odd) is not None
    assert open_compiled(odd.fingerprint, "images") is not None
    assert not (place(odd) / REFUSED).exists()


def test_a_large_network_is_left_to_torch(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handloom.encoders.compiling.MOST_WEIGHTS", 1_000_000)
    assert compile_images(encoder) is None
    assert not place(encoder).exists()


def test_a_full_disk_leaves_it_to_torch(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch.onnx.ONNXProgram, "save", full)
    assert compile_images(encoder) is None
    assert not list(cache_folder().glob("*"))  # nor is it refused for ever


@pytest.mark.usefixtures("copied")
def test_many_images_are_encoded_compiled(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fastest(encoder, 20) is encoder
    assert not cache_folder().exists()
    monkeypatch.setattr("handloom.encoders.compiling.REPAID", 20)
    images = noise(encoder, 20)
    wanted = encoder(images)
    torch.testing.assert_close(encode(images, encoder), wanted, rtol=1e-3, atol=1e-4)
    assert (place(encoder) / FILE).is_file()
    assert fastest(encoder, 19) is encoder  # although it is there now
    run = fastest(encoder, 20)
    assert run is not encoder
    assert torch.equal(run(images)[:5], run(images[:5]))  # however many there are


class Killed(BaseException):
    """The process has ended."""


@pytest.mark.usefixtures("copied")
def test_a_set_that_a_kill_has_left_in_parts_is_encoded_in_one_way(
    compiled: Encoder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its last part alone would be too few to compile for."""
    monkeypatch.setattr("handloom.encoders.compiling.REPAID", 20)
    monkeypatch.setattr("handloom.encoders.features.PART", 12)
    images = noise(compiled, 20)
    wanted = of_images(images, compiled)
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "another"))

    def stop(what: str, done: int, total: int) -> None:
        if done > 12:
            raise Killed

    with pytest.raises(Killed):
        of_images(images, compiled, stop)
    left = list[int]()
    assert torch.equal(of_images(images, compiled, lambda *step: left.append(step[2])), wanted)
    assert left == [8]


def test_where_torch_is_faster_it_encodes(small_file: Path, encoder: Encoder) -> None:
    spec, cpu = f"timm:{SMALL}", torch.device("cpu")
    bfloat16 = encoders.find(spec, small_file, cpu, "bfloat16")
    assert fastest(bfloat16, 10_000) is bfloat16
    plain = encoders.find("pixels")
    assert fastest(plain, 10_000) is plain  # no batch norms


@pytest.mark.parametrize(
    ("name", "device", "is_exact"),
    [("test_efficientnet", "cpu", True), ("test_efficientnet", "cuda", False),
     ("test_resnet", "cpu", False), ("test_convnext", "cpu", False)],
)  # fmt: skip
def test_depthwise_networks_encode_in_float32_where_they_are_compiled(
    name: str, device: str, is_exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without batch norms they are not, nor without the libraries."""
    import timm

    network = timm.create_model(name, pretrained=False)
    rounded = Precision(torch.device(device), torch.bfloat16)
    assert quickest(network, rounded).name == ("float32" if is_exact else "bfloat16")
    monkeypatch.setattr("handloom.encoders.compiling.has", lambda _: False)
    assert quickest(network, rounded) is rounded
