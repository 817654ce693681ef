"""A made-up city in which every part of the product can be tried: ``zhicheng demo``."""
