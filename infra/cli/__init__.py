"""The operator's command line, ``./dev dualtrack …``: each command calls one use case and shows what came."""
