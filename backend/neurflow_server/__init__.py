"""HTTP only: routes, schemas, services, pages. Imports the store, never torch or the engine."""
