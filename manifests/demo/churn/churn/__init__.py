"""Says how likely a customer is to leave."""
