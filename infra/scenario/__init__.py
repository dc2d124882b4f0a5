"""Acceptance scenarios: text tables that HR and finance write, played on the real use cases.

``tests/scenarios/README.md`` is the page about the format. ``grammar`` knows the commands, ``parse`` reads a
file, ``play`` runs it on a ``Tenant``: one in memory (``memory``) or a deployed one (``stack``).
"""
