"""What the tests share: a small city, and a look at dumps for ID numbers."""
