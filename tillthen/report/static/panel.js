"use strict";
// The explorer's controls, what they say, and their state in the address: #explorer?model=...&from=...&cost.NAME=...
(() => {
  const panel = document.querySelector(".explorer");
  if (!panel) return;
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const coin = { currency: facts.backtest.currency ?? "", digits: Number(panel.dataset.digits) };
  const get = (name) => document.getElementById(name);
  const range = get("step"), threshold = get("threshold"), alerts = get("alerts"), said = get("said");
  const choices = [...panel.querySelectorAll("[name=explored]")];
  const knobs = [...panel.querySelectorAll("[data-input]")];
  const fault = panel.querySelector(".fault");
  const shown = new Map(knobs.map((knob) => [knob.dataset.input, knob.value]));
  const title = (knob) => knob.closest("label").firstChild.textContent.trim();
  const policy = facts.verdict?.policy;

  const models = new Map(choices.map((choice) => {
    const { explorer, policies } = facts.models[choice.value];
    const explored = readings.whole(explorer);
    const declared = readings.declared(explored);
    const operates = (policies ?? []).find(({ name }) => name === policy) ?? {};
    return [choice, { explored, declared, operates, plain: readings.all(explored, declared), start: Number(choice.dataset.start) }];
  }));
  let choice, model, steps, step, changed = {};

  const select = (next) => {
    choice = next;
    choice.checked = true;
    model = models.get(choice);
    range.max = model.explored.points.length - 1;
    panel.querySelector(".operates").style.left = `${(100 * model.start) / range.max}%`;
    price();
    step = model.start;
  };
  const price = () => {
    steps = Object.keys(changed).length ? readings.all(model.explored, { ...model.declared, ...changed }) : model.plain;
  };

  const words = (row) => {
    const from = row.threshold === null ? "Declining nothing" : `Declining from a score of ${numbers.significant(row.threshold)} on`;
    const a = (key, unit) => numbers.inUnit(row[key], unit, coin);
    return `${from}: ${a("alerts_per_day", "count")} alerts a day, precision ${a("precision", "share")}, ` +
      `${a("value_detection_rate", "share")} of the fraud value caught, ${a("insult_rate", "share")} of genuine payments ` +
      `insulted, net cost ${a("cost", "money")}.`;
  };

  const read = (row) => {
    const whatif = steps !== model.plain;
    for (const each of panel.querySelectorAll("[data-measure]")) {
      const { measure, unit, better } = each.dataset;
      const priced = whatif && (measure === "cost" || measure === "savings");
      const before = (priced ? model.plain[step] : model.operates)[measure] ?? null;
      const change = each.querySelector(".change");
      each.querySelector(".now").textContent = numbers.inUnit(row[measure], unit, coin);
      each.classList.toggle("supposed", priced);
      change.className = "change";
      change.textContent = "";
      if (row[measure] === null || before === null) continue;
      const gap = row[measure] - before;
      const side = gap === 0 || !better || "few" in choice.dataset ? "" : (gap < 0) === (better === "lower") ? "good" : "bad";
      const judged = { good: " better", bad: " worse", "": gap === 0 ? "the same" : "" }[side];
      change.textContent = (gap === 0 ? "" : numbers.inUnit(gap, unit, coin, true)) + judged + (priced ? " than declared" : "");
      if (side) change.classList.add(side);
    }
  };

  const place = (group, row) => {
    const [left, right, top, bottom] = group.dataset.frame.split(" ").map(Number);
    const [x0, x1, y0, y1] = group.dataset.limits.split(" ").map(Number);
    const scale = group.dataset.log === "True" ? Math.log : (value) => value;
    const x = row[group.dataset.x];
    const y = group.dataset.y === "cost" ? (row.savings === null ? null : 1 - row.savings) : row[group.dataset.y];
    if (x === null || y === null) return null;
    const along = (scale(Math.max(x, x0)) - scale(x0)) / (scale(x1) - scale(x0));
    const up = (y - y0) / (y1 - y0);
    return [left + along * (right - left), bottom - up * (bottom - top), top, bottom];
  };
  const draw = (row) => {
    for (const group of panel.querySelectorAll(".live")) {
      const at = place(group, row);
      group.setAttribute("class", `live ${choice.dataset.css}`);
      if (at) group.removeAttribute("display");
      else group.setAttribute("display", "none");
      if (!at) continue;
      const height = Math.min(Math.max(at[1], at[2]), at[3]);
      group.querySelector("circle").setAttribute("transform", `translate(${at[0].toFixed(2)} ${height.toFixed(2)})`);
      group.querySelector(".rule").setAttribute("transform", `translate(${at[0].toFixed(2)} 0)`);
      const trace = steps === model.plain || group.dataset.y !== "cost" ? [] : steps.map((each) => place(group, each));
      const path = trace.filter(Boolean).map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
      group.querySelector(".trace").setAttribute("d", path ? `M${path}` : "");
    }
  };

  const suppose = () => {
    const names = knobs.filter(({ dataset }) => dataset.input in changed);
    const parts = names.map((knob) => {
      const unit = knob.nextElementSibling.textContent;
      const said = (value) => (unit === "%" ? `${value}%` : `${value}\u00a0${unit}`);
      return `${title(knob)} ${said(knob.value)}, declared ${said(shown.get(knob.dataset.input))}`;
    });
    get("whatif").hidden = !parts.length;
    get("whatif").textContent = `What if: ${parts.join("; ")}. Net cost and savings are supposed, not measured.`;
    panel.classList.toggle("supposing", parts.length > 0);
  };

  const show = () => {
    const row = steps[step];
    range.value = step;
    range.setAttribute("aria-valuetext", `${row.threshold === null ? "none" : numbers.significant(row.threshold)}, ` +
      `${numbers.inUnit(row.alerts_per_day, "count", coin)} alerts a day`);
    threshold.value = row.threshold === null ? "" : Number(row.threshold.toPrecision(6));
    alerts.value = row.alerts_per_day === null ? "" : Number(row.alerts_per_day.toPrecision(6));
    said.textContent = words(row);
    read(row);
    draw(row);
    suppose();
  };

  let writing;
  const write = () => {
    const state = new URLSearchParams({ model: choice.dataset.name, from: steps[step].threshold ?? "none" });
    for (const [name, value] of Object.entries(changed)) state.set(`cost.${name}`, value);
    history.replaceState(null, "", `#explorer?${state}`);
  };
  const update = () => {
    show();
    clearTimeout(writing);
    writing = setTimeout(write, 100); // a slider that is drawn along would write more often than browsers allow
  };

  const nearest = (from) => {
    const gaps = steps.map((row) => (row.threshold === null ? Infinity : Math.abs(row.threshold - from)));
    return gaps.indexOf(Math.min(...gaps));
  };
  const atMost = (most) => steps.findLastIndex((row) => row.alerts_per_day !== null && row.alerts_per_day <= most);

  const valid = (knob) => {
    const value = Number(knob.value) / Number(knob.dataset.scale);
    const most = knob.max === "" ? Infinity : Number(knob.max);
    return knob.value !== "" && Number.isFinite(value) && Number(knob.value) >= 0 && Number(knob.value) <= most ? value : null;
  };
  const reprice = () => {
    changed = {};
    const wrong = [];
    for (const knob of knobs) {
      const value = valid(knob);
      knob.setAttribute("aria-invalid", value === null);
      if (value === null) wrong.push(knob);
      else if (knob.value !== shown.get(knob.dataset.input)) changed[knob.dataset.input] = value;
    }
    const limits = wrong.map((knob) => `${title(knob)}: expected ` +
      (knob.max === "" ? "0 or more" : `0 to ${knob.max}`));
    fault.hidden = !wrong.length;
    fault.textContent = limits.join("; ") + (wrong.length ? ". The declared cost is used." : "");
    price();
  };

  // Of an address that somebody else wrote only what this page knows is taken.
  const restore = () => {
    if (!location.hash.startsWith("#explorer?")) return false;
    const state = new URLSearchParams(location.hash.slice("#explorer?".length));
    for (const knob of knobs) {
      const value = state.get(`cost.${knob.dataset.input}`);
      const read = value === null || value === "" ? NaN : Number(value) * Number(knob.dataset.scale);
      knob.value = Number.isFinite(read) ? Number(read.toPrecision(12)) : shown.get(knob.dataset.input);
    }
    select(choices.find(({ dataset }) => dataset.name === state.get("model")) ?? choices[0]);
    if (knobs.length) reprice();
    if (Object.keys(changed).length) panel.querySelector(".knobs").open = true;
    const from = state.get("from");
    if (from === "none") step = 0;
    else if (from !== null && from !== "" && Number.isFinite(Number(from))) step = nearest(Number(from));
    show();
    get("explorer").scrollIntoView();
    return true;
  };

  for (const each of choices) {
    each.addEventListener("change", () => {
      select(each);
      update();
    });
  }
  range.addEventListener("input", () => {
    step = Number(range.value);
    update();
  });
  threshold.addEventListener("change", () => {
    step = threshold.value === "" ? 0 : nearest(Number(threshold.value));
    update();
  });
  alerts.addEventListener("change", () => {
    step = Math.max(0, atMost(alerts.value === "" ? 0 : Number(alerts.value)));
    update();
  });
  get("operating").addEventListener("click", () => {
    step = model.start;
    update();
  });
  get("cheapest").addEventListener("click", () => {
    step = readings.cheapest(steps);
    update();
  });
  for (const knob of knobs) {
    knob.addEventListener("input", () => {
      reprice();
      update();
    });
  }
  get("declared")?.addEventListener("click", () => {
    for (const knob of knobs) knob.value = shown.get(knob.dataset.input);
    reprice();
    update();
  });
  addEventListener("hashchange", restore);

  for (const each of panel.querySelectorAll("[hidden]:not(.whatif, .fault, .choices)")) each.hidden = false;
  if (!restore()) {
    select(choices[0]);
    show();
  }
})();
