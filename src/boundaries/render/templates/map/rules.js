// rules (to come).
