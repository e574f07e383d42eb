"""A shop that prices baskets."""
