"use strict";
// Numbers as people read them: what numbers.py and cells.in_unit say, to the letter. Null is "not measured".
const numbers = (() => {
  const MISSING = "–", MINUS = "−", SPACE = "\u00a0";

  // Python rounds a tie to the even digit, JavaScript up. A tie ends in 5 and nothing but zeros after it.
  const tie = (long, digit) => long[digit] === "5" && /^[0]*(e|$)/.test(long.slice(digit + 1));
  const fixed = (value, places) => {
    if (value >= 1e21) return BigInt(value).toString() + (places ? "." + "0".repeat(places) : "");
    const text = value.toFixed(places);
    const long = value.toFixed(100);
    const digit = long.indexOf(".") + 1 + places;
    const before = long[places ? digit - 1 : digit - 2];
    if (!tie(long, digit) || before % 2) return text;
    return places ? long.slice(0, digit) : long.slice(0, digit - 1);
  };
  const scientific = (value, digits) => {
    const long = value.toExponential(100);
    const digit = digits + 1;
    const [, power] = long.split("e");
    if (tie(long, digit) && long[digit - 1] % 2 === 0) return [long.slice(0, digit), Number(power)];
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return [mantissa, Number(exponent)];
  };

  const decimal = (value, places, signed = false) => {
    if (value === null) return MISSING;
    const [whole, rest] = fixed(Math.abs(value), places).split(".");
    const text = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? "." + rest : "");
    if (!/[1-9]/.test(text)) return text;
    return (value < 0 ? MINUS : signed ? "+" : "") + text;
  };

  const significant = (value, digits = 3, signed = false) => {
    if (value === null) return MISSING;
    if (value === 0) return "0";
    const [mantissa, exponent] = scientific(Math.abs(value), digits);
    if (exponent < -5 || exponent > 14) {
      return `${value < 0 ? MINUS : ""}${mantissa}e${String(exponent).replace("-", MINUS)}`;
    }
    return decimal(value, Math.max(0, digits - 1 - exponent), signed);
  };

  const count = (value) => (value === null ? MISSING : decimal(value, Number.isInteger(value) ? 0 : 1));

  const sharePlaces = (value) => {
    if (Math.abs(value) >= 10) return 0;
    const room = Math.min(Math.abs(value), Math.abs(1 - value));
    return room >= 0.1 ? 1 : room >= 0.001 ? 2 : room >= 0.0001 ? 3 : room >= 0.00001 ? 4 : 5;
  };
  const share = (value) => {
    if (value === null) return MISSING;
    return value === 0 || value === 1 ? `${value * 100}%` : decimal(value * 100, sharePlaces(value)) + "%";
  };

  const points = (value) => {
    if (value === null) return MISSING;
    const size = Math.abs(value);
    return decimal(value * 100, size >= 0.1 ? 1 : size >= 0.00005 || value === 0 ? 2 : 4, true) + SPACE + "pp";
  };

  const money = (value, { currency, digits }, signed = false) => {
    if (value === null) return MISSING;
    const major = value / 10 ** digits;
    return `${currency}${SPACE}${decimal(major, Math.abs(major) >= 1000 ? 0 : digits, signed)}`.trim();
  };

  const inUnit = (value, unit, coin, change = false) => {
    if (unit === "money") return money(value, coin, change);
    if (unit === "share") return change ? points(value) : share(value);
    if (unit === "bps") return value === null ? MISSING : decimal(value, 1, change) + SPACE + "bps";
    if (unit === "count" && value !== null && !change) return count(value);
    return significant(value, 3, change);
  };

  return { decimal, significant, count, share, points, money, inUnit };
})();
