"""Public test doubles: an engine that answers from a script."""

from extract.testing._scripted import Broken, ScriptedEngine, ScriptEnded

__all__ = ["Broken", "ScriptEnded", "ScriptedEngine"]
