"""Faults as tests that do them: killed workers, restarted servers, full disks."""
