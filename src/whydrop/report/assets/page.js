"use strict";
// Tooltips, arrow keys, sorting and copying. Text only ever goes through textContent.

const tip = document.getElementById("tip");
const announce = document.getElementById("announce");

let shown = null; // the mark whose words are in the tooltip

function showTip(mark) {
  shown = mark;
  tip.textContent = mark.getAttribute("aria-label").split("; ").join("\n");
  tip.hidden = false;
  placeTip();
}

function placeTip() {
  if (!shown) return;
  const mark = shown;
  const at = (mark.querySelector(".point") || mark).getBoundingClientRect();
  const box = tip.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const left = Math.max(8, Math.min(at.left + at.width / 2 - box.width / 2, width - box.width - 8));
  const above = at.top - box.height - 10;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 8 ? above : at.bottom + 10}px`;
}

function hideTip() {
  shown = null;
  tip.hidden = true;
}

// One tab stop a picture; the arrow keys move between its marks.
for (const picture of document.querySelectorAll(".marks")) {
  const marks = [...picture.querySelectorAll(".mark")];
  if (marks.length === 0) continue;
  marks[0].setAttribute("tabindex", "0");
  const move = (from, to) => {
    if (!marks[to]) return;
    marks[from].setAttribute("tabindex", "-1");
    marks[to].setAttribute("tabindex", "0");
    marks[to].focus();
  };
  marks.forEach((mark, i) => {
    mark.addEventListener("pointerenter", () => showTip(mark));
    mark.addEventListener("pointerleave", hideTip);
    mark.addEventListener("focus", () => showTip(mark));
    mark.addEventListener("blur", hideTip);
    mark.addEventListener("keydown", (event) => {
      const to = {
        ArrowDown: i + 1, ArrowRight: i + 1, ArrowUp: i - 1, ArrowLeft: i - 1,
        Home: 0, End: marks.length - 1,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      move(i, to);
    });
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
});
document.addEventListener("scroll", placeTip, { capture: true, passive: true });

function keyOf(row, column) {
  const cell = row.cells[column];
  if (!("key" in cell.dataset)) return cell.textContent;
  return cell.dataset.key === "" ? null : Number(cell.dataset.key);
}

function compare(a, b) {
  return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
}

for (const table of document.querySelectorAll("table.trials")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].map((row) => [keyOf(row, column), row]);
      // What failed has no value and stays last, whichever way the rest goes.
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return down ? compare(b, a) : compare(a, b);
      });
      body.append(...rows.map(([, row]) => row));
      const name = head.textContent.trim();
      announce.textContent = `sorted by ${name}, ${down ? "descending" : "ascending"}`;
    });
  });
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }
}

const save = document.getElementById("save");
save.hidden = false;
save.addEventListener("click", () => {
  const link = document.createElement("a");
  const data = document.getElementById("data").textContent;
  link.href = URL.createObjectURL(new Blob([data], { type: "application/json" }));
  link.download = "whydrop-explain.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
