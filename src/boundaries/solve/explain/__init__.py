"""What else there is to say of an option: plans nearly as good, and changed studies.

Goes in: a place, its study, an option. Comes out: `alternatives` (plans nearly as good that differ
from it; `near_optimal` solves for them) and `variants` (the study with one choice changed).
Next: `boundaries.run`.
"""
