"""Facts as data files: title series, qualifications, regions."""
