"""Tests of the house: who imports whom, how long a file may be, what must not stand in it."""
