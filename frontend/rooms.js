/**
 * The rooms of the front end, and an ESLint rule that keeps their imports going one way.
 *
 * A room is a folder of `src`. It imports itself and the rooms of the levels below its own. Rooms of one level do not
 * import each other. `testing` imports every room but `pages`; only tests import it.
 */

import path from "node:path";

/** From the lowest level up. */
export const LEVELS = [
  ["api"],
  ["base"],
  ["account"],
  ["jobs"],
  ["circuit"],
  ["lens", "sharing", "gallery", "library", "create"],
  ["explorer"],
  ["pages"],
];

const levelOf = (room) => LEVELS.findIndex((rooms) => rooms.includes(room));

/** The room that a file lies in: a folder of `src`, or `testing`; null for what is in neither. */
function roomOf(root, file) {
  const [top, room, ...rest] = path.relative(root, file).split(path.sep);
  if (top === "testing") return top;
  return top === "src" && rest.length > 0 ? room : null;
}

/** Why a file may not import another; null where it may. */
function complaint(from, to, isTest) {
  if (to === "testing") {
    return isTest || from === "testing" ? null : "Only tests import testing/.";
  }
  if (from === to || from === null) return null;
  if (levelOf(to) < 0) return `src/${to}/ is no room: give it a level in rooms.js.`;
  if (from === "testing") return null;
  if (levelOf(from) < 0) return `src/${from}/ is no room: give it a level in rooms.js.`;
  if (levelOf(to) < levelOf(from)) return null;
  const how = levelOf(to) === levelOf(from) ? "stand beside each other" : "go the other way";
  return `${from}/ may not import ${to}/: these rooms ${how}. Move what both need to a room below them.`;
}

/** Imports by relative path go down the levels. */
export const direction = {
  meta: { type: "problem", schema: [], messages: { against: "{{text}}" } },
  create(context) {
    const file = context.filename;
    const root = context.cwd;
    const from = roomOf(root, file);
    const isTest = file.endsWith(".test.ts");

    function check(source) {
      if (typeof source?.value !== "string" || !source.value.startsWith(".")) return;
      const to = roomOf(root, path.resolve(path.dirname(file), source.value));
      const text = to === null ? null : complaint(from, to, isTest);
      if (text !== null) context.report({ node: source, messageId: "against", data: { text } });
    }

    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      // `typeof import("…")` in a type, whose shape differs between versions of the parser.
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
    };
  },
};
