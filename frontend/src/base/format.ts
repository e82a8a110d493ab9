/** Formats numbers and times. */

const MINUS = "\u2212";

/** With a sign that is as wide as a plus: `+0.31`, `−0.02`. */
export function signed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : (value < 0 ? MINUS : "+") + text;
}

/** `0.314` as `31 %`. */
export function percent(fraction: number, digits = 0): string {
  return `${(100 * fraction).toFixed(digits).replace("-", MINUS)} %`;
}

/** A share as `+22 %`, `−0.4 %`: small shares with one more digit. */
export function signedPercent(share: number): string {
  const text = percent(Math.abs(share), Math.abs(share) < 0.1 ? 1 : 0);
  if (text.startsWith("0.0 ")) return "0 %";
  return (share < 0 ? MINUS : "+") + text;
}

/** Seconds in a suitable unit: `21 s`, `3 min`, `2.5 h`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** `1 group`, `1,204 groups`. */
export function count(number: number, word: string, plural = `${word}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? word : plural}`;
}

/** A time of the API as `23 Nov 2026, 14:05` in the user's time zone. */
export function moment(iso: string): string {
  return new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}
