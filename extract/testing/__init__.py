"""Public test doubles: a scripted engine, a recorder and a replayer, and a RunAPI stand-in on loopback."""

from extract.testing._faults import KINDS as FAULTS
from extract.testing._faults import Fault, Raw
from extract.testing._recorded import Recorder, Replayer, UnknownRequest
from extract.testing._scripted import Broken, ScriptedEngine, ScriptEnded
from extract.testing._standin import Seen, StandIn

__all__ = [
    "FAULTS",
    "Broken",
    "Fault",
    "Raw",
    "Recorder",
    "Replayer",
    "ScriptEnded",
    "ScriptedEngine",
    "Seen",
    "StandIn",
    "UnknownRequest",
]
