"""A class: a code that thirty browsers share. What it knows lies in a folder that every process of a server reads.

`create` and `find` give a Room, `started` notes that a run belongs to it. Nobody's texts and no names of pupils are
kept, but for a nickname that was typed in.
"""

from dynmask_core.learn.classroom.room import Room
from dynmask_core.learn.classroom.rooms import create, find, listed, started
from dynmask_core.learn.classroom.settings import Settings
from dynmask_core.learn.classroom.stored import Person

__all__ = ["Person", "Room", "Settings", "create", "find", "listed", "started"]
