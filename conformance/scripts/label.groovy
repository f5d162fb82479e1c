"sum " + total
