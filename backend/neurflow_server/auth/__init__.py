"""Who asks, and whether they may: cookies, passwords, an OpenID Connect provider, and the guard before every route."""
