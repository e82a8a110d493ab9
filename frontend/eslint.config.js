import tseslint from "typescript-eslint";
import { below } from "./addresses.js";
import { direction } from "./rooms.js";

export default tseslint.config(
  { ignores: ["node_modules", "src/api/parameters.ts", "src/api/schema.d.ts"] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      "no-console": "error",
      eqeqeq: "error",
      // What people wrote becomes text, never markup.
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Build elements with h() of base/dom.ts." },
        { property: "insertAdjacentHTML", message: "Build elements with h() of base/dom.ts." },
      ],
      "no-restricted-globals": ["error", "eval"],
    },
  },
  { plugins: { rooms: { rules: { direction } } }, rules: { "rooms/direction": "error" } },
  {
    files: ["src/**/*.ts"],
    ignores: ["**/*.test.ts"],
    plugins: { addresses: { rules: { below } } },
    rules: { "addresses/below": "error" },
  },
  { files: ["**/*.test.ts"], rules: { "@typescript-eslint/no-empty-function": "off" } },
);
