"""Tests of lth.collect."""
