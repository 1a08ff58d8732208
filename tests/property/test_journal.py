"""Laws of the journal: what is read is what was written, in whatever order and sittings."""

import math
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whydrop.core.factor import ABSENT, Factor
from whydrop.core.metric import Metric
from whydrop.core.study import Study
from whydrop.core.trial import Outcome, Trial
from whydrop.journal.encoding import from_text, to_text
from whydrop.journal.record import UNIT, Header, Record
from whydrop.journal.store import Journal

# A disk in memory, where there is one: these laws are not about what survives a power cut.
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None

TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates included
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
LEVELS = st.recursive(
    SCALARS | st.just(ABSENT),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["$", "$$", "of", "a"]) | TEXTS, inner, max_size=3)
        | st.dictionaries(st.integers(), inner, max_size=2)
    ),
    max_leaves=8,
)
LEAVES = st.builds(
    Factor,
    name=TEXTS,
    off=LEVELS,
    on=LEVELS,
    kind=st.sampled_from(["argument", "config", "value"]),
    source=TEXTS,
    path=st.lists(TEXTS | st.integers(), max_size=3).map(tuple),
)
GROUPS = st.builds(
    Factor,
    name=TEXTS,
    off=LEVELS,
    on=LEVELS,
    kind=st.just("group"),
    parts=st.lists(LEAVES, min_size=1, max_size=2).map(tuple),
)
HEADERS = st.builds(
    Header,
    factors=st.lists(LEAVES | GROUPS, max_size=4, unique_by=lambda f: f.name).map(tuple),
    metric=st.builds(Metric, TEXTS, st.booleans(), st.just("auto")),
    identity=st.dictionaries(TEXTS, TEXTS, max_size=3),
    settings=st.dictionaries(TEXTS, LEVELS, max_size=3),
    command=st.lists(TEXTS, max_size=3).map(tuple),
)


@given(LEVELS)
def test_every_level_comes_back_with_its_types(level):
    assert repr(from_text(to_text(level))) == repr(level)


@st.composite
def waves(draw, factors: int) -> list[list[Trial]]:
    sizes = draw(st.lists(st.integers(1, 4), max_size=4))
    arms = st.integers(0, 2**factors - 1)
    seeds = st.integers(0, 2**63 - 1)
    phases = st.sampled_from(["gap", "screen", "verify"])
    numbers = iter(range(1, sum(sizes) + 1))
    return [
        [Trial(next(numbers), draw(arms), draw(seeds), draw(phases)) for _ in range(size)]
        for size in sizes
    ]


@st.composite
def outcomes(draw, trial: Trial) -> Outcome:
    curve = tuple(draw(st.lists(st.floats(allow_nan=False), max_size=3)))
    value = draw(st.none() | NUMBERS)
    failures = st.sampled_from(["nan", "crashed", "timeout", "memory", "no-metric"])
    return Outcome(
        trial,
        state="ok" if value is not None else draw(failures),
        value=value,
        curve=curve,
        seconds=draw(st.floats(0, 1e9)),
        message=draw(TEXTS),
        exit_status=draw(st.none() | st.integers(-64, 255)),
        log=draw(st.sampled_from(["", "trials/0001/output.txt"])),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_replayed_journal_equals_its_study(data):
    header = data.draw(HEADERS)
    kept: dict[int, Outcome] = {}
    proposed: list[list[Trial]] = []
    unit = "auto"
    with tempfile.TemporaryDirectory(dir=MEMORY) as parent:
        folder = Path(parent, "study")
        journal = Journal.create(folder, header)
        for wave in data.draw(waves(len(header.factors))):
            journal.propose(wave)
            proposed.append(wave)
            finished = data.draw(st.permutations(wave))
            for trial in finished[: data.draw(st.integers(0, len(wave)))]:
                kept[trial.number] = data.draw(outcomes(trial))
                journal.append(kept[trial.number])
            if unit == "auto" and data.draw(st.booleans()):
                unit = data.draw(st.sampled_from(["points", "raw"]))
                journal.decide(UNIT, unit)
            if data.draw(st.booleans()):
                journal.close()
                journal = Journal.open(folder)
        expected = Study(
            header.factors,
            Metric(header.metric.name, header.metric.minimize, unit),
            tuple(kept[number] for number in sorted(kept)),
        )
        with journal, Record.open(folder) as record:
            for reader in (journal, record):
                assert reader.header == header
                assert reader.study() == expected
                assert [list(wave.trials) for wave in reader.waves()] == proposed
                known = {
                    trial.number: outcome
                    for wave in reader.waves()
                    for trial, outcome in zip(wave.trials, wave.outcomes, strict=True)
                }
                assert known == {t.number: kept.get(t.number) for w in proposed for t in w}


@given(st.floats())
def test_a_step_of_a_curve_comes_back_to_the_last_bit(step):
    (back,) = from_text(to_text([step]))
    assert back == step or (math.isnan(back) and math.isnan(step))
    assert math.copysign(1, back) == math.copysign(1, step) or math.isnan(step)
