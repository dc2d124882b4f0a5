"""The demo: a quarter of real CRM and ad data through the whole stack, and the proof that it is right."""
