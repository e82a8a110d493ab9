"""Tests of what runs the service: the demo's supervisor, the compose file, the Dockerfile."""
