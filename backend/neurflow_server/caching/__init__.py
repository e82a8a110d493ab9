"""What is kept in memory so that many who look at the same circuit ask the database once."""
