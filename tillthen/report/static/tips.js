"use strict";
// What a term means, on hover and on focus; Escape closes it, and it can be pointed at. The glossary describes it too.
(() => {
  const terms = document.querySelectorAll("a.term, button[data-term]");
  if (!terms.length) return;
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.role = "tooltip";
  tip.hidden = true;
  document.body.append(tip);
  let owner = null, leaving;

  const close = () => {
    clearTimeout(leaving);
    tip.hidden = true;
    owner = null;
  };
  const later = () => {
    clearTimeout(leaving);
    leaving = setTimeout(close, 200);
  };
  const open = (term, meaning) => {
    clearTimeout(leaving);
    owner = term;
    tip.textContent = meaning;
    tip.hidden = false;
    const box = term.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(box.left, wide - tip.offsetWidth - 8));
    const above = box.top - tip.offsetHeight - 6;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above < 0 ? box.bottom + 6 : above) + scrollY}px`;
  };

  for (const term of terms) {
    const entry = document.getElementById(term.dataset.term ?? term.hash.slice(1));
    const meaning = entry?.querySelector("dd");
    if (!meaning) continue;
    meaning.id = `${entry.id}-means`;
    term.removeAttribute("title");
    term.setAttribute("aria-describedby", meaning.id);
    term.addEventListener("mouseenter", () => open(term, meaning.textContent));
    term.addEventListener("focus", () => open(term, meaning.textContent));
    term.addEventListener("mouseleave", later);
    term.addEventListener("blur", close);
  }
  tip.addEventListener("mouseenter", () => clearTimeout(leaving));
  tip.addEventListener("mouseleave", later);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && owner) close();
  });
})();
