total > 10
