"""From a file, on one core: the whole pipeline beside its yardsticks."""

from pathlib import Path

import orjson

from tests.bench.contest import Contestant, compete, say
from tests.bench.engines.environment import Engines
from tests.bench.table import Bound, Figures, print_figures, rate, ratio
from tests.bench.workload import POST_BYTES, bench_pool, topic_of_term, write_pool

LEAST_AGAINST_ORJSON = 1.5
LEAST_AGAINST_PER_ITEM = 9.0
LEAST_AGAINST_PATHWAY = 8.0
LEAST_IN_CRISIS = 100_000
MANY_TOPICS = 10_000
FEW_TOPICS = 100
SLOW_SHARE = 10
"""The slow get a tenth of the posts, or the run would take all day."""


def from_file(folder: Path, engines: Engines, *, rounds: int, posts: int) -> list[Bound]:
    """Measure, print the table and return the bounds."""
    crisis_posts, slow_posts = posts // 4, posts // SLOW_SHARE
    files = {
        "steady": (posts, 0.02, FEW_TOPICS),
        "slow": (slow_posts, 0.02, FEW_TOPICS),
        "crisis": (crisis_posts, 0.40, FEW_TOPICS),
        "steady-many": (posts, 0.02, MANY_TOPICS),
        "crisis-many": (crisis_posts, 0.40, MANY_TOPICS),
    }
    for name, (count, matching, topics) in files.items():
        say(f"writing {count:,} posts of {POST_BYTES} bytes: {name}")
        write_pool(folder / name, bench_pool(matching, topics), count)
    terms = folder / "terms.json"
    terms.write_bytes(orjson.dumps(topic_of_term(FEW_TOPICS)))

    def job(name: str, contestant: str, file: str) -> Contestant:
        count, _, topics = files[file]
        arguments = (contestant, str(folder / file), "--posts", str(count), "--topics", str(topics))
        return Contestant(name=name, module="tests.bench.jobs", arguments=arguments)

    pathway = Contestant(
        name="Pathway, 2 % matching",
        module="tests.bench.engines.pathway_job",
        arguments=(str(terms), str(folder / "slow"), str(slow_posts)),
        python=engines.python,
        missing=engines.missing.get("pathway", ""),
    )
    rows = compete(
        [
            job("orjson.loads alone", "orjson", "steady"),
            job("per-item Bytewax, 2 %", "per-item", "slow"),
            pathway,
            job("crisiswatch, 2 %", "crisiswatch", "steady"),
            job("crisiswatch, 40 %", "crisiswatch", "crisis"),
            job(f"crisiswatch, 2 %, {MANY_TOPICS:,} topics", "crisiswatch", "steady-many"),
            job(f"crisiswatch, 40 %, {MANY_TOPICS:,} topics", "crisiswatch", "crisis-many"),
        ],
        rounds=rounds,
    )
    print_figures("from a file, one core", rows, rows[:3])
    return _bounds(rows)


def _bounds(rows: list[Figures]) -> list[Bound]:
    alone, per_item, pathway, steady, crisis, many, crisis_many = rows
    return [
        Bound(
            name="file, 2 %: times orjson.loads alone",
            found=ratio(steady, alone),
            bound=LEAST_AGAINST_ORJSON,
        ),
        Bound(
            name="file, 2 %: times per-item Bytewax",
            found=ratio(steady, per_item),
            bound=LEAST_AGAINST_PER_ITEM,
        ),
        Bound(
            name="file, 2 %: times Pathway",
            found=ratio(steady, pathway),
            bound=LEAST_AGAINST_PATHWAY,
        ),
        Bound(name="file, 40 %: posts/s", found=rate(crisis), bound=LEAST_IN_CRISIS),
        Bound(name="file, 2 %: 10,000 topics against 100", found=ratio(many, steady), bound=0.5),
        Bound(
            name="file, 40 %: 10,000 topics against 100",
            found=ratio(crisis_many, crisis),
            bound=0.5,
        ),
    ]
