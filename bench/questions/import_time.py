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
    lines = [("ours", BASE), *((peer, KNOWN[peer].import_line) for peer in peers if KNOWN[peer].import_line)]
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
    verdict = []
    if ours := found.get(("ours", KNOWN["ours"].import_line)):
        ratio = median(ours) / base
        verdict = [f"import extract at most {BOUND} × import pydantic: {ratio:.2f} {judge(ratio, BOUND)}"]
    return "\n\n".join([markdown(rows), *dict.fromkeys(notes), *verdict])


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
