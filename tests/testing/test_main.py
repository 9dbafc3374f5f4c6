"""``python -m extract.testing``: it says where it listens, obeys its options, stops when interrupted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import openai
import pytest

ROOT = Path(__file__).parents[2]


def start(*options):
    return subprocess.Popen(
        [sys.executable, "-m", "extract.testing", *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        # A suite that runs in the background ignores the signal, and its children would inherit that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def test_it_serves_until_it_is_interrupted(tmp_path):
    """The two printed lines are all a client needs; Ctrl-C ends it with 0."""
    answer = tmp_path / "answer.json"
    answer.write_text('{"number": "A-17"}', encoding="utf-8")
    process = start("--answer", answer, "--key", "k", "--models", "mine", "--latency", 1, "--faults", "0:429,500")
    try:
        settings = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
        assert settings["RUNAPI_API_KEY"] == "k"
        with openai.OpenAI(base_url=settings["RUNAPI_BASE_URL"], api_key="k") as client:
            reply = client.chat.completions.create(model="mine", messages=[{"role": "user", "content": "hi"}])
        assert json.loads(reply.choices[0].message.content) == {"number": "A-17"}
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--faults", "0.5"], "is not RATE:KIND"),
        (["--faults", "0.5:nonsense"], "no fault is called 'nonsense'"),
        (["--faults", "0.5:429,nonsense"], "502-html"),
        (["--faults", "1.5:429"], "share"),
        (["--faults", "nan:429"], "share"),
        (["--faults", "x:429"], "--faults: found 'x', expected RATE:KIND"),
        (["--faults", "0.6:429", "--faults", "0.6:500"], "sum up to more than 1"),
        (["--port", "99999"], "--port: found '99999', expected a port from 0 to 65535"),
        (["--port", "http"], "--port: found 'http', expected a port from 0 to 65535"),
        (["--latency", "soon"], "--latency: found 'soon', expected milliseconds"),
        (["--latency", "-5"], "--latency: found '-5', expected milliseconds"),
        (["--pace", "nan"], "--pace: found 'nan', expected milliseconds"),
        (["--piece", "0"], "--piece: found '0', expected a whole number, 1 or more"),
        (["--seed", "a"], "--seed: found 'a', expected a whole number"),
        (["--answer", "missing.json"], "missing.json cannot be read: No such file"),
        (["--answer", "."], "cannot be read: Is a directory"),
    ],
)
def test_options_that_make_no_sense_are_told(options, words):
    """A wrong option ends it with 2 and one line that says why."""
    process = start(*options)
    try:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 2
        assert words in told
        assert "Traceback" not in told
    finally:
        process.kill()
