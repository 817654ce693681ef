"""The open data interface for other systems (N7, N20): keys, resources, feed, webhooks."""
