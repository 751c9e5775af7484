"""Chain files: YAML 1.2 or JSON, with the unit in every key, all faults at once with line and column."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from satqn.documents import MOST_YAML_BYTES, Loc, Mark, parse_yaml, read_text
from satqn.errors import InputError, InvalidFileError, Problem, shown
from satqn.physics.bell import bell_state, from_phase_flip, werner
from satqn.simulate.chain import (
    Chain,
    CutOff,
    Memory,
    Order,
    Purification,
    Restart,
    Sharing,
    Simultaneous,
    Swap,
)

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Chance = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Misread = Annotated[float, Field(ge=0, le=0.5, allow_inf_nan=False)]


class Section(BaseModel):
    """A part of a chain file: without room for unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class LinkSection(Section):
    """Equal elementary links in a row."""

    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    """How many of them."""
    success_probability: Chance
    """Of one attempt."""
    attempt_time_s: Positive
    """Duration of one attempt."""
    fidelity: Share | None = None
    """Of a pair when it is made."""
    state: Literal["werner", "phase_flip"] = "werner"
    """What the rest of the fidelity is: white noise, or phase flips."""
    bell_weights: tuple[Share, Share, Share, Share] | None = None
    """Weights on Phi+, Phi-, Psi+, Psi-; in place of fidelity and state."""

    @model_validator(mode="after")
    def _one_state(self) -> LinkSection:
        if (self.fidelity is None) == (self.bell_weights is None):
            raise ValueError("give either fidelity or bell_weights")
        if self.bell_weights is not None and abs(sum(self.bell_weights) - 1.0) > 1e-9:
            raise ValueError(f"bell_weights sum to {sum(self.bell_weights):.12g}, not to 1")
        return self

    def weights(self) -> Any:
        """Return the state as four weights."""
        if self.bell_weights is not None:
            return bell_state(self.bell_weights)
        return (
            werner(self.fidelity or 0.0) if self.state == "werner" else from_phase_flip(self.fidelity or 0.0)
        )


class MemorySection(Section):
    """How stored qubits decay; times of one qubit."""

    dephasing_time_s: Positive | None = None
    """T2: a phase flip with probability [1 - exp(-t/T2)]/2."""
    depolarising_time_s: Positive | None = None
    """White noise with probability 1 - exp(-t/T)."""
    gaussian_dephasing_time_s: Positive | None = None
    """A phase flip with probability [1 - exp(-a^2/tau^2)]/2 at the age a of the qubit."""


class SwapSection(Section):
    """Bell measurements at the nodes."""

    success_probability: Chance = 1.0
    """A failure loses both pairs."""
    gate_noise: Share = 0.0
    """Probability of white noise in the gate."""
    readout_error: Misread = 0.0
    """Probability that one of the two outcomes is read wrongly."""


class PurificationSection(Section):
    """Purification of pairs with equal ends."""

    rounds: tuple[Annotated[int, Field(ge=0, le=16)], ...]
    """By level: elementary pairs; nested: then pairs of 2, 4, ... links; asap: then end-to-end pairs."""
    protocol: Literal["bbpssw", "dejmps"] = "dejmps"
    """How."""
    gate_noise: Share = 0.0
    """Probability, at each end, of white noise in the gate."""
    readout_error: Misread = 0.0
    """Probability, at each end, that the outcome is read wrongly."""


class CutOffSection(Section):
    """How old a pair may get."""

    time_s: NotNegative | tuple[NotNegative | None, ...]
    """One for all pairs, or one for every level (null for none)."""
    age: Literal["oldest", "formed"] = "oldest"
    """Since its oldest elementary pair was made, or since it took its present form."""
    discards: Literal["pair", "siblings"] = "pair"
    """The pair alone, or all that was to be joined with it."""


class ChainFile(Section):
    """A whole chain file."""

    format: Literal["satqn-chain"]
    version: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=80)] = "chain"
    """Name of the chain."""
    links: Annotated[tuple[LinkSection, ...], Field(min_length=1)]
    """Elementary links from end to end."""
    memories: Annotated[int, Field(ge=1, le=4096)] = 1
    """At each end of every link."""
    memory: MemorySection = MemorySection()
    """Decay."""
    swap: SwapSection = SwapSection()
    """Swaps."""
    order: Order = "asap"
    """Swap any two pairs that meet, or only those that the halving of the chain brings together."""
    sharing: Sharing = "shared"
    """Whether a pair keeps the memories at its ends busy, or a lane of every link that it covers."""
    simultaneous: Simultaneous = "link_order"
    """Which of the pairs that come at the same instant goes first: that of the first link, or any."""
    purification: PurificationSection | None = None
    """Without it there is none."""
    cutoff: CutOffSection | None = None
    """Without it pairs wait for ever."""
    restart: Restart = "fresh"
    """``fresh``: empty memories after every delivery; ``continuous``: the chain goes on."""

    def chain(self) -> Chain:
        """Return the chain; InputError where parts that are right by themselves do not fit together."""
        single = [link for link in self.links for _ in range(link.count)]
        memory = self.memory
        times = self.cutoff.time_s if self.cutoff is not None else None
        return Chain(
            success=np.array([link.success_probability for link in single]),
            attempt_time=np.array([link.attempt_time_s for link in single]),
            state=np.array([link.weights() for link in single]),
            memories=self.memories,
            memory=Memory(
                memory.dephasing_time_s, memory.depolarising_time_s, memory.gaussian_dephasing_time_s
            ),
            swap=Swap(self.swap.success_probability, self.swap.gate_noise, self.swap.readout_error),
            purification=Purification(
                **({} if self.purification is None else self.purification.model_dump())
            ),
            cutoff=CutOff()
            if self.cutoff is None
            else CutOff(
                times if isinstance(times, tuple) else (times,), self.cutoff.age, self.cutoff.discards
            ),
            order=self.order,
            sharing=self.sharing,
            simultaneous=self.simultaneous,
        )


class LoadedChain(NamedTuple):
    """A chain and how its file wants it run."""

    name: str
    chain: Chain
    restart: Restart


def load_chain(source: str | Path) -> LoadedChain:
    """Read and check a chain file.

    Parameters
    ----------
    source
        Path of a YAML or JSON file.

    Raises
    ------
    InputError
        The file cannot be read, or its parts do not fit together.
    InvalidFileError
        It has faults; all of them are listed.
    """
    from satqn.simulate.monte_carlo import refuse_too_large

    label = str(source)
    places: dict[Loc, Mark] = {}
    tree = parse_yaml(read_text(source, limit=MOST_YAML_BYTES), label, places)
    if not isinstance(tree, dict):
        problem = Problem(
            f"{label}:1:1", "a chain is a mapping of keys to values", "begin with 'format: satqn-chain'"
        )
        raise InvalidFileError(label, [problem])
    try:
        file = ChainFile.model_validate(tree)
    except ValidationError as error:
        raise InvalidFileError(label, _problems(error, tree, places, label)) from error
    try:
        refuse_too_large(sum(link.count for link in file.links), file.memories, file.restart, 1)
        return LoadedChain(file.name, file.chain(), file.restart)
    except InputError as error:
        raise InputError(error.what, where=label, why=error.why, fix=error.fix) from error


def _problems(
    error: ValidationError, tree: dict[str, Any], places: dict[Loc, Mark], label: str
) -> list[Problem]:
    found = []
    for fault in error.errors():
        if fault["type"] in {"too_short", "tuple_type"} and fault["input"]:
            continue  # pydantic's echo of faults within a list, or of the other branch of a union
        node: Any = tree
        model: type[BaseModel] = ChainFile
        mark, loc = (1, 1), list[int | str]()
        for part in fault["loc"]:
            here = (*loc, part)
            if here in places:
                mark, node = places[here], node[part]
            elif fault["type"] not in {"extra_forbidden", "missing"}:
                continue  # the name of a branch of a union, not a key of the file
            loc.append(part)
            model = _inner(model, part)
        where = f"{label}:{mark[0]}:{mark[1]}: {'.'.join(map(str, loc))}"
        found.append(Problem(where, *_explain(fault, model, [str(part) for part in loc])))
    return list(dict.fromkeys(found))


def _inner(model: type[BaseModel], part: int | str) -> type[BaseModel]:
    """Return the section that a key holds, or the section itself."""
    field = model.model_fields.get(str(part))
    if field is None:
        return model
    sections = (field.annotation, *get_args(field.annotation))
    return next((kind for kind in sections if isinstance(kind, type) and issubclass(kind, BaseModel)), model)


def _explain(fault: Any, model: type[BaseModel], loc: list[str]) -> tuple[str, str]:
    names = list(model.model_fields)
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(loc[-1], names, n=1)
        return "unknown key", f"did you mean {near[0]!r}?" if near else "known keys: " + ", ".join(names)
    if fault["type"] == "missing":
        return "this key is missing", ""
    message = fault["msg"].removeprefix("Value error, ")
    but = "" if fault["type"] == "value_error" else f", not {shown(fault['input'])}"
    return message[0].lower() + message[1:] + but, ""
