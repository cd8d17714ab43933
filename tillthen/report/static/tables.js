"use strict";
// Tables: a button in each head sorts, a link under each saves it with the exact numbers.
(() => {
  const number = (cell) => {
    const data = cell.querySelector("data");
    return data ? Number(data.value) / 10 ** Number(data.dataset.digits ?? 0) : null;
  };
  const words = (node) => {
    const copy = node.cloneNode(true);
    for (const extra of copy.querySelectorAll("small, svg, .unit, .mark")) extra.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  };
  const missing = (cell) => number(cell) === null && ["", "–"].includes(words(cell));

  // What was not measured comes last, whichever way.
  const order = (column, sign) => (one, other) => {
    const [a, b] = [one.cells[column], other.cells[column]];
    if (missing(a) || missing(b)) return missing(a) - missing(b);
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return sign * (x - y);
    return sign * words(a).localeCompare(words(b), "en", { numeric: true });
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const declared = [...table.tBodies[0].rows];
    for (const [column, head] of heads.entries()) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      const kept = head.querySelector(".unit");
      const term = head.querySelector(".term");
      if (term) Object.assign(button.dataset, { term: term.hash.slice(1) });
      button.append(...[...(term ?? head).childNodes].filter((node) => node !== kept));
      head.replaceChildren(button, ...(kept ? [kept] : []));
      button.addEventListener("click", () => {
        const firstly = head.classList.contains("num") ? "descending" : "ascending";
        const then = firstly === "ascending" ? "descending" : "ascending";
        const next = { [firstly]: then, [then]: null }[head.ariaSort] ?? (head.ariaSort ? null : firstly);
        for (const each of heads) each.ariaSort = null;
        head.ariaSort = next;
        const rows = next ? [...declared].sort(order(column, next === "ascending" ? 1 : -1)) : declared;
        table.tBodies[0].append(...rows);
      });
    }
  };

  // A spreadsheet would run a text that begins like a formula.
  const field = (text) => {
    const safe = typeof text === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : String(text);
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  // Small print under a number is a column of its own.
  const note = (cell) => [...cell.querySelectorAll("small")].map((each) => each.textContent.trim()).join("; ");
  const csv = (table) => {
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells]);
    const columns = [...table.tHead.rows[0].cells].map((head, place) => ({
      title: words(head) + (head.querySelector(".unit") ? ` (${head.querySelector(".unit").textContent.trim()})` : ""),
      noted: rows.some((row) => note(row[place])),
    }));
    const heads = columns.flatMap(({ title, noted }) => (noted ? [title, `${title}: note`] : [title]));
    const lines = rows.map((row) => row.flatMap((cell, place) => {
      const value = missing(cell) ? "" : number(cell) ?? words(cell);
      return columns[place].noted ? [value, note(cell)] : [value];
    }));
    return [heads, ...lines].map((line) => line.map(field).join(",")).join("\r\n") + "\r\n";
  };

  const saved = (box, table) => {
    const name = box.querySelector("[aria-label]").getAttribute("aria-label");
    const link = document.createElement("a");
    link.className = "csv";
    link.textContent = "CSV";
    link.href = "data:text/csv,";
    link.download = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) || "table"}.csv`;
    link.setAttribute("aria-label", `Save as CSV: ${name}`);
    const fill = () => {
      link.href = `data:text/csv;charset=utf-8,${encodeURIComponent("\ufeff" + csv(table))}`;
    };
    link.addEventListener("click", fill);
    link.addEventListener("contextmenu", fill);
    box.append(link);
  };

  for (const box of document.querySelectorAll(".table")) {
    const table = box.querySelector("table");
    if (table.tBodies[0].rows.length > 1) sortable(table);
    saved(box, table);
  }
})();
