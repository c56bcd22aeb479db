// anchors (to come).
