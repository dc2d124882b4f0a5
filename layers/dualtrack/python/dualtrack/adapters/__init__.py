"""What touches the outside: AWS, files, formats; and the in-memory doubles."""
