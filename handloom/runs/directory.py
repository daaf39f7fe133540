"""The run directory: the one artefact every job leaves and every verb reads."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from handloom.errors import UserError
from handloom.runs.cells import sheet_bytes
from handloom.runs.contents import (
    digest_of,
    has_corrections,
    json_bytes,
    read_json,
    read_lines,
    read_tensors,
    tensor_bytes,
)
from handloom.runs.files import (
    append_line,
    remove_abandoned,
    synchronize,
    writable,
    write_whole,
)
from handloom.runs.learned import FILES, TRAIN, Learned, packed
from handloom.runs.lock import LOCK, WRITER, held, is_held, writer
from handloom.runs.naming import next_folder
from handloom.runs.records import Evaluated, Metrics, RunConfig, RunStatus, TrialResult
from handloom.runs.repeats import RepeatsDirectory

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = 2
GENERATIONS = 2


@dataclass(frozen=True)
class RunDirectory:
    """Files of one run; see docs/design.md for what each holds. No file of it is a pickle."""

    path: Path

    @classmethod
    def create(cls, path: Path | None, job: str, data: str) -> "RunDirectory":
        """A new, empty directory at `path`, or at runs/JOB-DATA-N with the next free N."""
        if path is None:
            return cls(next_folder(job, data))
        cls.refuse(path)
        with writable(path):
            path.mkdir(parents=True, exist_ok=True)
        return cls(path)

    @staticmethod
    def refuse(path: Path) -> None:
        """Raise a UserError where a new run cannot be made at `path`."""
        if (path / "config.json").exists() or RepeatsDirectory.is_at(path):
            raise UserError(f"{path} already holds a run: choose another --out, or resume it")
        if path.exists() and not (path.is_dir() and _is_empty(path)):
            raise UserError(f"{path} exists and is not a run: choose another --out")

    @classmethod
    def open(cls, path: Path | str) -> "RunDirectory":
        """An existing run; a UserError names what is missing."""
        path = Path(path)
        if RepeatsDirectory.is_at(path):
            raise UserError(f"{path} holds repeated runs: give one of them, such as {path / '1'}")
        if not (path / "config.json").is_file():
            raise UserError(
                f"{path} is not a run: it has no config.json; 'handloom runs' lists all runs"
            )
        run = cls(path)
        run.known_config()
        return run

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second writer away; see `held`."""
        with held(self.path):
            remove_abandoned(self.path)
            yield

    def is_being_written(self) -> bool:
        """Whether a process holds the lock, or may hold it; writes nothing."""
        return is_held(self.path)

    def writer(self) -> int | None:
        """The number of the process that writes; None where none does, or it is not known."""
        return writer(self.path)

    def config(self, until: Collection[str] = ()) -> RunConfig:
        """What is in config.json, or in it up to the last of some members."""
        return cast(RunConfig, read_json(self.path / "config.json", until))

    def known_config(self, until: Collection[str] = ()) -> RunConfig:
        """The same; a UserError where it is of a format that this version does not read."""
        config = self.config(until)
        if config.get("format") != FORMAT:
            raise UserError(
                f"{self.path} is of format {config.get('format')}, and this version reads format "
                f"{FORMAT}: install a newer Handloom"
            )
        return config

    def write_config(self, config: RunConfig) -> None:
        """Replace config.json in one step."""
        self._write("config.json", json_bytes({"format": FORMAT, **config}))

    def write_learned(self, contents: Mapping[str, Iterable[str]]) -> None:
        """Record what is in each split, train at least, by digests of at least 16 hexadecimal
        digits."""
        for split, digests in contents.items():
            self._write(FILES[split], packed(digests))

    def learned(self) -> Learned | None:
        """What the run was trained on; None where its job records nothing of it."""
        if not (self.path / FILES[TRAIN]).is_file():
            return None
        paths = [self.path / name for name in FILES.values()]
        return Learned(*(path.read_bytes() if path.is_file() else b"" for path in paths))

    def networks(self) -> dict[str, dict[str, "Tensor"]]:
        """Saved weights: network's name -> state dict."""
        path = self.path / "networks.safetensors"
        if not path.exists():
            failed = self.status().get("status") == "failed"
            raise UserError(
                f"{self.path} failed before an epoch ended with finite weights: train again"
                if failed
                else f"{self.path} has no trained networks yet: wait for them, or resume it"
            )
        networks: dict[str, dict[str, Tensor]] = {}
        for key, tensor in read_tensors(path).items():
            name, _, rest = key.partition("/")
            networks.setdefault(name, {})[rest] = tensor
        return networks

    def write_networks(self, networks: dict[str, dict[str, "Tensor"]]) -> None:
        """Replace networks.safetensors in one step."""
        flat = {
            f"{name}/{key}": tensor
            for name, state in networks.items()
            for key, tensor in state.items()
        }
        self._write("networks.safetensors", tensor_bytes(flat))

    def weights_digest(self) -> str:
        """Of networks.safetensors; equal for equal weights of equal networks."""
        path = self.path / "networks.safetensors"
        return digest_of(path.read_bytes(), {}) if path.is_file() else ""

    def append_metrics(self, record: Metrics) -> None:
        """One more line in metrics.jsonl."""
        append_line(self.path / "metrics.jsonl", json.dumps(record))

    def metrics(self) -> list[Metrics]:
        """All whole lines of metrics.jsonl; a half-written last one is left out."""
        lines = read_lines(self.path / "metrics.jsonl")
        return [line for line in lines if isinstance(line.get("epoch"), int)]

    def cut_metrics(self, lines: int) -> None:
        """Keep the first `lines` of metrics.jsonl: a resumed run writes the others again."""
        kept = self.metrics()[:lines]
        self._write("metrics.jsonl", "".join(json.dumps(r) + "\n" for r in kept).encode())

    def append_trial(self, result: TrialResult) -> None:
        """One more line in trials.jsonl, a finished trial."""
        append_line(self.path / "trials.jsonl", json.dumps(result, ensure_ascii=False))
        synchronize(self.path / "trials.jsonl")

    def trials(self) -> list[TrialResult]:
        """All whole lines of trials.jsonl; a half-written last one is left out."""
        lines = read_lines(self.path / "trials.jsonl")
        return [cast(TrialResult, line) for line in lines if "trial" in line]

    def write_status(self, status: RunStatus) -> None:
        """Replace status.json in one step."""
        self._write("status.json", json.dumps(status).encode())

    def restart(self) -> None:
        """Status "running"; what was made of the networks before they are trained on goes, but for
        mistakes.csv, into which a person may have written."""
        self.write_status({"status": "running"})
        with writable(self.path):
            for name in ("evaluation.json", "report.html"):
                (self.path / name).unlink(missing_ok=True)
            if not has_corrections(self.path / "mistakes.csv"):
                (self.path / "mistakes.csv").unlink(missing_ok=True)

    def status(self) -> RunStatus:
        """status.json; it remains "running" where the process was killed."""
        path = self.path / "status.json"
        return cast(RunStatus, read_json(path)) if path.exists() else {"status": "running"}

    def write_evaluation(self, evaluation: Evaluated) -> None:
        """Replace evaluation.json, the metrics of the saved networks on data unseen in training."""
        self._write("evaluation.json", json_bytes(evaluation))

    def evaluation(self) -> Evaluated | None:
        """evaluation.json, or None before the run was evaluated; `Loaded` has it as the type of its
        job."""
        path = self.path / "evaluation.json"
        return cast(Evaluated, read_json(path)) if path.exists() else None

    def write_reference(self, tensors: dict[str, "Tensor"]) -> None:
        """Replace reference.safetensors: what evaluation needs when the data are not there."""
        self._write("reference.safetensors", tensor_bytes(tensors))

    def reference(self) -> dict[str, "Tensor"] | None:
        """reference.safetensors, or None where the run has none."""
        path = self.path / "reference.safetensors"
        return read_tensors(path) if path.exists() else None

    def write_sample(self, name: str, content: str | bytes) -> None:
        """Replace samples/NAME, a text or the bytes of an image."""
        self._write(f"samples/{name}", content.encode() if isinstance(content, str) else content)

    def write_report(self, page: str) -> Path:
        """Replace report.html."""
        self._write("report.html", page.encode("utf-8", "backslashreplace"))
        return self.path / "report.html"

    def write_mistakes(self, table: str) -> None:
        """Replace mistakes.csv by a table that has a person's corrections in it."""
        self._write("mistakes.csv", sheet_bytes(table))

    def write_checkpoint(self, tensors: dict[str, "Tensor"], numbers: dict[str, Any]) -> None:
        """One more generation; older ones than the last two go only after it is safely there, and
        the metrics up to here as well.

        Its json file holds the digest and comes last: without it the generation does not count.
        """
        synchronize(self.path / "metrics.jsonl")
        name = self._generation(numbers["step"])
        blob = tensor_bytes(tensors)
        self._write(f"checkpoint/{name}.safetensors", blob)
        numbers = numbers | {"digest": digest_of(blob, numbers)}
        self._write(f"checkpoint/{name}.json", json.dumps(numbers).encode())
        # Later steps are left from before a fall back, and were damaged; a kill left halves.
        folder = self.path / "checkpoint"
        whole = [other for other in self._generations() if (folder / f"{other}.json").exists()]
        kept = [other for other in whole if other <= name][:GENERATIONS]
        for stale in folder.iterdir():
            if stale.name.partition(".")[0] not in kept:
                stale.unlink(missing_ok=True)

    def checkpoint(self) -> tuple[dict[str, "Tensor"], dict[str, Any], list[str]] | None:
        """The newest whole generation, and a sentence for every damaged one passed over.

        None where there is no checkpoint at all, or half of the first one; a UserError where all
        are damaged.
        """
        from safetensors.torch import load

        folder, notes = self.path / "checkpoint", list[str]()
        generations = self._generations()
        for step in generations:
            try:
                numbers = read_json(folder / f"{step}.json")
                blob = (folder / f"{step}.safetensors").read_bytes()
                if numbers.pop("digest") != digest_of(blob, numbers):
                    raise UserError("its digest differs")
                return load(blob), numbers, notes
            except (UserError, OSError, KeyError) as error:
                notes.append(f"checkpoint {step} is damaged ({error}), taking the one before")
        if len(generations) > 1 or any(folder.glob("*.json")):
            raise UserError(f"all checkpoints of {self.path} are damaged: train again")
        return None

    def _generation(self, step: int) -> str:
        """The name of a new generation. The second of a step, as a stage's end and the next one's
        beginning are, has a number: a kill while it is written must not damage the first."""
        name, known = f"{step:012d}", self._generations()
        same = [other for other in known if other.partition("-")[0] == name]
        number = int(same[0].partition("-")[2] or 1) + 1 if same else 1
        return name if number == 1 else f"{name}-{number:03d}"

    def _generations(self) -> list[str]:
        """Names of all generations, the newest first, half-written ones too."""
        files = (self.path / "checkpoint").glob("*")
        return sorted(
            {p.stem for p in files if p.suffix in (".json", ".safetensors")}, reverse=True
        )

    def _write(self, name: str, content: bytes) -> None:
        write_whole(self.path / name, content)


def find_runs(folder: Path) -> list[RunDirectory]:
    """Every readable run below `folder`, oldest first."""
    runs = [RunDirectory(path.parent) for path in folder.rglob("config.json")]
    return sorted(runs, key=lambda run: (run.path / "config.json").stat().st_mtime)


def _is_empty(folder: Path) -> bool:
    """Whether nothing is in it but the lock of a run that was never written."""
    return all(entry.name in (LOCK, WRITER) for entry in folder.iterdir())
