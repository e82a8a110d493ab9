"""The glue between the job queue and the engine: load by id, call the engine, save to the store."""
