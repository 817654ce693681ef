def keys_and_deliveries(account): return []
