"""Requests: networks, data sets, circuits, analyses and measurements, with checks, keys and estimates."""
