"use strict";
// The theme, the contents, the facts as a file, and what paper needs.
(() => {
  const root = document.documentElement;
  const themes = ["as the system", "light", "dark"];
  const theme = document.getElementById("theme");
  const wear = (name) => {
    if (name === themes[0]) delete root.dataset.theme;
    else root.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
  };
  // A page from a file may have no storage; then each page begins as the system has it.
  const memory = (use) => {
    try {
      return use(localStorage);
    } catch {
      return null;
    }
  };
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || themes[0]) + 1) % themes.length];
    wear(next);
    memory((storage) => storage.setItem("tillthen-theme", next));
  });
  const worn = memory((storage) => storage.getItem("tillthen-theme"));
  if (themes.includes(worn)) wear(worn);

  const save = document.getElementById("save");
  save.hidden = document.getElementById("facts").textContent === "{}"; // an index has none of its own
  save.addEventListener("click", () => {
    const text = document.getElementById("facts").textContent;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "facts.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });

  // The contents stay open beside the page where there is room; above it they are one line until asked for.
  const contents = document.querySelector(".contents");
  const here = document.getElementById("here");
  const narrow = matchMedia("(max-width: 68rem)");
  const fold = () => {
    contents.open = !narrow.matches;
  };
  narrow.addEventListener("change", fold);
  fold();
  const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const sections = [...document.querySelectorAll("main > section")];
  const follow = () => {
    const line = innerHeight / 3;
    const atEnd = innerHeight + scrollY >= root.scrollHeight - 2;
    const current = atEnd ? sections.at(-1) : sections.findLast((each) => each.getBoundingClientRect().top <= line) ?? sections[0];
    for (const [name, link] of links) {
      if (name === current.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    here.textContent = links.get(current.id).textContent;
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      follow();
    });
  }, { passive: true });
  follow();
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && narrow.matches) contents.open = false;
  });

  // A table that scrolls sideways must be within reach of the keyboard; one that fits need not stop it.
  const reach = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
  });
})();
