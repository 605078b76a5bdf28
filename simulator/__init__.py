"""The outside world, simulated. Speaks HTTP and SMTP only; shares no code with the product."""
