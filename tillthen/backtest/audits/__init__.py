"""The audit job: built tables against sources, single features against labels."""
