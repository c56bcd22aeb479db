// measures (to come).
