"""Networks leave for other programs: ONNX and torch.export files, each checked against its run.

What a job ships is in `jobs/program.py`. `model.py` and what it imports need no torch.
"""
