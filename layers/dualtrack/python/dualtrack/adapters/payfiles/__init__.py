"""The files of a run, one module for each kind. README.md beside this file says what stands in them."""
