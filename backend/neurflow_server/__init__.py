"""The web server of NeurFlow Explorer: HTTP only.

``routes`` call ``services`` or ``neurflow_store``; ``schemas`` say what goes over the wire; ``events`` follow jobs.
"""
