"""Authentication and permissions: cookies, passwords, an OpenID Connect provider, the guard in front of all routes."""
