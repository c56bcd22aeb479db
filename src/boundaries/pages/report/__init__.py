"""The alignment report: a run in, one self-contained HTML page out, in the order of an appraisal.

- `write_report`: the page, for screens and for paper

Its parts are small modules, one a part of the page: `summary`, `options`, `networks`, `method`.
"""

from boundaries.pages.report.page import report_html, write_report

__all__ = ["report_html", "write_report"]
