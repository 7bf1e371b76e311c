"""What became of earlier verdicts, whose rules came after their tables: what rules that came before new ones say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lth.ledger.claim import Claim, Finding
from lth.ledger.examine import Examined

AGAIN = {  # a rule, and the beginning of the words of the earlier claim that it asks again
    "main-reliably": "pruned on two concatenated tasks",
    "main-beyond-degrees": "their structure could provide insights",
    "main-half": "the majority splits from rung 9 on",
    "main-first": "the first network to split is on rung 7",
    "main-degraded-half": "degraded networks are common",
    "main-degraded-first": "the first degraded network",
    "main-active": "at a similar number of active weights",
    "main-idle": "inactive weights compound",
    "main-weak": "it is merely a weak classifier",
    "winning-dense": "by the time the network splits",
    "depths-one": "one hidden layer splits too",
    "depths-three": "three hidden layers split too",
    "budget-many": "this can be done with arbitrarily many tasks",
    "backward-trained": "networks separate from the outputs backwards",
    "forecast-cut": "so either it is disconnected or not",
    "mnist-fashion-separate": "MNIST and Fashion-MNIST side by side separate",
}
SAYS = {  # an earlier claim that says the opposite of the rule that asks it again
    "forecast-cut": {"supported": "contradicted", "contradicted": "supported"},
}


def rows(examined: Mapping[str, Examined], earlier: Sequence[tuple[Claim, Finding]]) -> Iterator[tuple[str, ...]]:
    """The claim, its earlier verdict, the verdict of its rule now, and whether that is another one."""
    for name, words in AGAIN.items():
        claim, finding = next((claim, found) for claim, found in earlier if claim.words.startswith(words))
        now = examined[name]
        told = SAYS.get(name, {}).get(now.verdict, now.verdict)
        unmeasured = now.verdict == "open" and now.found is None
        change = "not yet measured" if unmeasured else "changed" if told != finding.verdict else "as before"
        yield claim.words, finding.verdict, told, name, change
