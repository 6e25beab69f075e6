"""The milter protocol from the MTA's side: what is said, how it is written, who says it when."""
