"""What does the import cost, beside pydantic's and the rivals'?"""

from __future__ import annotations

import json
import subprocess
from statistics import median

from bench import environments
from bench.peers import PEERS as KNOWN
from bench.tables import judge, markdown

__all__ = ["PEERS", "ask"]

PEERS = ["ours", "floor", "openai-create", "instructor-json", "baml", "pydantic-ai", "langchain"]
BASE = "import pydantic"
# Both imports are lazy; what a program really waits for is the first name it takes.
DOORS = (("import pydantic", "import extract"), ("from pydantic import BaseModel", "from extract import Client"))
BOUND = 1.3
PROGRAM = """
import json, sys, time
sys.path[:0] = [{root!r}, sys.prefix + "/generated"]
begin = time.process_time()
{line}
print(json.dumps(time.process_time() - begin))
"""


def ask(peers: list[str], rounds: int) -> str:
    """Measure each import in fresh interpreters, in turn; the base is pydantic in our own environment."""
    ours = [("ours", line) for pair in DOORS for line in pair] if "ours" in peers else [("ours", BASE)]
    lines = [*ours, *((peer, KNOWN[peer].import_line) for peer in peers if peer != "ours" and KNOWN[peer].import_line)]
    found: dict[tuple[str, str], list[float]] = {line: [] for line in lines}
    notes = []
    for _ in range(max(rounds, 5) * 2):
        for line in lines:
            seconds, why = _once(*line)
            found[line].extend(seconds)
            notes.extend(why)
    base = median(found["ours", BASE])
    rows = [["import", "CPU", "of pydantic's"]]
    for (peer, line), seconds in found.items():
        cpu = median(seconds) if seconds else None
        figures = [f"{cpu * 1000:,.0f} ms", f"×{cpu / base:.2f}"] if cpu else ["–", "–"]
        rows.append([f"{peer}: {line}", *figures])
    verdict = [["target", "found", "bound", "verdict"]]
    for theirs, own in DOORS:
        if found.get(("ours", own)):
            ratio = median(found["ours", own]) / median(found["ours", theirs])
            verdict.append([f"{own} beside {theirs}", f"{ratio:.2f}", f"≤ {BOUND}", judge(ratio, BOUND)])
    return "\n\n".join([markdown(rows), *dict.fromkeys(notes), markdown(verdict)])


def _once(peer: str, line: str) -> tuple[list[float], list[str]]:
    """The CPU seconds of one import, or why there are none."""
    program = PROGRAM.format(root=str(environments.ROOT), line=line)
    try:
        command = [str(environments.python(peer)), "-I", "-c", program]
    except environments.Missing as reason:
        return [], [f"{peer}: {reason}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"BAML_LOG": "off"})
    if done.returncode:
        return [], [f"{peer}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"]
    return [float(json.loads(done.stdout))], []
