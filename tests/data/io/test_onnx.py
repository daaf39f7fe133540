"""What torch prints while it exports is not shown; ONNX Runtime's threads are as asked."""

import logging
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from handloom.data.io.onnx import OPSET, quiet, session_of
from handloom.extras import has


def test_nothing_is_said_inside_and_everything_afterwards(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        with quiet():
            print("a graph of a thousand lines", file=sys.stderr)
            logging.getLogger("torch.onnx").error("a graph")
            warnings.warn("a graph", stacklevel=1)
            raise ValueError("no graph")

    with pytest.raises(ValueError, match="no graph"):
        fail()
    assert (capfd.readouterr(), caplog.records) == (("", ""), [])
    logging.getLogger("torch.onnx").error("heard")
    assert [record.message for record in caplog.records] == ["heard"]


@pytest.mark.skipif(not has("export"), reason="onnx, onnxscript, onnxruntime are missing")
def test_a_file_and_its_content_run_alike(tmp_path: Path) -> None:
    from onnx import TensorProto, helper

    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in "xy"]
    graph = helper.make_graph(
        [helper.make_node("Neg", ["x"], ["y"])], "negative", ports[:1], ports[1:]
    )
    opset = helper.make_opsetid("", OPSET)
    content = helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()
    (tmp_path / "model.onnx").write_bytes(content)
    given = {"x": np.arange(3, dtype=np.float32)}
    for network in (content, tmp_path / "model.onnx"):
        session = session_of(network, threads=1, spins=False)
        assert session.get_session_options().intra_op_num_threads == 1
        assert session.run(None, given)[0].tolist() == [0, -1, -2]
