"""The actors around a target: a submitting client, scripted mail servers, and what they record."""
