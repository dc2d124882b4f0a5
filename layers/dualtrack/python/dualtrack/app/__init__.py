"""Use cases over three ports: table, objects, queue."""
