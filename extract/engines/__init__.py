"""Whoever answers: the RunAPI engine."""

from extract.engines._runapi import RunAPI

__all__ = ["RunAPI"]
