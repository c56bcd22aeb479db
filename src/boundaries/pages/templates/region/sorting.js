// Tables that sort: a press on a heading sorts by its column, another one turns the order round.
"use strict";
(() => {
  const value = (row, at) => {
    const text = row.cells[at].dataset.sort;
    const number = Number(text.replace("%", ""));
    if (text === "all proven") return -1;
    return text === "" || text === "nan" || text === "–" ? null : Number.isNaN(number) ? text : number;
  };

  const compare = (one, other) => {
    if (one === null || other === null) return (one === null) - (other === null);
    return typeof one === "string" ? one.localeCompare(String(other), "en-GB") : one - other;
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      head.querySelector("button").addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows].map((row) => [value(row, at), row]);
        rows.sort(([one], [other]) => {
          const order = compare(one, other);
          return one === null || other === null || up ? order : -order; // unknown ones stay last
        });
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  }
})();
