"""Real PostgreSQL and Redis servers for the tests, and the fixtures that hand them out."""
