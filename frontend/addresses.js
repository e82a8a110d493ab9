/**
 * An ESLint rule that keeps the application's addresses below the path at which a proxy serves it: they are written with
 * `at()` of `api/address.ts`, or called through `api`. `here()` says which page is open.
 */

/** How the application's own paths begin. */
const OWN =
  /^\/(account|activity|api|auth|circuits|datasets|embed|glossary|healthz|login|logout|metrics|networks|readyz|s|static|users)(?=[/?#]|$)/;
/** What takes addresses: attributes and calls. */
const TAKERS = new Set(["to", "href", "src", "action", "assign", "replace", "open", "fetch", "EventSource"]);

const nameOf = (node) => node?.name ?? node?.property?.name ?? node?.key?.name ?? node?.key?.value;

/** Whether a text's beginning makes it an address of this application. `rest` follows it, if it is a template. */
function isOwn(text, hasRest, parent) {
  if (OWN.test(text)) return true;
  if (hasRest) return text === "/" || text.startsWith("/?");
  if (text !== "/") return false;
  if (parent.type === "ReturnStatement") return true;
  return TAKERS.has(nameOf(parent.type === "Property" ? parent : parent.callee));
}

function isAllowed(node, parent) {
  if (parent.type === "CallExpression") {
    const { callee } = parent;
    return nameOf(callee) === "at" || callee.object?.name === "api";
  }
  // A table's key, a comparison with `here()`, or a path of the API in a type.
  if (parent.type === "Property") return parent.key === node;
  return ["BinaryExpression", "TSLiteralType", "ImportDeclaration"].includes(parent.type);
}

export const below = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      bare: "Write the address with at() of api/address.ts: a proxy may serve the application below a path.",
      pathname: "Ask here() of api/address.ts for the page: a proxy may serve the application below a path.",
    },
  },
  create(context) {
    function check(node, text, hasRest) {
      if (isOwn(text, hasRest, node.parent) && !isAllowed(node, node.parent)) {
        context.report({ node, messageId: "bare" });
      }
    }

    return {
      Literal: (node) => typeof node.value === "string" && check(node, node.value, false),
      TemplateLiteral: (node) => check(node, node.quasis[0].value.cooked, node.expressions.length > 0),
      MemberExpression(node) {
        const isPath = node.object.name === "location" && node.property.name === "pathname";
        // Added to: the address of the same page with another query.
        const added = node.parent.type === "BinaryExpression" && node.parent.operator === "+";
        if (isPath && !added) context.report({ node, messageId: "pathname" });
      },
    };
  },
};
