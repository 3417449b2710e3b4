"""Quiet limits: how much of one thing may come from one network, without anybody being able to say from which.

Keys are keyed hashes of the network under a random salt that lives for at most a day, in memory (promise 2). All limits
stand in `table`; over most of them a story is received all the same (promise 13).
"""

from storyhub.protection.limits.arrivals import Arrival, flood_since, note_arrival, surge_mark
from storyhub.protection.limits.counting import (
    OverLimit,
    act_key,
    configure,
    count_all,
    forget_other_days,
    is_first,
    is_shared,
    network_key,
    refuse_over,
    seconds_left,
    spent,
    todays_salt,
    was_done,
    within,
)
from storyhub.protection.limits.networks import SHARED, key_of, salt_of_day
from storyhub.protection.limits.stores import SharedStorage, VolatileStorage
from storyhub.protection.limits.table import TABLE, Limit, Over, Per

__all__ = [
    "SHARED",
    "TABLE",
    "Arrival",
    "Limit",
    "Over",
    "OverLimit",
    "Per",
    "SharedStorage",
    "VolatileStorage",
    "act_key",
    "configure",
    "count_all",
    "flood_since",
    "forget_other_days",
    "is_first",
    "is_shared",
    "key_of",
    "network_key",
    "note_arrival",
    "refuse_over",
    "salt_of_day",
    "seconds_left",
    "spent",
    "surge_mark",
    "todays_salt",
    "was_done",
    "within",
]
