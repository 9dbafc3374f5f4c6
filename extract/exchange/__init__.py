"""The conversation: asks, judges, mends and asks again, written once as a generator without I/O or clock."""

from extract.exchange._conversation import Conversation, Done, Send, Step, Wait, exchange
from extract.exchange._follow import Follower, Partial, PartialFollower
from extract.exchange._items import ItemFollower
from extract.exchange._policy import BadItems, Policy, Strictness
from extract.exchange._prompt import Task
from extract.exchange._record import Attempt, Extraction, Kind, Spent, Summary, record

__all__ = [
    "Attempt",
    "BadItems",
    "Conversation",
    "Done",
    "Extraction",
    "Follower",
    "ItemFollower",
    "Kind",
    "Partial",
    "PartialFollower",
    "Policy",
    "Send",
    "Spent",
    "Step",
    "Strictness",
    "Summary",
    "Task",
    "Wait",
    "exchange",
    "record",
]
