"""Two experiments of the simulated company, with effects that are known because they were planted (docs/SIMULATION.md).

Who gets what is the platform's own rule; who is exposed follows from who signs in; what they do then is drawn.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bihuan.understand.experiments.rules import variant_of

from .arrays import Floats, Ints, Rng
from .events import EventChunk

EXPOSED = "experiment_exposed"
DAY_US = 86_400 * 1_000_000
STREAM = 9_000  # beside those of the company and of its chunks


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One experiment. `rates`: the true share of people who do `outcome`, by variant, the control first; of accounts the mean
    of their own rates, which lie `spread` (s.d.) around it. `extra`: an event that variants do not touch, and how often
    it comes per person. It runs from `begins` to `ends` days before the company's last day; 0: it still runs. `planned`:
    units, per unit there is."""

    key: str
    name: str
    hypothesis: str
    unit: str
    method: str
    rates: dict[str, float]
    outcome: str
    metrics: tuple[dict[str, Any], ...]
    begins: int
    ends: int
    planned: float
    matters: float
    spread: float = 0.0
    extra: str = ""
    extras: float = 0.0
    chosen: str = ""

    @property
    def variants(self) -> list[dict[str, Any]]:
        """As the experiment is set up: every variant weighs the same."""
        return [{"name": name, "weight": 1} for name in self.rates]

    def effect(self, variant: str) -> float:
        """The true difference from the control."""
        return self.rates[variant] - next(iter(self.rates.values()))

    def days(self, days: int) -> tuple[int, int]:
        """First day and the day after the last, counted from the company's first; it never begins before the sixth."""
        return max(days - self.begins, 5), days - self.ends


TRIALS = (
    Trial(
        key="guided-start", name="引导式入门清单", hypothesis="登录后显示入门清单，会有更多人在两周内完成入门。",
        unit="person", method="sequential", rates={"control": 0.22, "guided": 0.30}, outcome="checklist_finished",
        metrics=(
            {"name": "完成入门清单", "kind": "conversion", "event": "checklist_finished", "within": "14d"},
            {"name": "打开帮助", "kind": "mean", "event": "help_opened", "within": "14d", "guard": True,
             "higher_is_better": False},
        ),
        begins=28, ends=0, planned=0.6, matters=0.02, extra="help_opened", extras=0.4,
    ),
    Trial(
        key="report-page", name="报表页两种新版式", hypothesis="更短或更长的报表页，会让更多人分享报表。",
        unit="account", method="fixed", rates={"control": 0.30, "short": 0.30, "long": 0.42}, outcome="report_shared",
        metrics=({"name": "分享报表", "kind": "conversion", "event": "report_shared", "within": "7d", "by": "person"},),
        begins=84, ends=42, planned=0.7, matters=0.05, spread=0.08, chosen="long",
    ),
)  # fmt: skip
NAMES = (EXPOSED, *dict.fromkeys(name for one in TRIALS for name in (one.outcome, one.extra) if name))


@dataclass(frozen=True, kw_only=True)
class TrialRows:
    """Events of a trial; account and person point into the company's tables, `name` into NAMES, `props` are texts."""

    account: Ints
    person: Ints
    name: Ints
    ts: Ints  # microseconds since 1970, UTC
    props: list[str]

    def __len__(self) -> int:
        return len(self.ts)


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """A trial of one company: the variant (by place) of every unit, the rate at which each account's people do the outcome when
    they see the control, and each person's luck."""

    trial: Trial
    number: int
    seed: int
    first_us: int
    end_us: int
    variant: Ints
    base: Floats
    luck: Floats = field(repr=False)

    def rows(self, chunk: EventChunk) -> TrialRows:
        """What the people of a chunk's accounts see and do: each is exposed at the first time to sign in while it runs."""
        rng = np.random.default_rng([self.seed, STREAM + self.number, chunk.number])
        inside = np.flatnonzero((chunk.name == 0) & (chunk.ts >= self.first_us) & (chunk.ts < self.end_us))
        pair = chunk.account[inside] * np.int64(len(self.luck)) + chunk.person[inside]
        at = inside[np.unique(pair, return_index=True)[1]]
        account, person, ts = chunk.account[at], chunk.person[at], chunk.ts[at] + 2_000_000
        variant = self.variant[person if self.trial.unit == "person" else account]
        effects = np.array([self.trial.effect(name) for name in self.trial.rates])
        did = np.flatnonzero(self.luck[person] < self.base[account] + effects[variant])
        parts = [(np.arange(len(at)), EXPOSED, ts), (did, self.trial.outcome, self._later(rng, ts[did]))]
        if self.trial.extra:
            again = np.repeat(np.arange(len(at)), rng.poisson(self.trial.extras, size=len(at)))
            parts.append((again, self.trial.extra, self._later(rng, ts[again])))
        who = np.concatenate([part for part, _name, _ts in parts])
        shown = [
            json.dumps(
                {"experiment": self.trial.key, "variant": name, "$lib": "simulated"}, separators=(",", ":")
            )
            for name in self.trial.rates
        ]
        return TrialRows(
            account=account[who], person=person[who], ts=np.concatenate([at for _part, _name, at in parts]),
            name=np.repeat([NAMES.index(name) for _part, name, _ts in parts], [len(part) for part, _name, _ts in parts]),
            props=[shown[place] for place in variant] + ['{"$lib":"simulated"}'] * (len(who) - len(at)),
        )  # fmt: skip

    def _later(self, rng: Rng, ts: Ints) -> Ints:
        """Within an hour and a half, and before the company's last moment."""
        return np.asarray(
            np.minimum(ts + rng.integers(20, 5_400, size=len(ts)) * 1_000_000, self.end_us - 1_000),
            dtype=np.int64,
        )


def assign(
    *, seed: int, midnight: Ints, account_keys: list[str], person_keys: list[str]
) -> Iterator[Assigned]:  # fmt: skip
    """Every trial for the accounts and people of these keys; `midnight` is the start of each day in µs."""
    for number, trial in enumerate(TRIALS):
        rng = np.random.default_rng([seed, STREAM + number])
        first, end = trial.days(len(midnight))
        names = list(trial.rates)
        keys = person_keys if trial.unit == "person" else account_keys
        weights = [(name, 1) for name in names]
        variant = [names.index(variant_of(key=trial.key, unit=key, variants=weights)) for key in keys]
        base = trial.rates[names[0]] + trial.spread * np.clip(
            rng.standard_normal(len(account_keys)), -2.5, 2.5
        )
        yield Assigned(
            trial=trial, number=number, seed=seed, first_us=int(midnight[first]),
            end_us=int(midnight[end]) if end < len(midnight) else int(midnight[-1]) + DAY_US,
            variant=np.array(variant, dtype=np.int64), base=base, luck=rng.random(len(person_keys)),
        )  # fmt: skip
