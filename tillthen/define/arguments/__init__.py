"""What arguments of declarations may be, and how declarations are checked, hashed and shown."""
