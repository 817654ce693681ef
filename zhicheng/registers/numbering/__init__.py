"""Certificate numbers (预编号): the rule, its counters, who was given which number (N6)."""
