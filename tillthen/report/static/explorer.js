"use strict";
// What a step of the explorer reads: the arithmetic of readings.py in the same order, so that both give the same bits.
const readings = (() => {
  const share = (part, whole) => (whole ? part / whole : null);

  // What the facts leave out is what the reader of the facts makes of it.
  const filled = (found, missing) => {
    const kept = Object.entries(found).filter(([, value]) => value !== null);
    return { ...missing, ...Object.fromEntries(kept) };
  };
  const POINT = { threshold: null, flagged: 0, caught: 0, flagged_value: 0, caught_value: 0, bases: [] };
  const EXPLORED = { rows: 0, positives: 0, value: 0, fraud_value: 0, days: 0, inputs: [], components: [], points: [] };
  const whole = (found) => {
    const explored = filled(found, EXPLORED);
    explored.inputs = explored.inputs.map((each) => filled(each, { value: 0 }));
    explored.points = explored.points.map((each) => filled(each, POINT));
    return explored;
  };

  const declared = (explored) => Object.fromEntries(explored.inputs.map(({ name, value }) => [name, value]));

  const cost = (explored, point, inputs) => {
    let total = 0;
    for (const [place, { factors }] of explored.components.entries()) {
      let part = point.bases[place];
      if (part === null) return null;
      for (const { input, complement } of factors ?? []) part *= complement ? 1 - inputs[input] : inputs[input];
      total += part;
    }
    return total;
  };

  const reading = (explored, point, inputs) => {
    const wrong = point.flagged - point.caught;
    const approved = explored.value - point.flagged_value;
    const paid = cost(explored, point, inputs);
    const ends = [explored.points[0], explored.points.at(-1)].map((end) => cost(explored, end, inputs));
    const least = ends.includes(null) ? null : Math.min(...ends);
    return {
      threshold: point.threshold,
      alerts: point.flagged,
      alert_rate: share(point.flagged, explored.rows),
      alerts_per_day: share(point.flagged, explored.days),
      precision: share(point.caught, point.flagged),
      recall: share(point.caught, explored.positives),
      value_detection_rate: share(point.caught_value, explored.fraud_value),
      false_positives_per_true: share(wrong, point.caught),
      insult_rate: share(wrong, explored.rows - explored.positives),
      approval_rate: share(explored.rows - point.flagged, explored.rows),
      approval_rate_value: share(approved, explored.value),
      fraud_bps: share(1e4 * (explored.fraud_value - point.caught_value), approved),
      cost: paid,
      savings: paid === null || !(least > 0) ? null : 1 - paid / least,
    };
  };

  const all = (explored, inputs) => explored.points.map((point) => reading(explored, point, inputs));

  const first = (steps, key) => {
    let best = 0;
    for (const [place, step] of steps.entries()) {
      if (step[key] !== null && (steps[best][key] === null || step[key] < steps[best][key])) best = place;
    }
    return best;
  };
  const cheapest = (steps) => first(steps, "cost");

  return { whole, declared, all, cheapest };
})();
