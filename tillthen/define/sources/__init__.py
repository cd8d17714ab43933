"""What sources are made of: clocks, row logic, money, labels and rates."""
