"""Makes a city of the given size (a million) and says what is in it."""

import sys

from benchmarks.size.database import city_of, prepare

if __name__ == "__main__":
    prepare()
    city = city_of(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(city.name, city.url)
    for table, rows, size in city.tables():
        print(f"  {table:40} {rows:12,} rows  {size}")
