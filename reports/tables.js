// Long tables: a field that searches their rows, and headings that sort them.
(() => {
  "use strict";
  const LONG = 12;
  const number = (text) => {
    const found = text.replace(/\u2212/g, "-").match(/^[^\w-]*(-?\d[\d,]*\.?\d*)(?: × 10(-?\d+))?/);
    return found ? Number(found[1].replace(/,/g, "")) * 10 ** Number(found[2] || 0) : NaN;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return Number.isNaN(x) ? a.localeCompare(b) : x - y;
  };

  const addSearch = (table, rows, name) => {
    const box = document.createElement("div");
    box.className = "search";
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = "Search the rows";
    field.setAttribute("aria-label", `Search the rows of ${name}`);
    const count = document.createElement("output");
    const show = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = `${shown} of ${rows.length} rows`;
    };
    field.addEventListener("input", show);
    box.append(field, count);
    table.before(box);
    show();
  };

  const addSort = (table, body, rows) => {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach((other) => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        const text = (row) => row.cells[column].textContent.trim();
        const sorted = [...rows].sort((a, b) => compare(text(a), text(b)));
        body.append(...(down ? sorted.reverse() : sorted));
      });
    });
  };

  for (const place of document.querySelectorAll('[id^="tbl-"]')) {
    const table = place.querySelector("table");
    const body = table?.tBodies[0];
    if (!table?.tHead || !body || body.rows.length <= LONG) continue;
    const rows = [...body.rows];
    const caption = place.querySelector("figcaption")?.textContent.trim() ?? "";
    addSearch(table, rows, caption.split(/[:.]/)[0]);
    addSort(table, body, rows);
  }
})();
