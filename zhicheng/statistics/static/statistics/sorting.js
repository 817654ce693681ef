// Tables with data-sort are put in order by a column: its head becomes a button. A first press
// puts numbers the largest first and words by their order, a second the other way round, a third
// as they came. Sums stay last, and so does what isn't shown.
(function () {
  "use strict";

  const collator = new Intl.Collator(document.documentElement.lang || "zh", { numeric: true });
  const NEXT = { number: { none: "descending", descending: "ascending", ascending: "none" },
    word: { none: "ascending", ascending: "descending", descending: "none" } };

  function value(row, place, kind) {
    const text = row.cells[place].textContent.trim();
    if (kind === "word") return text;
    const found = parseFloat(text.replace(/[^\d.\-]/g, ""));
    return Number.isFinite(found) ? found : null;
  }

  function order(body, place, kind, direction) {
    const rows = [...body.rows];
    rows.forEach((row, at) => { row.dataset.at ??= at; });
    // As many as the picture drew, from the top.
    const drawn = rows.filter((row) => row.dataset.category !== undefined).length;
    const sums = rows.filter((row) => row.classList.contains("zc-stat-total"));
    const groups = rows.filter((row) => !sums.includes(row)).sort((a, b) => a.dataset.at - b.dataset.at);
    if (direction !== "none") {
      const sign = direction === "ascending" ? 1 : -1;
      groups.sort((one, other) => {
        const a = value(one, place, kind), b = value(other, place, kind);
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * (kind === "word" ? collator.compare(a, b) : a - b);
      });
    }
    groups.forEach((row, at) => {
      if (at < drawn) row.dataset.category = row.cells[0].textContent.trim();
      else delete row.dataset.category;
    });
    body.append(...groups, ...sums);
  }

  function press(table, head) {
    const kind = head.classList.contains("zc-number") ? "number" : "word";
    const direction = NEXT[kind][head.getAttribute("aria-sort") || "none"];
    table.querySelectorAll("thead th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    if (direction !== "none") head.setAttribute("aria-sort", direction);
    order(table.tBodies[0], head.cellIndex, kind, direction);
    document.dispatchEvent(new Event("zc:sorted"));
  }

  function dress(table) {
    if (table.tBodies[0].rows.length < 3) return;
    table.querySelectorAll("thead th").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "zc-stat-sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => press(table, head));
    });
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("table[data-sort]").forEach(dress));
})();
