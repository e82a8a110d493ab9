"""The web server of NeurFlow Explorer: HTTP only.

``routes`` call ``services`` or ``neurflow_store``; ``schemas`` define requests and responses; ``events`` follow jobs.
"""
