"""Dualtrack: pays marketing people for what they really did."""
